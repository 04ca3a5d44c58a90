#!/usr/bin/env python3
"""
Many jobs at once: how long, and how often a slot stood empty while a step could have had it.

  crowd.py HOME [JOBS] [STEPS] [SLOTS]

Chains of steps, all submitted to the running server of HOME over HTTP. A step could run from the moment in which
what it reads was stored (the first of a chain: in which its job was); it has its slot from the moment its process
began (steps are ordered before that, see decisions/0020) until it has ended. Prints one JSON object.
"""

import http.client
import json
import sqlite3
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

JOBS_ADDRESS = "/api/v1/workspaces/default/jobs"


class Server:
    def __init__(self, home: Path):
        self.port = json.loads((home / "server.json").read_text())["port"]
        self.headers = {"Authorization": f"Bearer {(home / 'token').read_text().strip()}"}

    def ask(self, method: str, path: str, body: object = None) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), self.headers)
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        if answer.status >= 300:
            sys.exit(f"crowd: {method} {path}: {answer.status} {data.decode(errors='replace')}")
        return data


def chain(number: int, steps: int, compute: str) -> dict:
    jobs = {}
    for place in range(steps):
        reads = place > 0
        jobs[f"s{place:03d}"] = {
            "type": "command",
            "environment": "local",
            "compute": compute,
            "command": "cat ${{inputs.i}}/x > ${{outputs.o}}/x" if reads else "echo data > ${{outputs.o}}/x",
            "inputs": {"i": f"${{{{parent.jobs.s{place - 1:03d}.outputs.o}}}}"} if reads else {},
            "outputs": {"o": {"type": "uri_folder"}},
            # Equal steps would wait for each other.
            "environment_variables": {"CROWD": f"{time.time_ns()}-{number}"},
        }
    return {"type": "pipeline", "jobs": jobs}


def run(home: Path, jobs: int, steps: int, slots: int, compute: str = "azureml:bench") -> dict:
    server = Server(home)
    began = time.perf_counter()

    def one(number: int) -> str:
        body = {"document": chain(number, steps, compute), "user": "bench"}
        return json.loads(server.ask("POST", JOBS_ADDRESS, body))["name"]

    with ThreadPoolExecutor(8) as threads:
        names = list(threads.map(one, range(jobs)))
    submitted = time.perf_counter() - began
    for name in names:
        server.ask("GET", f"{JOBS_ADDRESS}/{name}/stream?logs=false")
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "submit_seconds": submitted, **emptiness(home, names, slots)}


def emptiness(home: Path, names: list[str], slots: int) -> dict:
    """Return the share of all slot time in which a slot was empty while a step could have had it."""
    changes: list[tuple[int, int, int]] = []
    with sqlite3.connect(f"file:{home / 'pipeyard.db'}?mode=ro", uri=True) as database:
        for name in names:
            ready_at = None
            rows = database.execute("SELECT kind, at_ms FROM events WHERE root_name = ? ORDER BY seq", (name,))
            for kind, at_ms in rows:
                if kind in ("JobSubmitted", "OutputsStored"):
                    ready_at = at_ms
                elif kind == "AttemptStarted" and ready_at is not None:
                    changes += [(ready_at, 1, 0), (at_ms, -1, 1)]
                elif kind == "AttemptExited":
                    changes.append((at_ms, 0, -1))
    changes.sort()
    ready = used = empty_ms = 0
    before = changes[0][0]
    for at_ms, more_ready, more_used in changes:
        empty_ms += (at_ms - before) * min(max(slots - used, 0), ready)
        before, ready, used = at_ms, ready + more_ready, used + more_used
    span_ms = changes[-1][0] - changes[0][0]
    return {"empty_share": empty_ms / (span_ms * slots) if span_ms else 0.0}


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[2:5]] + [100, 20, 2][len(sys.argv[2:5]) :]
    print(json.dumps(run(Path(sys.argv[1]), *numbers)))
