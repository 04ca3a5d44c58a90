"""
Orders that are held until there is room for them.

In:       orders, and the attempts that are not at their end.
Out:      for each pool the next order that may begin.
Not here: beginning (`attempts.py`).

A server orders short commands before there is a slot for them, so that the next begins
the moment one has ended. Nothing of a held order is written down: if the launcher dies,
nobody knows the attempt, and the server orders it again.

Invariant: of a pool no more attempts run at once than it has slots, and they begin in
the order in which they came. One that counts for more than there is runs alone.
"""

from __future__ import annotations

from collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeyard.launcher.attempt import Attempt
    from pipeyard.launcher.order import Order
    from pipeyard.launcher.record import Record


class Lines:
    """One line for each pool."""

    def __init__(self, active: Mapping[str, Attempt]) -> None:
        # Every attempt that runs, by id.
        self._active = active
        self._held: dict[str, Order] = {}
        self._waiting: dict[str, deque[Order]] = {}
        # By pool, as the newest order says.
        self._slots: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._held)

    def holds(self, order: Order) -> bool:
        """Hold an order if there is no room for it; return whether it is held."""
        line = order.line
        if line is None:
            return False
        self._slots[line.pool] = line.slots
        if line.pool not in self._waiting and self._fits(order):
            return False
        self._held[order.attempt_id] = order
        self._waiting.setdefault(line.pool, deque()).append(order)
        return True

    def resize(self, order: Order) -> bool:
        """Take the number of slots from an order that came once more; return whether it is another one now."""
        line = order.line
        if line is None or self._slots.get(line.pool) == line.slots:
            return False
        self._slots[line.pool] = line.slots
        return True

    def record_of(self, attempt_id: str) -> Record | None:
        """Return what there is to say of a held attempt; None if it is not held."""
        if attempt_id not in self._held:
            return None
        return {"attempt_id": attempt_id, "state": "starting", "is_held": True}

    def next(self, pool: str) -> Order | None:
        """Take the first order out of a pool's line if there is room for it."""
        waiting = self._waiting.get(pool)
        if not waiting or not self._fits(waiting[0]):
            return None
        order = waiting[0]
        self.drop(order.attempt_id)
        return order

    def drop(self, attempt_id: str) -> Order | None:
        """Take an attempt out of its line; None if it is in none."""
        order = self._held.pop(attempt_id, None)
        if order is None or order.line is None:
            return None
        waiting = self._waiting[order.line.pool]
        waiting.remove(order)
        if not waiting:
            del self._waiting[order.line.pool]
        return order

    def clear(self) -> None:
        """Begin none of them any more."""
        self._held.clear()
        self._waiting.clear()

    def _fits(self, order: Order) -> bool:
        line = order.line
        assert line is not None
        others = [attempt.order.line for attempt in self._active.values()]
        used = sum(other.instances for other in others if other is not None and other.pool == line.pool)
        return not used or used + line.instances <= self._slots[line.pool]
