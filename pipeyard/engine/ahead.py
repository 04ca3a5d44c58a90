"""
How many steps are ordered before there are slots for them.

In:       how long the attempts of each pool ran.
Out:      a number for each pool: the scheduler orders so many more, and the compute holds them.
Not here: who they are (`scheduler/queue.py`), holding them (`launcher/line.py`).

Between the end of a step and the start of the next lie a turn, a transaction and an
order; of short steps a slot would stand empty half of the time. Of long ones nothing is
ordered ahead: nothing would be gained, and what is ordered goes before all that comes later.
"""

from __future__ import annotations

# What ends sooner is short.
SHORT_SECONDS = 0.25
# Attempts in a row that have to be short.
_SHORT_ENOUGH = 3
_AHEAD_MAX = 64


class Ahead:
    """A register. All calls belong to the engine's loop."""

    def __init__(self, per_slot: int) -> None:
        """Order at most so many for each slot."""
        self._per_slot = per_slot
        # By pool: short attempts in a row.
        self._short: dict[str, int] = {}

    def of(self, pool: str, slots: int) -> int:
        """Return how many orders beyond its slots a pool may have."""
        return min(self._per_slot * slots, _AHEAD_MAX) if self._short.get(pool, 0) >= _SHORT_ENOUGH else 0

    def note(self, pool: str, seconds: float) -> bool:
        """Take in how long an attempt ran; return whether the pool's number is another one now."""
        if not self._per_slot:
            return False
        before = self._short.get(pool, 0)
        after = self._short[pool] = min(before + 1, _SHORT_ENOUGH) if seconds < SHORT_SECONDS else 0
        return (before >= _SHORT_ENOUGH) != (after >= _SHORT_ENOUGH)
