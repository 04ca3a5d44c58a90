"""
Logging: the logs of many requests stored in few transactions.

In:       `RunLog`s from any thread or event loop.
Out:      a word to each that its log is committed, or why it is not; then a word to whoever listens.
Not here: what a log is made from (`api/mlflow/`), SQL (`store/tracking_write.py`).

While one transaction is under way, the logs that come in wait together for the next. So a single
client waits for one commit, and a hundred clients do not wait for a hundred.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import SimpleQueue

from pipeyard.model.errors import Bug, OutsideError, PipeyardError
from pipeyard.model.tracking import RunLog
from pipeyard.ports import TrackingStore

_log = logging.getLogger("pipeyard.server")
# Hears which metrics of which job have new points, after they are committed; in the logging thread, so it must be quick.
Listener = Callable[[str, Sequence[str]], None]
Done = Callable[[PipeyardError | None], None]
_TOGETHER_MAX = 200


class TrackingLog:
    """Stores logs in a thread of its own. One per server."""

    def __init__(self, store: TrackingStore, listeners: Sequence[Listener] = ()) -> None:
        """Log to a store; the thread starts with the first log."""
        self._store = store
        self._listeners = listeners
        self._waiting: SimpleQueue[tuple[RunLog, Done] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def submit(self, log: RunLog, done: Done) -> None:
        """Store a log soon; *done* is called from another thread once it is committed, or with the reason why not."""
        if self._thread is None:
            self._start()
        if self._is_closed:
            done(OutsideError("the server is stopping", code="stopping", may_retry=True))
        else:
            self._waiting.put((log, done))

    def log(self, log: RunLog) -> None:
        """Store a log and wait until it is committed, or raise."""
        stored = threading.Event()
        problems: list[PipeyardError | None] = []

        def done(problem: PipeyardError | None) -> None:
            problems.append(problem)
            stored.set()

        self.submit(log, done)
        stored.wait()
        if problems[0] is not None:
            raise problems[0]

    def close(self) -> None:
        """Store what waits, then end."""
        self._is_closed = True
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="tracking", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            together, is_last = self._take()
            if together:
                self._store_all(together)
            if is_last:
                return

    def _take(self) -> tuple[list[tuple[RunLog, Done]], bool]:
        """Wait for a log, and take with it what has come meanwhile."""
        together = []
        taken = self._waiting.get()
        while taken is not None:
            together.append(taken)
            if len(together) >= _TOGETHER_MAX or self._waiting.empty():
                return together, False
            taken = self._waiting.get()
        return together, True

    def _store_all(self, together: Sequence[tuple[RunLog, Done]]) -> None:
        problems: Sequence[PipeyardError | None]
        try:
            problems = self._store.log([log for log, _ in together])
        except PipeyardError as failure:
            problems = [failure] * len(together)
        except Exception as bug:  # noqa: BLE001 - the thread goes on for the others; whoever asked is told
            _log.exception("what was logged could not be stored")
            problems = [Bug(f"the server met an error of its own: {type(bug).__name__}")] * len(together)
        for (_, done), problem in zip(together, problems, strict=True):
            done(problem)
        for (log, _), problem in zip(together, problems, strict=True):
            if problem is None and log.metrics:
                self._tell(log)

    def _tell(self, log: RunLog) -> None:
        for listener in self._listeners:
            # Its loop may have ended while the server stops; what is stored is found again.
            with suppress(RuntimeError):
                listener(log.run, tuple(log.metrics))
