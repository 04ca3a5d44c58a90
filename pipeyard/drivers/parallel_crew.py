"""
What each worker of a parallel step has done, and what it printed while a mini-batch failed.

In:       tries as they end.
Out:      plain rows for the progress file; `logs/parallel/failed/<index>.txt` for what failed for good.
Not here: the processes (`parallel_pool.py`), what a failure means (`parallel.py`).

A worker is a place here: a process that takes another one's place goes on with its numbers and its log.
"""

from __future__ import annotations

import collections
import os
import time
from typing import Any

from . import parallel_task
from .parallel_pool import Worker, log_places
from .parallel_split import Batch

FAILED = "failed"
# Of each try: the end of what was printed, on either stream.
_PRINTED_KEPT = 16 << 10
_TRIES_KEPT = 5


class _Place:
    def __init__(self) -> None:
        self.starts = 0
        self.done = 0
        self.failed = 0
        self.items = 0
        self.busy_seconds = 0.0


class Crew:
    """All places for workers."""

    def __init__(self, task: parallel_task.Task, workers: list[Worker]) -> None:
        """Watch *workers*, which the master changes."""
        self._task = task
        self._workers = workers
        self._places: dict[int, _Place] = {}

    def begins(self, slot: int) -> None:
        """Count that a process has taken a place."""
        self._places.setdefault(slot, _Place()).starts += 1

    def tried(self, worker: Worker, items: int, seconds: float, *, is_done: bool) -> None:
        """Count a try that has ended."""
        place = self._places[worker.slot]
        place.busy_seconds += seconds
        if is_done:
            place.done += 1
            place.items += items
        else:
            place.failed += 1

    def rows(self) -> list[dict[str, Any]]:
        """Return how each is, in their order."""
        now, by_slot = time.monotonic(), {worker.slot: worker for worker in self._workers}
        return [self._row(slot, by_slot.get(slot), now) for slot in sorted(self._places)]

    def _row(self, slot: int, worker: Worker | None, now: float) -> dict[str, Any]:
        place = self._places[slot]
        instance, process = divmod(slot, self._task.concurrency)
        batch = worker.batches[0] if worker is not None and worker.batches else None
        out, error = (os.path.relpath(path, self._task.working_dir) for path in log_places(self._task, slot))
        return {
            "worker": slot,
            "instance": instance,
            "process": process,
            "pid": None if worker is None else worker.pid,
            "state": _state(worker),
            "mini_batch": None if batch is None else batch.index,
            # How long it has been working on that.
            "seconds": None if worker is None or batch is None else round(max(0.0, now - worker.begun_at), 1),
            "done": place.done,
            # Tries of its own that failed, also where a later one did not.
            "failed": place.failed,
            "items": place.items,
            "busy_seconds": round(place.busy_seconds, 1),
            # Processes that took the place of one that ended.
            "restarts": place.starts - 1,
            "log": out,
            "error_log": error,
        }

    def note_try(self, worker: Worker, batch: Batch, error: str, trace: str, printed: list[int] | None) -> None:
        """Remember with a mini-batch how a try of it failed; *printed*: where its output ended, if its worker said."""
        instance, process = divmod(worker.slot, self._task.concurrency)
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        seconds = time.monotonic() - worker.begun_at
        parts = [
            f"try {batch.tries}, instance {instance}, process {process}, ended {moment} after {seconds:.1f} s",
            trace.rstrip() or error,
        ]
        for name, path, start, stop in zip(
            ("output", "errors"), log_places(self._task, worker.slot), worker.printed, printed or (None, None)
        ):
            text = _part(path, start, stop)
            if text:
                parts.append(f"--- standard {name} ---\n{text.rstrip()}")
        if batch.log is None:
            batch.log = collections.deque(maxlen=_TRIES_KEPT)
        batch.log.append("\n".join(parts))

    def write_failed(self, folder: str, batch: Batch) -> str:
        """Write how all tries of a mini-batch failed; return where, from the working folder."""
        path = os.path.join(folder, FAILED, f"{batch.index}.txt")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", errors="replace") as file:
            file.write(f"{batch.label}\n\n" + "\n\n".join(batch.log or ()) + "\n")
        return os.path.relpath(path, self._task.working_dir)


def _state(worker: Worker | None) -> str:
    if worker is None:
        return "ended"
    if not worker.is_ready:
        return "starting"
    return "working" if worker.batches else "idle"


def _part(path: str, start: int, stop: int | None) -> str:
    """Return what stands between two places of a file, of much only the end."""
    try:
        with open(path, "rb") as file:
            stop = os.fstat(file.fileno()).st_size if stop is None else stop
            first = max(start, stop - _PRINTED_KEPT)
            file.seek(first)
            text = file.read(max(0, stop - first)).decode("utf-8", "replace")
    except OSError:
        return ""
    return f"... ({first - start} bytes before this)\n{text}" if first > start else text
