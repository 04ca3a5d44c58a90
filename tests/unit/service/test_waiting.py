"""What a queued step waits for."""

from __future__ import annotations

import pytest

from pipeyard.model.instance import PoolUse
from pipeyard.model.record import JobRecord
from pipeyard.model.status import JobStatus
from pipeyard.service.waiting import waiting_for


def step(status=JobStatus.QUEUED, pool="cpu-cluster", kind="command", instances=1, error=None):
    detail = {"pool": pool, "resources": {"instance_count": instances}}
    return JobRecord(
        "default", "s", "j", "j", kind, "a", 0, "a", "e", status, 5, "ann", compute=pool, detail=detail, error=error
    )


def said(record, slots=10, used=10):
    return waiting_for(record, lambda _pool: PoolUse(slots, used))


@pytest.mark.parametrize(
    ("record", "slots", "used", "text"),
    [
        (step(), 10, 10, "waiting for a slot on `cpu-cluster`: 10 of 10 in use"),
        (step(pool="team/gpu"), 2, 3, "waiting for a slot on `gpu`: 3 of 2 in use"),
        (step(pool="local"), 2, 2, "waiting for a slot on `local`: 2 of 2 in use"),
        (step(instances=3), 10, 8, "waiting for 3 slots on `cpu-cluster`: 8 of 10 in use"),
        (step(instances=3), 2, 0, "waiting for 3 slots on `cpu-cluster`, which has 2"),
        (step(instances=3, pool="local"), 2, 1, "waiting for 2 slots on `local`: 1 of 2 in use"),
        (step(), 2, 1, "waiting for its turn on `cpu-cluster`"),
        (step(error={"will_retry": True}), 2, 1, "waiting for its next try"),
    ],
)
def test_a_queued_step_says_what_it_waits_for(record, slots, used, text):
    """The compute, and how full it is at this moment."""
    assert said(record, slots, used) == text


@pytest.mark.parametrize(
    "record", [step(JobStatus.RUNNING), step(JobStatus.NOT_STARTED), step(kind="pipeline"), step(JobStatus.COMPLETED)]
)
def test_nothing_else_waits_for_a_slot(record):
    """A step whose inputs are missing waits for other steps."""
    assert said(record) is None


def test_a_pool_that_nobody_sized_is_not_spoken_of():
    """The server has only just begun."""
    assert waiting_for(step(), lambda _pool: None) is None
