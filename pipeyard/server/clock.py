"""
The time of this machine.

Out:      a `Clock` (`ports/clock.py`).
Not here: the seeded clock of the simulation (`tests/sim/`).
"""

from __future__ import annotations

import time


class SystemClock:
    """The machine's own clock."""

    def now_ms(self) -> int:
        """Return UTC milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        return time.monotonic()
