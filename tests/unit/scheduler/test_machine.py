from __future__ import annotations

import sys

import pytest

from pipeyard.model.errors import Bug
from pipeyard.scheduler import command as orders
from pipeyard.scheduler import event as facts
from pipeyard.scheduler.machine import advance, forget, new_state


def test_a_new_job_asks_for_reuse_of_every_node_that_waits_for_nobody(walk):
    """Only nodes without upstream are looked at; the job is being prepared."""
    walk.submit("a", "b", "c < a,b")

    assert walk.commands == [orders.LookUpReuse("job", "a"), orders.LookUpReuse("job", "b")]
    assert walk.states() == {"a": "checking", "b": "checking", "c": "waiting"}
    assert walk.status() == "Preparing"


def test_a_chain_runs_to_its_end(walk):
    """Each node starts when the one before has its outputs stored, not earlier."""
    walk.size(4)
    walk.submit("a", "b < a")
    walk.ready("a")
    assert walk.launched() == [("a", 1)]
    assert walk.status() == "Running"

    walk.run("a")
    assert walk.commands == [orders.StoreOutputs("job", "a", 1, is_complete=True)]
    assert walk.states() == {"a": "finalizing", "b": "waiting"}

    walk.tell(facts.OutputsStored, "a")
    assert walk.states() == {"a": "completed", "b": "checking"}

    walk.ready("b")
    walk.finish("b")
    assert walk.job_moves() == [("Running", "Completed")]


def test_a_job_without_nodes_is_complete(walk):
    """Nothing to do is done at once."""
    walk.submit()

    assert walk.job_moves() == [("Preparing", "Completed")]


def test_a_reused_node_completes_without_a_slot(walk):
    """An earlier result stands for the node on a compute that nobody sized."""
    walk.submit("a")
    walk.take_in(facts.ReuseFound("job", "a", 2, "earlier"))

    assert walk.commands == [orders.RecordReuse("job", "a", "earlier")]
    assert walk.status() == "Completed"


def test_steps_below_a_failed_one_are_skipped_and_say_why(walk):
    """Skipping goes all the way down and names the step that failed; others go on."""
    walk.size(4)
    walk.submit("a", "b < a", "c < b", "d")
    walk.ready("a", "d")
    walk.finish("a", 3)

    assert walk.states() == {"a": "failed", "b": "skipped", "c": "skipped", "d": "preparing"}
    assert walk.errors()["a"]["code"] == "exit-code"
    assert walk.errors()["c"] == {"code": "skipped", "message": "not started: step `a` failed", "failed_step": "a"}
    assert walk.status() == "Running"

    walk.finish("d")
    assert walk.status() == "Failed"
    assert walk.errors()[None] == {"code": "step-failed", "message": "step `a` failed", "failed_step": "a"}


def test_outputs_of_a_failed_attempt_are_kept_and_not_complete(running):
    """They are stored to look at; no later step may read them."""
    running.tell(facts.AttemptExited, "a", 1)

    assert running.commands == [orders.StoreOutputs("job", "a", 1, is_complete=False)]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"exit_code": 1}, "exit-code"),
        ({"exit_code": 126}, "not-executable"),
        ({"exit_code": 127}, "command-not-found"),
        ({"exit_code": None, "signal": "SIGKILL"}, "killed"),
        ({"exit_code": None}, "exit-unknown"),
        ({"exit_code": None, "signal": "SIGTERM", "timed_out": True}, "timed-out"),
        ({"exit_code": 0, "timed_out": True}, "timed-out"),
        ({"exit_code": 0, "error": {"code": "input-changed", "message": "m"}}, "input-changed"),
    ],
)
def test_every_bad_end_has_its_word(running, fields, code):
    """How a command ended can be told from the code of the error."""
    running.tell(facts.AttemptExited, **fields)
    running.tell(facts.OutputsStored)

    assert running.where() == "failed"
    assert running.errors()["a"]["code"] == code
    assert running.errors()["a"]["exit_code"] == fields["exit_code"]


def test_failing_fast_stops_what_runs_and_skips_what_waits(walk):
    """With `continue_on_step_failure: false` nothing new starts and the job fails."""
    walk.size(2)
    walk.submit("a", "b", "c", "d < c", goes_on=False)
    walk.ready("a", "b", "c")
    walk.tell(facts.AttemptStarted, "b")
    walk.finish("a", 1)

    assert orders.StopAttempt("job", "b", 1) in walk.commands
    assert walk.states() == {"a": "failed", "b": "canceling", "c": "skipped", "d": "skipped"}
    walk.tell(facts.AttemptExited, "b", None, "SIGTERM")
    walk.tell(facts.OutputsStored, "b")
    assert walk.where("b") == "canceled"
    assert walk.status() == "Failed"


