#!/usr/bin/env python3
"""
A parallel step beside `multiprocessing.Pool`: 10,000 items of 2 ms CPU each, 10 in a mini-batch, two workers.

  bench/parallel.py [--items N] [--times N]

Both do the same work with the same function in the same run, in turn, and both give every result back to the process
that handed it out. What counts is the time from the beginning of the first item to the last result; start-up,
from the start of the program to its first item, is stated apart. Wanted: at least 0.9 of the pool's speed.
Nothing here ever fails because of a time.
"""

import argparse
import json
import multiprocessing
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
DRIVERS = TOP / "pipeyard" / "drivers"
WORKERS = 2
BATCH = 10
WANTED = 0.9

# What each item costs. The same text is imported by the pool and is the step's entry script.
WORK = """
import os, time

def work(path):
    end = time.process_time() + 0.002
    while time.process_time() < end:
        pass
    return "done " + os.path.basename(path)

def begun():
    place = os.environ["BENCH_BEGUN"]
    if not os.path.exists(place):
        with open(place + str(os.getpid()), "w") as file:
            file.write(repr(time.time()))
        os.replace(place + str(os.getpid()), place)

def init():
    global is_first
    is_first = True

def run(mini_batch):
    global is_first
    if is_first:
        begun()
        is_first = False
    return [work(path) for path in mini_batch]
"""

POOL = """
import multiprocessing, os, sys, time
sys.path.insert(0, sys.argv[1])
import score
if __name__ == "__main__":
    names = sorted(os.listdir(sys.argv[2]))
    items = [os.path.join(sys.argv[2], name) for name in names]
    size = int(sys.argv[3])
    batches = [items[at:at + size] for at in range(0, len(items), size)]
    with multiprocessing.get_context("fork").Pool(int(sys.argv[4]), initializer=score.init) as pool:
        results = [row for rows in pool.imap(score.run, batches) for row in rows]
    print(time.time())
    assert len(results) == len(items)
"""


class Folder:
    def __init__(self, root: Path, count: int):
        self.root, self.count = root, count
        self.data, self.wd = root / "data", root / "wd"
        for folder in (self.data, self.wd, root / "driver" / "pipeyard_drivers", root / "outputs"):
            folder.mkdir(parents=True)
        for number in range(count):
            (self.data / f"{number:05d}").touch()
        for file in DRIVERS.glob("*.py"):
            shutil.copy(file, root / "driver" / "pipeyard_drivers")
        shutil.copy(DRIVERS / "run.py", root / "driver")
        (self.wd / "score.py").write_text(WORK)
        (root / "pool.py").write_text(POOL)
        self.begun = root / "begun"
        task = {
            "root": str(root), "working_dir": str(self.wd), "entry_script": "score.py",
            "input": {"name": "d", "path": str(self.data), "files": None, "table": None},
            "append_to": str(root / "outputs" / "rows"), "mini_batch_files": BATCH, "instances": 1,
            "concurrency": WORKERS, "max_retries": 2, "timeout_seconds": 60,
        }  # fmt: skip
        (root / "driver" / "task.json").write_text(json.dumps(task))

    def ours(self) -> tuple[float, float, float]:
        argv = [sys.executable, str(self.root / "driver/run.py"), "parallel", str(self.root / "driver/task.json")]
        began, _ = self.timed(argv)
        # When the last mini-batch was there: the file of rows, and the end of the workers, come after it.
        last = json.loads((self.wd / "logs/parallel/progress.json").read_text())
        first = float(self.begun.read_text())
        rows = (self.root / "outputs" / "rows").read_text().splitlines()
        assert len(rows) == self.count, len(rows)
        assert last["mini_batches"]["done"] == self.count // BATCH
        return last["last_result_at_ms"] / 1000 - first, first - began, self.cpu

    def pool(self) -> tuple[float, float, float]:
        argv = [sys.executable, str(self.root / "pool.py"), str(self.wd), str(self.data), str(BATCH), str(WORKERS)]
        began, said = self.timed(argv)
        first = float(self.begun.read_text())
        return float(said) - first, first - began, self.cpu

    def timed(self, argv: list[str]) -> tuple[float, str]:
        self.begun.unlink(missing_ok=True)
        began, used = time.time(), resource.getrusage(resource.RUSAGE_CHILDREN)
        env = dict(os.environ, BENCH_BEGUN=str(self.begun))
        done = subprocess.run(argv, cwd=self.wd, env=env, check=True, capture_output=True, text=True)
        now = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
        return began, done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Folder(Path(scratch) / "step", arguments.items)
        ours, pool = [], []
        for _ in range(arguments.times):
            ours.append(folder.ours())
            pool.append(folder.pool())
    ratio = statistics.median(bare[0] / own[0] for own, bare in zip(ours, pool))
    print(
        f"parallel: {arguments.items} items of 2 ms, {BATCH} in a mini-batch, {WORKERS} workers, {multiprocessing.cpu_count()} CPUs"
    )
    for name, measured in (("parallel step", ours), ("Pool", pool)):
        seconds, start, cpu = (statistics.median(one[place] for one in measured) for place in range(3))
        print(f"  {name:14} {seconds:6.2f} s, start-up {start:.2f} s, {cpu:.2f} CPU seconds in all")
    said = "as wanted" if ratio >= WANTED else f"wanted: {WANTED}"
    print(f"  speed of the step beside the pool: {ratio:.2f} ({said})")


if __name__ == "__main__":
    main()
