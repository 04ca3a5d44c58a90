from __future__ import annotations

from pipeyard.scheduler import event as facts


def _chose(walk, *bypassed, node="a", takes=True):
    walk.take_in(facts.BranchChosen("job", node, walk.tick(), takes, bypassed))


def _final(name, *upstream):
    return facts.NodeOrder(name, upstream, "cpu", is_final=True)


def test_only_the_block_that_is_taken_runs(new_walk):
    """The other block never starts, nor what reads from it, and the job is none the worse for it."""
    walk = new_walk()
    walk.size(4)
    walk.submit("a", "yes < a", "no < a", "after < no", "both < yes,after")

    _chose(walk, "no")

    assert walk.states() == {
        "a": "completed",
        "yes": "checking",
        "no": "bypassed",
        "after": "bypassed",
        "both": "bypassed",
    }
    assert walk.errors()["after"] == {"code": "bypassed", "message": "not run: `a` took the other way", "choice": "a"}
    walk.ready("yes")
    walk.finish("yes")
    assert walk.status() == "Completed"


def test_a_choice_that_takes_everything_is_an_ordinary_step(new_walk):
    """With no block on the other side, all that waited begins."""
    walk = new_walk()
    walk.submit("a", "b < a")

    _chose(walk)
    _chose(walk, "b")

    assert walk.states() == {"a": "completed", "b": "checking"}


def test_a_choice_inside_a_block_that_is_not_taken_is_never_made(new_walk):
    """Its own blocks go the same way."""
    walk = new_walk()
    walk.submit("a", "inner < a", "x < inner", "y < inner")

    _chose(walk, "inner", takes=False)

    assert set(walk.states().values()) == {"completed", "bypassed"}
    assert walk.status() == "Completed"


def test_what_is_final_waits_for_everything_else(new_walk):
    """It begins after the last of the others has ended, whether or not it reads anything."""
    walk = new_walk()
    walk.size(4)
    walk.submit("a", "b", _final("z"))
    walk.ready("a", "b")
    walk.finish("a")
    assert walk.where("z") == "waiting"

    walk.finish("b", exit_code=1)

    assert walk.where("z") == "checking"
    walk.ready("z")
    walk.finish("z")
    assert walk.status() == "Failed"


def test_what_is_final_runs_in_a_job_that_stops_early(new_walk):
    """`continue_on_step_failure: false` ends the others, not what is to come after them; a retry is granted, too."""
    walk = new_walk()
    walk.size(4)
    walk.submit("a", "b < a", facts.NodeOrder("z", (), "cpu", tries_max=2, is_final=True), goes_on=False)
    walk.ready("a")

    walk.finish("a", exit_code=1)
    walk.ready("z")
    walk.finish("z", exit_code=1)
    assert walk.where("z") == "preparing"
    walk.finish("z", attempt=2)

    assert walk.states() == {"a": "failed", "b": "skipped", "z": "completed"}
    assert walk.status() == "Failed"


def test_a_failure_in_what_is_final_skips_only_what_follows_there(new_walk):
    """It has no say over its neighbours, and the job has failed."""
    walk = new_walk()
    walk.size(4)
    walk.submit("a", _final("y"), _final("z"), _final("after_z", "z"), goes_on=False)
    walk.ready("a")
    walk.finish("a")
    walk.ready("y", "z")

    walk.finish("z", exit_code=1)

    assert walk.states() == {"a": "completed", "y": "preparing", "z": "failed", "after_z": "skipped"}


def test_what_is_final_runs_in_a_canceled_job_until_somebody_cancels_again(new_walk):
    """The first wish ends the others; the same wish told twice is one."""
    walk = new_walk()
    walk.size(4)
    walk.submit("a", _final("z"))
    walk.ready("a")
    first = facts.CancelAsked("job", walk.tick(), "ann")
    walk.take_in(first)
    walk.tell(facts.AttemptExited, "a", None, signal="SIGTERM")
    walk.tell(facts.OutputsStored, "a")
    walk.take_in(first)
    assert walk.where("z") == "checking"
    walk.ready("z")

    walk.take_in(facts.CancelAsked("job", walk.tick(), "bob"))

    assert walk.where("z") == "canceling"
    walk.tell(facts.AttemptExited, "z", None, signal="SIGTERM")
    walk.tell(facts.OutputsStored, "z")
    assert walk.status() == "Canceled"
