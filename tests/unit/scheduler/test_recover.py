from __future__ import annotations

from pipeyard.scheduler import command as orders
from pipeyard.scheduler import event as facts
from pipeyard.scheduler.event import NodeOrder
from pipeyard.scheduler.recover import resume_commands


def test_everything_under_way_is_asked_about_or_done_again(walk):
    """Each node that somebody was busy with gets the order that finds out or repeats."""
    walk.size(9)
    walk.submit(
        "checking", "preparing", "running", "finalizing", "failing", "silent", "later < running", "queued",
        NodeOrder("resting", (), "cpu", tries_max=2, backoff_seconds=3.0),
    )  # fmt: skip
    walk.ready("preparing", "running", "finalizing", "failing", "silent", "resting")
    walk.tell(facts.AttemptStarted, "running")
    walk.run("finalizing")
    walk.run("failing", 1)
    walk.tell(facts.AttemptStarted, "silent")
    walk.tell(facts.HeartbeatLate, "silent")
    walk.tell(facts.PreparationFailed, "resting", {})
    walk.size(0)
    walk.ready("queued")

    assert resume_commands(walk.state) == [
        orders.LookUpReuse("job", "checking"),
        orders.AskCompute("job", "preparing", 1),
        orders.AskCompute("job", "running", 1),
        orders.StoreOutputs("job", "finalizing", 1, is_complete=True),
        orders.StoreOutputs("job", "failing", 1, is_complete=False),
        orders.AskCompute("job", "silent", 1),
        orders.StartTimer("job", "resting", 1, 3.0),
    ]


def test_a_step_that_was_being_stopped_is_stopped_again(running):
    """The order to stop may have died with the engine that gave it."""
    running.take_in(facts.CancelAsked("job", 9, "ann"))

    assert resume_commands(running.state) == [orders.StopAttempt("job", "a", 1), orders.AskCompute("job", "a", 1)]