def test_cancel_ends_everything_and_starts_nothing(walk):
    """What has not begun ends at once; what runs is asked to end."""
    walk.size(1)
    walk.submit("a", "b", "c < a")
    walk.ready("a", "b")
    walk.take_in(facts.CancelAsked("job", 9, "ann"))

    assert walk.commands == [orders.StopAttempt("job", "a", 1)]
    assert walk.states() == {"a": "canceling", "b": "canceled", "c": "canceled"}
    assert walk.status() == "CancelRequested"
    walk.tell(facts.PreparationFailed, "a", {})
    assert walk.launched() == []
    assert walk.status() == "Canceled"
    assert walk.errors()[None]["message"] == "canceled by ann"


def test_an_attempt_that_started_after_the_cancel_is_stopped_again(walk):
    """The first order to stop may have come before there was anything to stop."""
    walk.size(1)
    walk.submit("a")
    walk.ready("a")
    walk.take_in(facts.CancelAsked("job", 9, "ann"))
    walk.tell(facts.AttemptStarted)

    assert walk.commands == [orders.StopAttempt("job", "a", 1)]
    assert walk.moves == []


def test_a_canceled_steps_outputs_are_kept(running):
    """They are stored like those of a failed step, whatever the exit code."""
    running.take_in(facts.CancelAsked("job", 9, "ann"))
    running.tell(facts.AttemptExited, "a", 0)
    assert running.commands == [orders.StoreOutputs("job", "a", 1, is_complete=False)]

    running.tell(facts.OutputsNotStored, "a", {"code": "store"})
    assert running.where() == "canceled"
    assert running.errors()["a"]["code"] == "canceled"


def test_a_step_that_had_ended_before_the_cancel_completes(running):
    """Its work was done; the job is canceled all the same."""
    running.tell(facts.AttemptExited, "a", 0)
    running.take_in(facts.CancelAsked("job", 9, "ann"))
    running.tell(facts.OutputsStored)

    assert running.where() == "completed"
    assert running.status() == "Canceled"


def test_silence_is_asked_about_and_may_end(running):
    """A silent attempt that is heard of again runs on."""
    running.tell(facts.HeartbeatLate)
    assert running.commands == [orders.AskCompute("job", "a", 1)]
    assert running.where() == "silent"

    running.tell(facts.HeartbeatBack)
    assert running.where() == "running"


@pytest.mark.parametrize("kind", [facts.AttemptLost, facts.AttemptUnknown])
def test_a_lost_attempt_stores_nothing(running, kind):
    """There is nobody to ask for its outputs."""
    running.tell(kind, "a", *(["host gone"] if kind is facts.AttemptLost else []))

    assert running.commands == []
    assert running.where() == "failed"
    assert running.errors()["a"]["code"] == "lost"


def test_an_attempt_that_never_reached_its_compute_is_launched_again(walk):
    """After a restart the compute may not know an attempt that was about to be launched."""
    walk.size(1)
    walk.submit("a")
    walk.ready("a")
    walk.tell(facts.AttemptUnknown)

    assert walk.launched() == [("a", 1)]
    assert walk.moves == []


def test_outputs_that_cannot_be_stored_fail_a_good_step(running):
    """A result that nobody can read is no result."""
    running.tell(facts.AttemptExited, "a", 0)
    running.tell(facts.OutputsNotStored, "a", {"code": "store", "message": "disk full"})

    assert running.where() == "failed"
    assert running.errors()["a"]["message"] == "disk full"


def test_outputs_that_cannot_be_stored_do_not_hide_why_a_step_failed(running):
    """The first reason stays."""
    running.tell(facts.AttemptExited, "a", 5)
    running.tell(facts.OutputsNotStored, "a", {"code": "store", "message": "disk full"})

    assert running.errors()["a"]["message"] == "exited with 5"


def test_a_failed_try_is_repeated_after_a_wait(walk):
    """The wait is a timer; the slot is free meanwhile; the next attempt has the next number."""
    walk.size(1)
    walk.submit(facts.NodeOrder("a", (), "cpu", tries_max=2, backoff_seconds=7.0))
    walk.ready("a")
    walk.tell(facts.PreparationFailed, "a", {"code": "x"})

    assert walk.commands == [orders.StartTimer("job", "a", 1, 7.0)]
    assert walk.state.pools["cpu"].used == 0
    walk.tell(facts.RetryDue)
    assert walk.launched() == [("a", 2)]
    walk.tell(facts.PreparationFailed, "a", {"code": "y"}, attempt=2)
    assert walk.where() == "failed"


