"""
The worker processes, so that reading gigabytes never holds up the server.

In:       a top-level function of `worker.py` and its arguments.
Out:      what it returns.
Not here: what is done there.

Each worker has a pipe of its own, and whoever calls speaks to it directly. The standard
library's pool hands each call through two threads and two queues, which for a small
output costs more than storing it.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from pickle import PicklingError
from typing import Any, ParamSpec, TypeVar

from pipeyard.model.errors import StoreError

P = ParamSpec("P")
R = TypeVar("R")

# One can hash while the other waits for the disk; more would take the steps' CPUs.
WORKERS_MAX = 2


class WorkerPool:
    """At most two worker processes, started when there is work. May be used by several threads."""

    def __init__(self, workers_max: int = WORKERS_MAX) -> None:
        """Start nothing yet."""
        self._workers_max = workers_max
        self._changed = threading.Condition()
        self._idle: list[_Worker] = []
        # Working or idle.
        self._count = 0
        self._all: set[_Worker] = set()
        self._is_closed = False

    def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """
        Return what the function returns, or raise what it raises.

        If a worker is killed meanwhile, the call is made once more by a new one: so
        only functions belong here that may be repeated. `StoreError` if that fails too.
        """
        try:
            return self._call(function, args, kwargs)
        except _WorkerGone:
            pass
        try:
            return self._call(function, args, kwargs)
        except _WorkerGone as problem:
            raise StoreError(
                "a worker process was killed twice while it read or wrote files",
                code="worker-killed",
                hint="the machine may be short of memory",
                may_retry=True,
            ) from problem

    def _call(self, function: Callable[..., R], args: tuple[Any, ...], kwargs: dict[str, Any]) -> R:
        worker = self._take()
        is_whole = False
        try:
            is_fine, result = worker.call(function, args, kwargs)
            is_whole = True
        finally:
            self._give_back(worker if is_whole else None)
            if not is_whole:
                with self._changed:
                    self._all.discard(worker)
                worker.end()
        if not is_fine:
            raise result
        answer: R = result
        return answer

    def _take(self) -> _Worker:
        """Return an idle worker, the last used one first; wait until one is if there can be no more."""
        with self._changed:
            while True:
                if self._is_closed:
                    raise StoreError("the server is stopping", code="stopping", may_retry=True)
                while self._idle:
                    worker = self._idle.pop()
                    if worker.is_alive():
                        return worker
                    # It was killed while nobody was waiting for it.
                    self._count -= 1
                    self._all.discard(worker)
                if self._count < self._workers_max:
                    self._count += 1
                    break
                self._changed.wait()
        try:
            worker = _Worker()
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

    def __init__(self) -> None:
        # Not forked: the server has threads, and a fork would copy their locks.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs,), name="pipeyard-worker", daemon=True)
        self._process.start()
        theirs.close()

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[bool, Any]:
        """Return whether it went well, and the result or the exception."""
        try:
            self._pipe.send((function, args, kwargs))
            answer: tuple[bool, Any] = self._pipe.recv()
        except (EOFError, OSError) as problem:
            raise _WorkerGone from problem
        return answer

    def kill(self) -> None:
        """End it in the middle of its work; whoever waits for an answer is told."""
        self._process.terminate()

    def end(self) -> None:
        # It reads that nobody will ask it any more.
        self._pipe.close()
        self._process.join()


def _work(pipe: Connection) -> None:
    """Answer calls until there can be none any more."""
    # Ctrl-C at a terminal reaches the whole process group; the server alone decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            function, args, kwargs = pipe.recv()
        except EOFError:
            return
        try:
            answer = (True, function(*args, **kwargs))
        except Exception as problem:  # noqa: BLE001 - whatever it was is raised again where the call was made
            answer = (False, problem)
        try:
            pipe.send(answer)
        except (TypeError, ValueError, AttributeError, PicklingError) as problem:
            pipe.send((False, TypeError(f"a worker's answer cannot be sent: {problem}")))


def _end_with_parent() -> None:
    """A killed server cannot end its workers while they are busy."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)
