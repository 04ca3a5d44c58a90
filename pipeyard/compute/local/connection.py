"""
One connection to a launcher.

In:       requests, from any thread.
Out:      their answers; a call for each report; one call when the launcher is gone.
Not here: finding or starting a launcher (`compute.py`, `start.py`).

One thread reads. It alone calls `on_report` and `on_gone`.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as AnswerTimeout
from typing import Any

from pipeyard.launcher import place as places
from pipeyard.launcher.wire import LineReader, encode_line
from pipeyard.model.errors import ComputeError

_ANSWER_SECONDS_MAX = 60.0

Message = dict[str, Any]


class Connection:
    """A launcher at the other end of a socket."""

    def __init__(
        self,
        place: places.LauncherPlace,
        on_report: Callable[[Message], None],
        on_gone: Callable[[Connection], None],
    ) -> None:
        """Connect; raises `OSError` if no launcher answers."""
        self._socket = places.connect(place)
        self._on_report = on_report
        self._on_gone = on_gone
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        # Who takes the answer to which request.
        self._waiting: dict[int, Callable[[Message], None]] = {}
        self._is_open = True
        self._thread = threading.Thread(target=self._read, name="pipeyard-launcher-reader", daemon=True)
        self._thread.start()

    def ask(self, op: str, **fields: Any) -> Message:
        """Return the answer to a request. Raises `ComputeError`; its code is `launcher-gone` if nobody answered."""
        answer: Future[Message] = Future()
        self.tell(answer.set_result, op, **fields)
        try:
            message = answer.result(_ANSWER_SECONDS_MAX)
        except AnswerTimeout as error:
            raise ComputeError("the launcher does not answer", code="launcher-silent", may_retry=True) from error
        if "error" in message:
            raise ComputeError(message["error"]["message"], code=message["error"]["code"])
        answered: Message = message["ok"]
        return answered

    def tell(self, on_answer: Callable[[Message], None], op: str, **fields: Any) -> None:
        """
        Send a request and return; the reading thread calls *on_answer* with `ok` or `error` in it.

        Raises `ComputeError` if it could not be sent. If the launcher goes before it
        answered, the answer is an error with the code `launcher-gone`.
        """
        with self._lock:
            if not self._is_open:
                raise launcher_gone()
            number = next(self._numbers)
            self._waiting[number] = on_answer
            try:
                self._socket.sendall(encode_line({"id": number, "op": op, **fields}))
            except OSError as error:
                del self._waiting[number]
                raise launcher_gone() from error

    def close(self, *, may_wait: bool = True) -> None:
        """
        End the connection; the launcher and its steps live on.

        With *may_wait* no report is delivered any more when this returns. Whoever holds a
        lock that `on_gone` takes must not wait for the thread that may be about to call it.
        """
        with self._lock:
            self._is_open = False
        with contextlib.suppress(OSError):  # It was gone before.
            self._socket.shutdown(socket.SHUT_RDWR)
        if may_wait and threading.current_thread() is not self._thread:
            self._thread.join()

    def _read(self) -> None:
        reader = LineReader()
        try:
            while data := self._socket.recv(1 << 16):
                for message in reader.feed(data):
                    self._take(message)
        except (OSError, ValueError):
            pass  # Gone in the middle of a line; what was lost is asked for again.
        with self._lock:
            was_open, self._is_open = self._is_open, False
            waiting, self._waiting = self._waiting, {}
        self._socket.close()
        gone = launcher_gone()
        for on_answer in waiting.values():
            on_answer({"error": {"code": gone.code, "message": gone.message}})
        if was_open:
            self._on_gone(self)

    def _take(self, message: Message) -> None:
        if "report" in message:
            self._on_report(message["report"])
            return
        with self._lock:
            on_answer = self._waiting.pop(message["id"], None)
        if on_answer is not None:
            on_answer(message)


def launcher_gone() -> ComputeError:
    """Return the error for a launcher that ended while it was asked something."""
    return ComputeError("the launcher ended while it was asked something", code="launcher-gone", may_retry=True)
