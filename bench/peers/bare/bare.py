"""Physical floor: topological order, thread pool, one subprocess per step, no records kept."""
import os
import subprocess
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

from common import JOBS, cmd, dag

steps = {s.name: s for s in dag()}
left = {n: len(s.deps) for n, s in steps.items()}
users = {n: [] for n in steps}
for s in steps.values():
    for d in s.deps:
        users[d].append(s.name)


def go(name):
    s = steps[name]
    subprocess.run([os.environ.get("BENCH_SHELL", "/bin/sh"), "-c", cmd(s.ins, s.out)], check=True)
    return name


with ThreadPoolExecutor(JOBS) as pool:
    running = {pool.submit(go, n) for n, k in left.items() if k == 0}
    while running:
        done, running = wait(running, return_when=FIRST_COMPLETED)
        for f in done:
            for u in users[f.result()]:
                left[u] -= 1
                if left[u] == 0:
                    running.add(pool.submit(go, u))
