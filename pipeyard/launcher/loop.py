"""
One thread that waits for everything at once: sockets, pipes, signals, time.

In:       callbacks.
Out:      calls to them, one after the other.
Not here: what they do.

Nothing is polled: with nothing to do the process sleeps in one system call.
"""

from __future__ import annotations

import functools
import heapq
import os
import selectors
import signal
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

READ = selectors.EVENT_READ
WRITE = selectors.EVENT_WRITE


class Timer:
    """A call to be made later; `cancel` to forget it."""

    __slots__ = ("call", "when")

    def __init__(self, when: float, call: Callable[[], None]) -> None:
        # Monotonic seconds.
        self.when = when
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        """Do not make the call."""
        self.call = None

    def __lt__(self, other: Timer) -> bool:
        return self.when < other.when


class Loop:
    """Waits and calls."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: list[Timer] = []
        self._signals: dict[int, Callable[[], None]] = {}
        self._is_ending = False
        self._wake_read, self._wake_write = os.pipe()
        for fd in (self._wake_read, self._wake_write):
            os.set_blocking(fd, False)
        self.watch(self._wake_read, READ, self._on_wake)

    def watch(self, fd: int, events: int, call: Callable[[int], None]) -> None:
        """Call with the events whenever *fd* is ready; a second call changes the events."""
        if fd in self._selector.get_map():
            self._selector.modify(fd, events, call)
        else:
            self._selector.register(fd, events, call)

    def unwatch(self, fd: int) -> None:
        """
        Forget a descriptor, before it is closed.

        Not after: a child just forked may still hold the same file, which would then wake
        the loop again and again with nobody to read it.
        """
        if fd in self._selector.get_map():
            self._selector.unregister(fd)

    def after(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Call once after a while."""
        timer = Timer(time.monotonic() + seconds, call)
        heapq.heappush(self._timers, timer)
        return timer

    def on_signal(self, number: int, call: Callable[[], None]) -> None:
        """Call from the loop, not from the handler, when a signal has come."""
        self._signals[number] = call
        # The interpreter needs some handler to write the signal's number to the pipe.
        signal.signal(number, _nothing)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)

    def end(self) -> None:
        """Leave `run` after the present call."""
        self._is_ending = True

    def run(self) -> None:
        """Wait and call until `end`."""
        while not self._is_ending:
            for key, events in self._selector.select(self._wait_seconds()):
                self._call(functools.partial(key.data, events))
            now = time.monotonic()
            while self._timers and self._timers[0].when <= now:
                call = heapq.heappop(self._timers).call
                if call is not None:
                    self._call(call)

    def _wait_seconds(self) -> float | None:
        while self._timers and self._timers[0].call is None:
            heapq.heappop(self._timers)
        return max(0.0, self._timers[0].when - time.monotonic()) if self._timers else None

    def _call(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception:  # noqa: BLE001 - a mistake about one attempt must not end all the others
            sys.excepthook(*sys.exc_info())
            sys.stderr.flush()

    def _on_wake(self, _events: int) -> None:
        numbers = set(os.read(self._wake_read, 4096))
        for number in numbers:
            call = self._signals.get(number)
            if call is not None:
                call()


def _nothing(_number: int, _frame: object) -> None:
    pass
