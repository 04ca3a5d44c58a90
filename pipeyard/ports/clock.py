"""Time, so that tests can move it."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Time, so that tests can move it."""

    def now_ms(self) -> int:
        """Return UTC milliseconds since 1970."""

    def monotonic(self) -> float:
        """Return seconds that only grow."""
