"""
Which queued node goes first on which compute, and how many at once.

In:       nodes that became ready, slots that became free.
Out:      the next node to start on a compute, or none.
Not here: moving the node (`machine.py`).

Invariant: no node waits while the first in line would fit. The first in line is
never overtaken by a smaller one behind it, or a node that takes many slots would
wait for ever; one that wants more than the whole compute has stands aside.
"""

from __future__ import annotations

from heapq import heappop, heappush

from pipeyard.scheduler.state import JobState, NodeProgress, NodeState, Pool, QueueEntry


def enqueue(pool: Pool, job: JobState, node: NodeProgress) -> None:
    """Put a queued node in line: higher priority first, then the older job, then the earlier place in it."""
    priority = job.priority + node.order.priority
    heappush(pool.waiting, (-priority, job.submitted_at_ms, job.id, node.position, node.attempt, node))


def next_to_start(pool: Pool) -> NodeProgress | None:
    """Take the node that starts next out of the line; None when nobody may start."""
    if pool.slots is None:
        return None
    while pool.waiting:
        entry = pool.waiting[0]
        node = entry[-1]
        if not is_in_line(entry):
            heappop(pool.waiting)
        elif node.order.instances > pool.slots:
            pool.oversized.append(heappop(pool.waiting))
        elif pool.used + node.order.instances > pool.slots + (pool.ahead if node.order.may_be_held else 0):
            return None
        else:
            heappop(pool.waiting)
            return node
    return None


def is_in_line(entry: QueueEntry) -> bool:
    """Return whether an entry still stands for a node that wants a slot; left nodes are dropped when met."""
    *_, attempt, node = entry
    return node.state is NodeState.QUEUED and node.attempt == attempt and not node.is_resting


def take(pool: Pool, instances: int) -> None:
    """Give slots away, all at once."""
    pool.used += instances


def take_again(pool: Pool, instances: int) -> None:
    """Give slots away that history says were given, however many there are today."""
    pool.used += instances
    pool.ceiling = max(pool.ceiling, pool.used)


def release(pool: Pool, instances: int) -> None:
    """Take slots back."""
    pool.used -= instances
    pool.ceiling = max((pool.slots or 0) + pool.ahead, pool.used)


def resize(pool: Pool, slots: int, ahead: int = 0) -> None:
    """Set how many slots there are, and how many orders beyond; what is in use beyond that is not taken away."""
    pool.slots, pool.ahead = slots, ahead
    pool.ceiling = max(slots + ahead, pool.used)
    oversized, pool.oversized = pool.oversized, []
    for entry in oversized:
        heappush(pool.waiting, entry)