def test_a_fact_about_an_older_attempt_changes_nothing(walk):
    """A late word from a replaced attempt is not believed."""
    walk.size(1)
    walk.submit(facts.NodeOrder("a", (), "cpu", tries_max=2))
    walk.ready("a")
    walk.tell(facts.AttemptLost, "a", "gone")
    walk.tell(facts.AttemptExited, "a", 0, attempt=1)

    assert (walk.commands, walk.moves) == ([], [])
    assert walk.where() == "preparing"
    assert walk.node().attempt == 2


@pytest.mark.parametrize(
    "fact",
    [
        facts.AttemptExited("job", "a", 1, 5, 0),
        facts.AttemptExited("job", "nobody", 1, 5, 0),
        facts.AttemptExited("nothing", "a", 1, 5, 0),
        facts.CancelAsked("nothing", 5, "ann"),
        facts.RetryDue("job", "a", 1, 5),
    ],
)
def test_a_fact_that_does_not_fit_changes_nothing(walk, fact):
    """Facts about unknown jobs and nodes, or out of turn, are dropped."""
    walk.submit("a")
    walk.take_in(fact)

    assert (walk.commands, walk.moves) == ([], [])


def test_an_end_that_overtakes_the_start_counts(walk):
    """A very short command's end may be heard of first."""
    walk.size(1)
    walk.submit("a")
    walk.ready("a")
    walk.tell(facts.AttemptExited, "a", 0)
    walk.tell(facts.AttemptStarted)

    assert walk.where() == "finalizing"
    assert walk.moves == []


def test_the_same_job_submitted_twice_is_one_job(walk):
    """A doubled submission changes nothing."""
    walk.submit("a")
    walk.submit("a", "b")

    assert walk.states() == {"a": "checking"}
    assert walk.commands == []


def test_an_ended_job_can_be_forgotten_and_an_unfinished_one_cannot(walk):
    """Forgetting bounds memory; facts that come later change nothing."""
    walk.size(1)
    walk.submit("a")
    with pytest.raises(Bug, match="cannot be forgotten"):
        forget(walk.state, "job")
    walk.ready("a")
    walk.finish("a")

    forget(walk.state, "job")
    forget(walk.state, "job")
    walk.tell(facts.OutputsStored)
    assert walk.state.jobs == {}
    assert walk.moves == []


def test_something_that_is_no_fact_is_our_mistake(walk):
    """It is not dropped in silence."""
    with pytest.raises(Bug, match="is no fact"):
        walk.take_in(_NotAFact())


class _NotAFact:
    at_ms = 0


def _calls_to_end(count: int) -> int:
    """Return how many functions are called until a job of so many nodes has ended."""
    calls = 0

    def note(_frame: object, what: str, _of: object) -> None:
        nonlocal calls
        calls += what in ("call", "c_call")

    earlier = sys.getprofile()
    sys.setprofile(note)
    try:
        _run_to_end(count)
    finally:
        sys.setprofile(earlier)
    return calls


def _run_to_end(count: int) -> None:
    nodes = tuple(facts.NodeOrder(f"n{i}", (f"n{i - 1}",) if i % 2 else (), "cpu") for i in range(count))
    state = new_state()
    queue: list[facts.Event] = [facts.JobSubmitted("job", 0, nodes), facts.ComputeSized("cpu", 8, 0)]
    for event in queue:
        for order in advance(state, event).commands:
            match order:
                case orders.LookUpReuse(job, node):
                    queue.append(facts.ReuseMissed(job, node, 0))
                case orders.LaunchAttempt(job, node, attempt):
                    queue.append(facts.AttemptStarted(job, node, attempt, 0))
                    queue.append(facts.AttemptExited(job, node, attempt, 0, 0))
                case orders.StoreOutputs(job, node, attempt):
                    queue.append(facts.OutputsStored(job, node, attempt, 0))
    assert state.jobs["job"].status.value == "Completed"


def test_work_grows_with_the_number_of_nodes_and_no_faster():
    """Ten times the nodes take about ten times the calls; a square would take a hundred times."""
    assert _calls_to_end(2_000) < 15 * _calls_to_end(200)
