"""
Time that stands still until a test moves it.

In:       seconds to move on; calls to be made when their time has come.
Out:      the time (`ports.Clock`), and those calls, in order.
Not here: what they do.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

_START_MS = 1_700_000_000_000


class FakeClock:
    """Implements `ports.Clock`."""

    def __init__(self, start_ms: int = _START_MS) -> None:
        """Begin at a time of the test's choice."""
        self._start_ms = start_ms
        self._seconds = 0.0
        # The number keeps calls for the same moment in the order they were asked for.
        self._numbers = itertools.count()
        self._calls: list[tuple[float, int, Callable[[], None]]] = []

    def now_ms(self) -> int:
        """Return UTC milliseconds since 1970."""
        return self._start_ms + round(self._seconds * 1000)

    def monotonic(self) -> float:
        """Return the seconds that the test has moved on so far."""
        return self._seconds

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        """Make a call when the clock has moved on that far."""
        heapq.heappush(self._calls, (self._seconds + seconds, next(self._numbers), call))

    def move(self, seconds: float) -> None:
        """Move on, making each call at its own time."""
        target = self._seconds + seconds
        while self._calls and self._calls[0][0] <= target:
            self._seconds, _number, call = heapq.heappop(self._calls)
            call()
        self._seconds = target
