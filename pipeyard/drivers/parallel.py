"""
The master of a parallel step: hands mini-batches to warm workers until none is left, or too many have failed.

In:       a task file.
Out:      an exit code; rows, logs and progress.
Not here: splitting (`parallel_split.py`), processes (`parallel_pool.py`), running the script (`parallel_worker.py`).

One thread. A worker that dies takes with it the try of the one mini-batch that it worked on;
another process takes its place.
"""

from __future__ import annotations

import collections
import json
import os
import signal
import subprocess
import time
from types import FrameType
from typing import Any

from . import parallel_task, parallel_worker
from .parallel_crew import Crew
from .parallel_monitor import Monitor
from .parallel_pool import Listener, Reader, Worker
from .parallel_report import FOLDER, Counts, Report
from .parallel_result import Results, take_outputs
from .parallel_split import Batch, list_files, row_batch, split_files

# What `append_row_to` writes in an output that is a folder, as Azure calls it.
ROWS_FILE = "parallel_run_step.txt"
_TICK_SECONDS = 0.25
# Shorter mini-batches are handed out one ahead.
_SHORT_SECONDS = 0.5
_INIT_FAILURES_MAX = 3
_CANCELED = 143


class Failure(Exception):
    """The step fails; the message says why."""


class Canceled(Exception):
    """Somebody asked the step to end."""


def main(arguments: list[str], program: str) -> int:
    """Run a task; *program* is the file that starts us, for workers to be started by it too."""
    task = parallel_task.read_task(arguments[0])
    signal.signal(signal.SIGTERM, _cancel)
    report = Report(task)
    master = _Master(task, report, program)
    try:
        master.run()
    except Failure as failure:
        report.update(master.counts, "failed", str(failure))
        report.say(f"failed: {failure}")
        return 1
    except Canceled:
        report.update(master.counts, "canceled")
        report.say("canceled")
        return _CANCELED
    finally:
        master.close()
        report.close()
    return 0


def _cancel(_number: int, _frame: FrameType | None) -> None:
    raise Canceled


