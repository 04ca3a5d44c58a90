"""
The worker processes, so that reading gigabytes never holds up the server.

In:       a top-level function of `worker.py` and its arguments.
Out:      what it returns.
Not here: what is done there.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import ParamSpec, TypeVar

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
        self._lock = threading.Lock()
        self._executor: ProcessPoolExecutor | None = None
        self._is_closed = False

    def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """
        Return what the function returns, or raise what it raises.

        If a worker is killed meanwhile, the call is made once more by a new one: so
        only functions belong here that may be repeated. `StoreError` if that fails too.
        """
        executor, future = self._submit(function, *args, **kwargs)
        try:
            return future.result()
        except BrokenProcessPool:
            self._discard(executor)
        executor, future = self._submit(function, *args, **kwargs)
        try:
            return future.result()
        except BrokenProcessPool as problem:
            self._discard(executor)
            raise StoreError(
                "a worker process was killed twice while it read or wrote files",
                code="worker-killed",
                hint="the machine may be short of memory",
                may_retry=True,
            ) from problem

    def _submit(
        self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs
    ) -> tuple[ProcessPoolExecutor, Future[R]]:
        with self._lock:
            if self._is_closed:
                raise StoreError("the server is stopping", code="stopping", may_retry=True)
            if self._executor is None:
                # Not forked: the server has threads, and a fork would copy their locks.
                context = multiprocessing.get_context("spawn")
                self._executor = ProcessPoolExecutor(self._workers_max, context, _begin)
            executor = self._executor
            try:
                return executor, executor.submit(function, *args, **kwargs)
            except BrokenProcessPool:
                # It broke while nobody was waiting for it.
                self._executor = ProcessPoolExecutor(self._workers_max, multiprocessing.get_context("spawn"), _begin)
                return self._executor, self._executor.submit(function, *args, **kwargs)

    def _discard(self, executor: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._executor is executor:
                self._executor = None
        executor.shutdown(wait=False)

    def close(self) -> None:
        """End the workers when their present work is done."""
        with self._lock:
            executor, self._executor = self._executor, None
            self._is_closed = True
        if executor is not None:
            executor.shutdown(wait=True, cancel_futures=True)

    def abandon(self) -> None:
        """End the workers at once. Only for work that goes on where it was when it is asked for again."""
        with self._lock:
            executor, self._executor = self._executor, None
            self._is_closed = True
        if executor is not None:
            # There is no public way before Python 3.14.
            for process in list((executor._processes or {}).values()):  # noqa: SLF001
                process.terminate()
            executor.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    """Run first in each worker."""
    # Ctrl-C at a terminal reaches the whole process group; the server alone decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A killed server cannot end its workers, and their queue would keep them waiting for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)
