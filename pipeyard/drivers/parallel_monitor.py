"""
What the workers of a parallel step use of the machine, now and then.

In:       the workers.
Out:      `logs/sys/perf/<instance>/processes.jsonl`: a line for each look.
Not here: deciding anything by it.
"""

from __future__ import annotations

import json
import os
import time
from typing import Sequence

from . import parallel_task
from .parallel_pool import Worker


class Monitor:
    """Looks at `/proc` at the interval that the task asks for; where there is none, at nothing."""

    def __init__(self, task: parallel_task.Task) -> None:
        """Look first as soon as there are workers."""
        self._task = task
        self._seconds = task.monitor_seconds if os.path.isdir("/proc/self") else 0.0
        self._next = 0.0

    def look(self, workers: Sequence[Worker]) -> None:
        """Write a line for each instance, if it is time for it."""
        now = time.monotonic()
        if self._seconds <= 0 or now < self._next or not workers:
            return
        self._next = now + self._seconds
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        for node in range(self._task.instances):
            used = [_use(one) for one in workers if one.slot // self._task.concurrency == node]
            folder = os.path.join(self._task.logs, "sys", "perf", str(node))
            os.makedirs(folder, exist_ok=True)
            with open(os.path.join(folder, "processes.jsonl"), "a", encoding="utf-8") as file:
                line = {"time": moment, "load": list(os.getloadavg()), "processes": [one for one in used if one]}
                file.write(json.dumps(line) + "\n")


def _use(worker: Worker) -> dict[str, object] | None:
    try:
        with open(f"/proc/{worker.pid}/stat", encoding="utf-8", errors="replace") as file:
            # The name before it may hold anything, blanks and brackets included.
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    ticks = os.sysconf("SC_CLK_TCK")
    return {
        "process": worker.slot,
        "pid": worker.pid,
        "cpu_seconds": (int(fields[11]) + int(fields[12])) / ticks,
        "memory_bytes": int(fields[21]) * os.sysconf("SC_PAGE_SIZE"),
    }
