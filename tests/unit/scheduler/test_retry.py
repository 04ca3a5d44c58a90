"""Which failures are followed by another try, and what is said of it."""

from __future__ import annotations

import pytest

from pipeyard.model.retry import FailureKind
from pipeyard.scheduler import event as facts
from pipeyard.scheduler.command import StartTimer
from pipeyard.scheduler.retry import may_retry, with_next_try

EXIT_3 = {"code": "exit-code", "message": "exited with 3", "exit_code": 3, "signal": None}
KILLED = {"code": "killed", "message": "ended by SIGKILL", "exit_code": None, "signal": "SIGKILL"}
BY_SHELL = {"code": "exit-code", "message": "exited with 137", "exit_code": 137, "signal": None}
TIMED_OUT = {"code": "timed-out", "message": "stopped", "exit_code": None, "signal": "SIGTERM"}
OTHER = {"code": "environment", "message": "no such package\nmore"}


def order(*when, tries_max=3, backoff_seconds=0.0):
    return facts.NodeOrder("a", (), "cpu", tries_max=tries_max, backoff_seconds=backoff_seconds, retry_when=when)


def timed_out(walk):
    walk.tell(facts.AttemptStarted)
    walk.tell(facts.AttemptExited, "a", None, signal="SIGTERM", timed_out=True)
    walk.tell(facts.OutputsStored)


def not_stored(walk):
    walk.run()
    walk.tell(facts.OutputsNotStored, "a", {"code": "disk-full", "message": "m"})


def lost_at_the_end(walk):
    walk.run()
    walk.tell(facts.AttemptLost, "a", "the machine is gone")


@pytest.mark.parametrize(
    ("when", "kind", "error", "expected"),
    [
        ((), "failed", EXIT_3, True),
        ((), "lost", OTHER, True),
        ((), "outputs", OTHER, True),
        (("failed",), "failed", EXIT_3, True),
        (("failed",), "failed", KILLED, True),
        (("failed",), "timed-out", TIMED_OUT, False),
        (("failed",), "lost", OTHER, False),
        (("timed-out",), "timed-out", TIMED_OUT, True),
        (("lost", "preparation"), "preparation", OTHER, True),
        (("lost", "preparation"), "failed", EXIT_3, False),
        ((3,), "failed", EXIT_3, True),
        ((4,), "failed", EXIT_3, False),
        (("SIGKILL",), "failed", KILLED, True),
        (("SIGKILL",), "failed", BY_SHELL, True),
        (("SIGTERM",), "failed", KILLED, False),
        # The signal is ours there: what ended the step is the clock.
        (("SIGTERM",), "timed-out", TIMED_OUT, False),
        ((3,), "preparation", {"exit_code": 3}, False),
    ],
)
def test_a_failure_is_tried_again_when_it_is_one_of_those_named(when, kind, error, expected):
    """`when` names kinds, exit codes and signals; nothing named means any failure."""
    assert may_retry(order(*when), 1, FailureKind(kind), error) is expected


def test_the_last_try_is_followed_by_none():
    """`tries_max` counts the first try too."""
    assert not may_retry(order(tries_max=3), 3, FailureKind.FAILED, EXIT_3)
    assert may_retry(order(tries_max=3), 2, FailureKind.FAILED, EXIT_3)


@pytest.mark.parametrize(
    ("error", "backoff_seconds", "said"),
    [
        (EXIT_3, 5.0, "try 2 of 3 after exit code 3, in 5 s"),
        (EXIT_3, 0.0, "try 2 of 3 after exit code 3"),
        (KILLED, 0.5, "try 2 of 3 after SIGKILL, in 0.5 s"),
        (TIMED_OUT, 0.0, "try 2 of 3 after its time limit was over"),
        (OTHER, 0.0, "try 2 of 3 after no such package"),
        ({}, 0.0, "try 2 of 3 after a failure"),
    ],
)
def test_the_next_try_is_announced_with_its_reason_and_its_wait(error, backoff_seconds, said):
    """One line that stands alone, whatever the failure's message was."""
    told = with_next_try(order(backoff_seconds=backoff_seconds), 1, error)

    assert told["next_try"] == said
    assert (told["attempt"], told["tries_max"], told["will_retry"]) == (1, 3, True)


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("preparation", lambda walk: walk.tell(facts.PreparationFailed, "a", {"code": "environment", "message": "m"})),
        ("lost", lambda walk: walk.tell(facts.AttemptLost, "a", "the machine is gone")),
        ("failed", lambda walk: walk.finish(exit_code=1)),
        ("timed-out", timed_out),
        ("outputs", not_stored),
        ("lost", lost_at_the_end),
    ],
)
@pytest.mark.parametrize("asked", ["preparation", "lost", "failed", "timed-out", "outputs"])
def test_each_way_to_fail_is_of_one_kind(walk, kind, how, asked):
    """The machine tells the retry rule how an attempt failed, in whichever state it was met."""
    walk.size(1)
    walk.submit(order(asked, tries_max=2))
    walk.ready("a")
    how(walk)

    assert walk.where() == ("preparing" if asked == kind else "failed")
    assert walk.node().attempt == (2 if asked == kind else 1)


def test_the_wait_begins_when_outputs_of_the_failed_try_are_stored_and_holds_no_slot(walk):
    """A wait before the next try is no part of a try: neither its slot nor its time limit runs on."""
    walk.size(1)
    walk.submit(order(tries_max=2, backoff_seconds=7.0), "b")
    walk.ready("a", "b")
    walk.run(exit_code=1)
    commands = walk.tell(facts.OutputsStored)

    assert StartTimer("job", "a", 1, 7.0) in commands
    assert walk.launched() == [("b", 1)]
    assert walk.where() == "queued"
