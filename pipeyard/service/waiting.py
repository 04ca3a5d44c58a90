"""
What a queued step waits for, in words.

In:       a step's record; how full its pool is at this moment.
Out:      a sentence without a full stop, or None when it does not wait for a slot.
Not here: who goes first (`scheduler/queue.py`).

Nothing of it is stored: it would be wrong a moment later.
"""

from __future__ import annotations

from collections.abc import Callable

from pipeyard.model.instance import PoolUse
from pipeyard.model.record import JobRecord
from pipeyard.model.status import JobStatus
from pipeyard.service.placing import LOCAL
from pipeyard.service.records import COMMAND


def waiting_for(record: JobRecord, use_of: Callable[[str], PoolUse | None]) -> str | None:
    """Return what keeps a step from starting; *use_of* is `JobRunner.pool_use`."""
    if record.kind != COMMAND or record.status is not JobStatus.QUEUED:
        return None
    pool = str(record.detail.get("pool") or LOCAL)
    use = use_of(pool)
    if use is None:
        return None
    name = f"`{pool.rpartition('/')[2]}`"
    wanted = int((record.detail.get("resources") or {}).get("instance_count") or 1)
    # A step takes at most the whole pool, as large as that was when it was submitted.
    wanted = max(1, wanted if pool != LOCAL else min(wanted, use.slots))
    slots = "a slot" if wanted == 1 else f"{wanted} slots"
    if wanted > use.slots:
        return f"waiting for {slots} on {name}, which has {use.slots}"
    if use.used + wanted > use.slots:
        return f"waiting for {slots} on {name}: {use.used} of {use.slots} in use"
    if (record.error or {}).get("will_retry"):
        return str((record.error or {}).get("next_try") or "waiting for its next try")
    return f"waiting for its turn on {name}"
