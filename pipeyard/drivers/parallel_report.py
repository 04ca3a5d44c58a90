"""
What people and programs see of a parallel step while it runs, and afterwards.

In:       counts and events of the master.
Out:      lines on standard output, `logs/parallel/progress.json` (replaced as a whole), and Azure's log files.
Not here: the counting itself (`parallel.py`), who works (`parallel_crew.py`).
"""

from __future__ import annotations

import json
import os
import time
from typing import Any

from . import parallel_task
from .parallel_crew import Crew
from .parallel_split import Batch

FOLDER = "parallel"
PROGRESS = "progress.json"
# How often what is said: the file, and the line.
_FILE_SECONDS = 0.5
_LINE_SECONDS = 5.0
# With nothing new to say but the time.
_IDLE_SECONDS = 60.0
_FAILED_KEPT = 1000
_NAMES_KEPT = 20
_LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30}


class Counts:
    """How far the work is."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.total: int | None = None
        self.done = 0
        self.failed = 0
        # Of those done, the ones whose rows come from an earlier run.
        self.taken = 0
        self.retries = 0
        self.items_total = 0
        self.items_done = 0
        self.items_failed = 0
        self.items_taken = 0
        self.workers = 0

    @property
    def ended(self) -> int:
        """Return how many mini-batches need no more work."""
        return self.done + self.failed


class Report:
    """Writes all of it."""

    def __init__(self, task: parallel_task.Task) -> None:
        """Make the folders."""
        self._task = task
        self.folder = os.path.join(task.logs, FOLDER)
        os.makedirs(self.folder, exist_ok=True)
        os.makedirs(os.path.join(task.logs, "sys"), exist_ok=True)
        self._began = time.monotonic()
        self._began_ms = int(time.time() * 1000)
        # When the first mini-batch was handed out: starting workers is no part of the rate.
        self.work_began: float | None = None
        # When the last mini-batch ended, for good; UTC milliseconds.
        self.last_result_ms: int | None = None
        self._file_at = 0.0
        self._line_at = time.monotonic()
        self._shown = ""
        self._ended_shown = 0
        self._failed: list[dict[str, Any]] = []
        # Who works; there is none before the work begins.
        self.crew: Crew | None = None
        self._level = _LEVELS.get(task.logging_level, 20)
        self._log_file = open(os.path.join(task.logs, "sys", "master.txt"), "a", encoding="utf-8", errors="replace")

    def log(self, level: str, text: str) -> None:
        """Write a line to the master's own log."""
        if _LEVELS[level] >= self._level:
            moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            self._log_file.write(f"{moment} {level} {text}\n")
            self._log_file.flush()

    def say(self, text: str) -> None:
        """Tell people, on standard output, and the log."""
        print(f"parallel: {text}", flush=True)
        self.log("INFO", text)

    def add_failed(self, batch: Batch, trace: str) -> None:
        """Remember a mini-batch that failed for good."""
        if len(self._failed) < _FAILED_KEPT:
            names = [name for name in batch.names[:_NAMES_KEPT] if name]
            log = None if self.crew is None else self.crew.write_failed(self.folder, batch)
            self._failed.append(
                {
                    "index": batch.index,
                    "items": batch.items,
                    "files": names,
                    "partition": batch.context,
                    "tries": batch.tries,
                    "error": batch.error[:2000],
                    "log": log,
                }
            )
        with open(os.path.join(self._task.logs, "job_error.txt"), "a", encoding="utf-8", errors="replace") as file:
            file.write(f"{batch.label} failed after {batch.tries} tries: {batch.error}\n{trace}\n")

    def update(self, counts: Counts, state: str = "running", message: str | None = None) -> None:
        """Write progress if it is time for it; the end of the work is always written."""
        now = time.monotonic()
        if state != "running" or now - self._file_at >= _FILE_SECONDS:
            self._file_at = now
            self._write(counts, state, message)
        wait = _LINE_SECONDS if counts.ended != self._ended_shown else _IDLE_SECONDS
        if state != "running" or now - self._line_at >= wait:
            self._line_at, self._ended_shown = now, counts.ended
            self._tell(counts)

    def close(self) -> None:
        """Close the log."""
        self._log_file.close()

    def line(self, counts: Counts) -> str:
        """Return progress in one line for people."""
        rate, left = self._rate(counts), self._left(counts)
        total = "?" if counts.total is None else str(counts.total)
        parts = [f"{counts.ended}/{total} mini-batches"]
        if rate is not None:
            parts.append(f"{rate:.1f} items/s")
        if left is not None and counts.ended != counts.total:
            parts.append(f"{_time_text(left)} left")
        if counts.failed:
            parts.append(f"{counts.failed} failed")
        if counts.retries:
            parts.append(f"{counts.retries} retries")
        if counts.taken:
            parts.append(f"{counts.taken} taken over")
        return ", ".join(parts)

    def _tell(self, counts: Counts) -> None:
        line = self.line(counts)
        if line == self._shown:
            return
        self._shown = line
        print(f"parallel: {line}", flush=True)
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        place = os.path.join(self._task.logs, "job_progress_overview.0.txt")
        with open(place, "a", encoding="utf-8") as file:
            file.write(f"{moment} {line}\n")

    def _write(self, counts: Counts, state: str, message: str | None) -> None:
        rate, left = self._rate(counts), self._left(counts)
        value = {
            "format": 1,
            "state": state,
            "message": message,
            "started_at_ms": self._began_ms,
            "last_result_at_ms": self.last_result_ms,
            "updated_at_ms": int(time.time() * 1000),
            "mini_batches": {
                "total": counts.total,
                "done": counts.done,
                "failed": counts.failed,
                "taken": counts.taken,
                "retries": counts.retries,
            },
            "items": {"total": counts.items_total, "done": counts.items_done, "failed": counts.items_failed},
            "items_per_second": None if rate is None else round(rate, 3),
            "seconds_left": None if left is None else round(left, 1),
            "workers": counts.workers,
            "crew": [] if self.crew is None else self.crew.rows(),
            "failed": self._failed,
        }
        place = os.path.join(self.folder, PROGRESS)
        with open(place + ".new", "w", encoding="utf-8") as file:
            json.dump(value, file)
        os.replace(place + ".new", place)

    def _rate(self, counts: Counts) -> float | None:
        if self.work_began is None:
            return None
        seconds = time.monotonic() - self.work_began
        worked = counts.items_done + counts.items_failed - counts.items_taken
        return worked / seconds if seconds > 0 and worked > 0 else None

    def _left(self, counts: Counts) -> float | None:
        if self.work_began is None or counts.total is None or counts.ended <= counts.taken:
            return None
        each = (time.monotonic() - self.work_began) / (counts.ended - counts.taken)
        return each * (counts.total - counts.ended)


def _time_text(seconds: float) -> str:
    whole = int(seconds + 0.5)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