class _Master:
    def __init__(self, task: parallel_task.Task, report: Report, program: str) -> None:
        self._task = task
        self._report = report
        self._program = program
        self.counts = Counts()
        earlier = task.earlier or {}
        self._results = Results(report.folder, os.path.join(earlier["logs"], FOLDER) if earlier else None)
        self._monitor = Monitor(task)
        self._listener = Listener()
        self._workers: list[Worker] = []
        self._crew = report.crew = Crew(task, self._workers)
        # What nobody works on: those to be tried again first.
        self._again: collections.deque[Batch] = collections.deque()
        self._waiting: collections.deque[Batch] = collections.deque()
        self._reader: Reader | None = None
        self._init_failures = 0
        self._was_ready = False
        self._last_progress = time.monotonic()
        self._batch_seconds = 0.0
        self._is_appended = False

    # --- the whole -------------------------------------------------------------------------------

    def run(self) -> None:
        for name in self._task.without_effect:
            self._report.say(f"`--{name}` has no effect here")
        if self._task.earlier:
            take_outputs(self._task.earlier.get("outputs") or {}, self._task.outputs, self._append_place())
        self._begin()
        self._start_workers()
        while not self._is_over():
            for who in self._listener.wait(_TICK_SECONDS):
                if isinstance(who, Worker):
                    self._hear(who)
                else:
                    self._read_table(who)
            self._look_at_clocks()
            self._hand_out()
            self._report.update(self.counts)
            self._monitor.look(self._workers)
        self._finish()

    def close(self) -> None:
        """End what is left of the processes; keep what is needed to go on later."""
        for worker in self._workers:
            worker.kill("the step ends")
            worker.close()
        if self._reader is not None:
            self._reader.close()
        try:
            if not self._is_appended:
                self._append()
        finally:
            is_whole = self._is_appended and self.counts.total is not None and not self.counts.failed
            self._results.close(is_needed=not (is_whole and self.counts.done == self.counts.total))

    def _begin(self) -> None:
        """Find out what there is to do."""
        if self._task.input.get("table") is not None:
            self._reader = Reader(self._task, self._program)
            self._listener.add(self._reader.descriptor, self._reader)
            return
        place = self._task.input["path"]
        names = self._task.input.get("files")
        names = list_files(place) if names is None else names
        with open(parallel_worker.files_file(self._task), "w", encoding="utf-8") as file:
            json.dump(names, file)
        if self._task.mini_batch_bytes is not None or self._task.partition_keys:
            raise Failure("the input is a list of files: they are split by their number, not by size or partition keys")
        for batch in split_files(names, self._task.mini_batch_files or 1):
            self._add(batch)
        self.counts.total = self.counts.ended + len(self._waiting)

    def _add(self, batch: Batch) -> None:
        self.counts.items_total += batch.items
        if self._results.taken(batch):
            self.counts.done += 1
            self.counts.taken += 1
            self.counts.items_done += batch.items
            self.counts.items_taken += batch.items
        else:
            self._waiting.append(batch)

    def _is_over(self) -> bool:
        return self.counts.total is not None and self.counts.ended >= self.counts.total

    def _finish(self) -> None:
        self._append()
        self._shut_down()
        failed, total = self.counts.failed, self.counts.total or 0
        if total and 100.0 * failed / total > self._task.allowed_failed_percent:
            raise Failure(
                f"{failed} of {total} mini-batches failed, more than {self._task.allowed_failed_percent:g} percent"
            )
        self._report.update(self.counts, "completed")
        with open(os.path.join(self._task.logs, "job_result.txt"), "a", encoding="utf-8") as file:
            file.write(self._report.line(self.counts) + "\n")

    def _append_place(self) -> str | None:
        place = self._task.append_to
        return os.path.join(place, ROWS_FILE) if place is not None and os.path.isdir(place) else place

    def _append(self) -> None:
        self._is_appended = True
        place = self._append_place()
        if place is not None:
            rows = self._results.append_to(place)
            self._report.log("INFO", f"{rows} rows in {place}")

    # --- workers ---------------------------------------------------------------------------------

    def _start_workers(self) -> None:
        left = len(self._waiting) if self._reader is None else self._task.worker_count
        for slot in range(min(self._task.worker_count, left)):
            self._start(slot)

    def _start(self, slot: int) -> None:
        worker = Worker(self._task, slot, self._program)
        self._workers.append(worker)
        self._crew.begins(slot)
        self._listener.add(worker.answers, worker)
        self.counts.workers = len(self._workers)
        self._report.log("DEBUG", f"worker {slot} is process {worker.pid}")

    def _shut_down(self) -> None:
        """Let the workers end by themselves: `shutdown` of the script belongs to them."""
        for worker in self._workers:
            worker.let_go()
        end = time.monotonic() + self._task.timeout_seconds
        for worker in self._workers:
            try:
                worker.process.wait(timeout=max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._report.say(f"worker {worker.slot} did not shut down in time and was ended")
                worker.kill("it did not shut down in time")
            if worker.why_ended is None and worker.process.returncode:
                self._report.say(f"worker {worker.slot} failed while it shut down: see its log")
            worker.close()
        self._workers.clear()

    def _hear(self, worker: Worker) -> None:
        messages = worker.messages()
        if messages is None:
            self._bury(worker)
            return
        for message in messages:
            if "done" in message or "failed" in message:
                self._end_batch(worker, message, is_failure="failed" in message)
            elif "begin" in message:
                worker.deadline = time.monotonic() + self._task.timeout_seconds
            elif "ready" in message:
                worker.is_ready = self._was_ready = True
                worker.printed = message["printed"] or worker.printed
                self._init_failures = 0
            elif "init_failed" in message:
                self._init_failures += 1
                worker.why_ended = message["init_failed"]
                self._report.log("WARNING", message["trace"])

    def _bury(self, worker: Worker) -> None:
        """Take back what a dead worker had, and put another in its place if there is work."""
        self._listener.drop(worker.answers)
        self._workers.remove(worker)
        was_ready, why = worker.is_ready, worker.close()
        if worker.batches and was_ready:
            batch = worker.batches.popleft()
            self._crew.tried(worker, batch.items, time.monotonic() - worker.begun_at, is_done=False)
            self._fail(worker, batch, {"error": why})
        self._again.extendleft(reversed(worker.batches))
        if not was_ready:
            self._report.say(f"worker {worker.slot} did not start: {why}")
            if worker.why_ended is None:
                self._init_failures += 1
            if self._init_failures >= (_INIT_FAILURES_MAX if self._was_ready else min(2, self._task.worker_count)):
                raise Failure(f"the entry script did not start: {why}")
        else:
            self._report.log("WARNING", f"worker {worker.slot}: {why}")
        if not self._is_over():
            self._start(worker.slot)
        self.counts.workers = len(self._workers)

    def _hand_out(self) -> None:
        for depth in (1, 2):
            for worker in self._workers:
                if not worker.is_ready or len(worker.batches) >= depth:
                    continue
                if depth > 1 and not self._may_run_ahead():
                    return
                batch = self._next()
                if batch is None:
                    return
                if self._report.work_began is None:
                    self._report.work_began = time.monotonic()
                if not worker.batches:
                    self._set_clock(worker, batch)
                worker.give(batch)

    def _may_run_ahead(self) -> bool:
        """Return whether one may wait behind another: not if that could keep it from an idle worker for long."""
        left = len(self._waiting) + len(self._again)
        return 0 < self._batch_seconds < _SHORT_SECONDS and left > 2 * len(self._workers)

    def _next(self) -> Batch | None:
        queue = self._again or self._waiting
        return queue.popleft() if queue else None

    def _set_clock(self, worker: Worker, batch: Batch) -> None:
        worker.begun_at = time.monotonic()
        # Rows are loaded first, which has a limit of its own; `begin` then sets the clock again.
        limit = self._task.overhead_seconds if "rows" in batch.value else self._task.timeout_seconds
        worker.deadline = worker.begun_at + limit

    # --- mini-batches ----------------------------------------------------------------------------

    def _end_batch(self, worker: Worker, message: dict[str, Any], *, is_failure: bool) -> None:
        batch = worker.batches.popleft()
        now = time.monotonic()
        taken = now - worker.begun_at
        self._batch_seconds = taken if not self._batch_seconds else 0.8 * self._batch_seconds + 0.2 * taken
        worker.deadline = None
        self._crew.tried(worker, batch.items, taken, is_done=not is_failure)
        if is_failure:
            self._fail(worker, batch, message)
        worker.printed = message["printed"] or worker.printed
        if worker.batches:
            self._set_clock(worker, worker.batches[0])
        if is_failure:
            return
        self._last_progress = now
        self._report.last_result_ms = int(time.time() * 1000)
        self._results.keep(batch, message["rows"], message["text"], is_complete=True)
        self.counts.done += 1
        self.counts.items_done += batch.items

    def _fail(self, worker: Worker, batch: Batch, message: dict[str, Any]) -> None:
        """Try a mini-batch again, or give it up; *message*: what its worker said, or what was found out about that."""
        error, trace = message["error"], message.get("trace", "")
        batch.tries += 1
        batch.error = error
        self._crew.note_try(worker, batch, error, trace, message.get("printed"))
        self._report.log("WARNING", f"{batch.label}, try {batch.tries}: {error}\n{trace}".rstrip())
        if batch.tries <= self._task.max_retries:
            self.counts.retries += 1
            self._again.append(batch)
            return
        self._last_progress = time.monotonic()
        self._report.last_result_ms = int(time.time() * 1000)
        lost = batch.items
        if "text" in message:
            # Fewer rows than items, and no error: those that there are count.
            self._results.keep(batch, message["rows"], message["text"], is_complete=False)
            lost = batch.items - message["rows"]
        self.counts.failed += 1
        self.counts.items_failed += lost
        self.counts.items_done += batch.items - lost
        self._report.add_failed(batch, trace)
        self._report.say(f"{batch.label} failed after {batch.tries} tries: {error.splitlines()[-1] if error else ''}")
        self._check_thresholds()

    def _check_thresholds(self) -> None:
        task, counts = self._task, self.counts
        if 0 <= task.batch_threshold < counts.failed:
            raise Failure(f"{counts.failed} mini-batches failed, and {task.batch_threshold} may")
        if 0 <= task.item_threshold < counts.items_failed:
            raise Failure(f"{counts.items_failed} items failed, and {task.item_threshold} may")
        if counts.total and 100.0 * counts.failed / counts.total > task.allowed_failed_percent:
            raise Failure(
                f"{counts.failed} of {counts.total} mini-batches failed, "
                f"more than {task.allowed_failed_percent:g} percent"
            )

    def _look_at_clocks(self) -> None:
        now = time.monotonic()
        for worker in self._workers:
            if worker.deadline is not None and now > worker.deadline:
                worker.deadline = None
                worker.kill(f"it took longer than {now - worker.begun_at:.0f} seconds")
        self._results.flush()
        limit = self._task.progress_seconds
        if limit is not None and now - self._last_progress > limit:
            raise Failure(f"no mini-batch has ended for {limit:g} seconds (`--progress_update_timeout`)")
        first = self._task.first_task_seconds
        if self._reader is not None and not self._reader.has_begun and now - self._reader.begun_at > first:
            raise Failure(
                f"the first mini-batch was not there after {first:g} seconds (`--first_task_creation_timeout`)"
            )

    # --- tables ----------------------------------------------------------------------------------

    def _read_table(self, reader: Reader) -> None:
        for message in reader.messages():
            if "error" in message:
                raise Failure(message["error"])
            if "total" in message:
                self.counts.total = message["total"]
            else:
                self._add(row_batch(message))
        if reader.has_ended:
            self._listener.drop(reader.descriptor)
            reader.close()
            self._reader = None
            if self.counts.total is None:
                raise Failure("the process that reads the table died; memory may have run out")
