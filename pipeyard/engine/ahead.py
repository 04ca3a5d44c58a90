"""
How many steps are ordered before there are slots for them.

In:       how long the attempts of each pool ran.
Out:      a number for each pool: the scheduler orders so many more, and the compute holds them; and whether
          a turn's orders can wait for those of the next.
Not here: who they are (`scheduler/queue.py`), holding them (`launcher/line.py`).

Between the end of a step and the start of the next lie a turn, a transaction and an
order; of short steps a slot would stand empty half of the time. Of long ones nothing is
ordered ahead: nothing would be gained, and what is ordered goes before all that comes later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pipeyard.engine.turn import Turn
from pipeyard.scheduler.command import LaunchAttempt
from pipeyard.scheduler.state import SchedulerState

# What ends sooner is short.
SHORT_SECONDS = 0.25
# Attempts in a row that have to be short.
_SHORT_ENOUGH = 3
_AHEAD_MAX = 64


class Ahead:
    """A register. All calls belong to the engine's loop."""

    def __init__(self, per_slot: int, state: SchedulerState) -> None:
        """Order at most so many for each slot; *state* is only read."""
        self._per_slot = per_slot
        self._state = state
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

    def are_awaited(self, turn: Turn, unsent: Sequence[Turn]) -> bool:
        """
        Return whether some order of a turn cannot wait: it is no launch, or of its pool half of those ahead have begun.

        *unsent* are the turns whose orders are not durable yet, this one included.
        """
        if not all(isinstance(command, LaunchAttempt) for command in turn.commands):
            return True
        counts = Counter(pool for one in unsent for pool in self._launched_in(one))
        return any(self._is_low(pool, counts[pool]) for pool in set(self._launched_in(turn)))

    def _launched_in(self, turn: Turn) -> Iterator[str]:
        jobs = self._state.jobs
        for command in turn.commands:
            # Of a job that has ended meanwhile nothing is launched any more.
            if isinstance(command, LaunchAttempt) and command.job in jobs:
                yield jobs[command.job].nodes[command.node].order.compute

    def _is_low(self, pool: str, unsent: int) -> bool:
        found = self._state.pools[pool]
        held = found.used - (found.slots or 0) - unsent
        return not found.ahead or held < found.ahead // 2
