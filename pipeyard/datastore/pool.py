"""
The worker processes, so that reading gigabytes never holds up the server.

In:       a top-level function of `worker.py` and its arguments.
Out:      what it returns.
Not here: what is done there; how a worker comes to be (`template.py`).

Each worker has a pipe of its own, and whoever calls speaks to it directly. The standard
library's pool hands each call through two threads and two queues, which for a small
output costs more than storing it.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from pickle import PicklingError
from typing import Any, ParamSpec, TypeVar

from pipeyard.datastore.template import Template, shared_template
from pipeyard.datastore.worker_process import DONE, READY, UNREADABLE
from pipeyard.model.errors import NoWorkers, StoreError

P = ParamSpec("P")
R = TypeVar("R")

# One can hash while the other waits for the disk; more would take the steps' CPUs.
WORKERS_MAX = 2
# The second by whichever worker is there, the third by a new one.
_TRIES = 3


class WorkerPool:
    """At most two worker processes, started when there is work. May be used by several threads."""

    def __init__(self, workers_max: int = WORKERS_MAX, template: Template | None = None) -> None:
        """Start nothing yet; without a *template* of its own it shares the process's."""
        self._workers_max = workers_max
        self._template = template or shared_template()
        self._changed = threading.Condition()
        self._idle: list[_Worker] = []
        # Working or idle.
        self._count = 0
        self._all: set[_Worker] = set()
        self._is_closed = False

    def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """
        Return what the function returns, or raise what it raises.

        If a worker is killed meanwhile, the call is made again by another one: so only
        functions belong here that may be repeated. `StoreError` with code `worker-killed`
        when that happens each time, `NoWorkers` when there is nobody to do the work.
        """
        for number in range(1, _TRIES + 1):
            try:
                return self._call(function, args, kwargs, is_new_wanted=number == _TRIES)
            except _WorkerGone as problem:  # noqa: PERF203 (few tries)
                gone = problem
        raise StoreError(
            f"the worker process that reads and writes files was killed {_TRIES} times at the same work ({gone})",
            code="worker-killed",
            hint="if the machine is short of memory, the system's log says so (`dmesg`); let fewer steps run at once",
            may_retry=True,
        ) from gone

    def _call(
        self, function: Callable[..., R], args: tuple[Any, ...], kwargs: dict[str, Any], *, is_new_wanted: bool
    ) -> R:
        worker = self._take(is_new_wanted=is_new_wanted)
        try:
            is_fine, result = worker.call(function, args, kwargs)
        except _WorkerGone as problem:
            raise _WorkerGone(_in_words(self._strike(worker))) from problem
        except BaseException:
            worker.kill()
            self._strike(worker)
            raise
        self._give_back(worker)
        if not is_fine:
            raise result
        answer: R = result
        return answer

    def _strike(self, worker: _Worker) -> int | None:
        """Do without a worker from now on; return how it ended."""
        self._give_back(None)
        with self._changed:
            self._all.discard(worker)
        return worker.end()

    def _take(self, *, is_new_wanted: bool) -> _Worker:
        """Return an idle worker, the last used one first; wait until one is if there can be no more."""
        unwanted: list[_Worker] = []
        with self._changed:
            while True:
                if self._is_closed:
                    raise StoreError("the server is stopping", code="stopping", may_retry=True)
                while self._idle:
                    worker = self._idle.pop()
                    if worker.is_alive() and not is_new_wanted:
                        return worker
                    # It was killed while nobody was waiting for it, or is too old.
                    self._count -= 1
                    self._all.discard(worker)
                    unwanted.append(worker)
                if self._count < self._workers_max:
                    self._count += 1
                    break
                self._changed.wait()
        for worker in unwanted:
            worker.end()
        try:
            worker = _Worker(self._template)
        except BaseException:
            self._give_back(None)
            raise
        with self._changed:
            self._all.add(worker)
        return worker

    def _give_back(self, worker: _Worker | None) -> None:
        with self._changed:
            if worker is None:
                self._count -= 1
            else:
                self._idle.append(worker)
            self._changed.notify_all()

    def abandon(self) -> None:
        """End the workers at once: for work that goes on where it was when it is asked for again."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            workers = list(self._all)
        for worker in workers:
            worker.kill()
        self.close()

    def close(self) -> None:
        """End the workers when their present work is done."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._count == len(self._idle))
            idle, self._idle, self._count = self._idle, [], 0
        for worker in idle:
            worker.end()


class _WorkerGone(Exception):
    """The process has ended before it answered."""


class _Worker:
    """One worker process, spoken to by one thread at a time."""

    def __init__(self, template: Template) -> None:
        self._template = template
        self._pid, self._pipe = template.fork()
        try:
            is_ready = self._pipe.recv() == READY
        except Exception as problem:
            self.end()
            raise NoWorkers(f"a worker process ended before it began: {problem or type(problem).__name__}") from problem
        if not is_ready:
            self.kill()
            self.end()
            raise NoWorkers("a worker process does not speak this server's protocol")

    def is_alive(self) -> bool:
        try:
            # An idle one has nothing to say: whatever can be read is its end.
            return not self._pipe.poll()
        except OSError:
            return False

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[bool, Any]:
        """Return whether it went well, and the result or the exception."""
        try:
            self._pipe.send((function, args, kwargs))
            what, answer = self._pipe.recv()
        except (EOFError, OSError) as problem:
            raise _WorkerGone from problem
        except PicklingError:
            # Ours: this cannot be sent to anybody.
            raise
        except Exception as problem:
            raise NoWorkers(f"a worker's answer cannot be read: {type(problem).__name__}: {problem}") from problem
        if what == UNREADABLE:
            raise NoWorkers(f"a worker cannot load what it shall do: {answer}")
        return what == DONE, answer

    def kill(self) -> None:
        """End it in the middle of its work; whoever waits for an answer is told."""
        # It is not reaped before its end was asked for, so the number is still its own.
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGTERM)

    def end(self) -> int | None:
        """Wait until it is gone, and return how it went."""
        # It reads that nobody will ask it any more.
        self._pipe.close()
        return self._template.reap(self._pid)


def _in_words(status: int | None) -> str:
    """Return how a process ended, as `waitpid` said it."""
    if status is None:
        return "nobody saw how"
    code = os.waitstatus_to_exitcode(status)
    return f"exit code {code}" if code >= 0 else f"by {signal.Signals(-code).name}"
