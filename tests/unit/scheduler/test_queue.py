from __future__ import annotations

from pipeyard.scheduler import event as facts
from pipeyard.scheduler.event import NodeOrder


def test_a_compute_that_was_never_sized_holds_its_nodes(walk):
    """Nothing starts before somebody says how many slots there are."""
    walk.submit("a")
    walk.ready("a")
    assert walk.where() == "queued"

    walk.size(1)
    assert walk.launched() == [("a", 1)]


def test_ready_nodes_start_in_their_order_up_to_the_slots(walk):
    """Within a job the place in the file decides."""
    walk.size(2)
    walk.submit("a", "b", "c")
    walk.ready("c", "b")
    walk.ready("a")

    assert walk.states() == {"a": "queued", "b": "preparing", "c": "preparing"}
    walk.run("b")
    assert walk.launched() == [("a", 1)]


def test_a_higher_priority_goes_first_then_the_older_job(walk):
    """A later job overtakes only by priority."""
    walk.submit("a", name="old")
    walk.submit("a", name="young")
    walk.submit("a", name="urgent", priority=1)
    for name in ("young", "urgent", "old"):
        walk.ready("a", job=name)
    walk.size(1)
    assert walk.where(job="urgent") == "preparing"

    walk.finish("a", job="urgent")
    assert walk.where(job="old") == "preparing"
    assert walk.where(job="young") == "queued"


def test_a_node_gets_all_its_slots_at_once_or_none(walk):
    """A node of two instances waits for two free slots, and is not overtaken while it waits."""
    walk.size(2)
    walk.submit("a", NodeOrder("pair", (), "cpu", instances=2), "c")
    walk.ready("a", "pair", "c")
    assert walk.states() == {"a": "preparing", "pair": "queued", "c": "queued"}

    walk.finish("a")
    assert walk.states() == {"a": "completed", "pair": "preparing", "c": "queued"}


def test_a_node_that_is_too_big_for_the_compute_does_not_stand_in_the_way(walk):
    """It waits aside until the compute grows."""
    walk.size(1)
    walk.submit(NodeOrder("pair", (), "cpu", instances=2), "b")
    walk.ready("pair", "b")
    assert walk.states() == {"pair": "queued", "b": "preparing"}

    walk.size(3)
    assert walk.launched() == [("pair", 1)]


def test_a_shrunken_compute_lets_running_nodes_end(walk):
    """Slots in use are not taken away; new nodes wait until there is room again."""
    walk.size(2)
    walk.submit("a", "b", "c")
    walk.ready("a", "b", "c")
    walk.size(1)
    walk.finish("a")
    assert walk.where("c") == "queued"

    walk.finish("b")
    assert walk.where("c") == "preparing"


def test_computes_do_not_share_slots(walk):
    """A full compute does not hold up another."""
    walk.size(1)
    walk.size(1, "gpu")
    walk.submit("a", "b", NodeOrder("g", (), "gpu"))
    walk.ready("a", "b", "g")

    assert walk.states() == {"a": "preparing", "b": "queued", "g": "preparing"}


def test_a_slot_is_free_when_the_process_has_ended(walk):
    """The next step need not wait for hashing and renaming."""
    walk.size(1)
    walk.submit("a", "b", "c")
    walk.ready("a", "b", "c")
    walk.run("a")
    assert walk.states() == {"a": "finalizing", "b": "preparing", "c": "queued"}

    walk.tell(facts.OutputsStored, "a")
    assert walk.states() == {"a": "completed", "b": "preparing", "c": "queued"}


def test_a_slot_is_kept_until_a_failure_is_complete(walk):
    """Nothing new starts while it is open whether the job goes on."""
    walk.size(1)
    walk.submit("a", "b", goes_on=False)
    walk.ready("a", "b")
    walk.run("a", exit_code=1)
    assert walk.states() == {"a": "finalizing", "b": "queued"}

    walk.tell(facts.OutputsStored, "a")
    assert walk.states() == {"a": "failed", "b": "skipped"}


def test_a_canceling_step_has_its_slot_until_its_process_is_gone(walk):
    """The machine is still busy with it."""
    walk.size(1)
    walk.submit("a")
    walk.submit("b", name="other")
    walk.ready("a")
    walk.ready("b", job="other")
    walk.tell(facts.AttemptStarted)
    walk.take_in(facts.CancelAsked("job", walk.tick(), "anna"))
    assert (walk.where(), walk.where("b", "other")) == ("canceling", "queued")

    walk.tell(facts.AttemptExited, "a", None, signal="SIGTERM")
    assert (walk.where(), walk.where("b", "other")) == ("finalizing", "preparing")


def test_a_slot_given_back_is_not_given_back_twice(walk):
    """A step whose outputs could not be stored is tried again in a slot of its own."""
    walk.size(1)
    walk.submit(NodeOrder("a", (), "cpu", tries_max=2), "b")
    walk.ready("a", "b")
    walk.run("a")
    walk.tell(facts.OutputsNotStored, "a", {"code": "full", "message": "disk full"})
    assert walk.states() == {"a": "queued", "b": "preparing"}

    walk.run("b")
    assert walk.states() == {"a": "preparing", "b": "finalizing"}


def test_slots_given_by_an_earlier_engine_are_given_again(walk):
    """A replay takes slots that history says were taken, on a compute that has no size yet."""
    walk.submit("a", "b")
    walk.ready("a", "b")
    walk.tell(facts.SlotsTaken, "b")
    walk.tell(facts.SlotsTaken, "b")
    assert walk.states() == {"a": "queued", "b": "preparing"}

    walk.size(1)
    assert walk.where("a") == "queued"


def test_within_a_job_a_step_of_higher_priority_goes_first(walk):
    """A step's own priority counts before its place in the file."""
    walk.submit("a", NodeOrder("late", (), "cpu", priority=1), NodeOrder("last", (), "cpu", priority=-1))
    walk.ready("last", "late", "a")
    walk.size(1)
    assert walk.where("late") == "preparing"

    walk.finish("late")
    assert walk.states() == {"a": "preparing", "late": "completed", "last": "queued"}


def held(name, **more):
    return facts.NodeOrder(name, (), "cpu", may_be_held=True, **more)


def test_nodes_that_may_be_held_are_ordered_beyond_the_slots(walk):
    """As many as is said, in their order; the next one when a slot is free."""
    walk.size(1, ahead=1)
    walk.submit(held("a"), held("b"), held("c"))
    walk.ready("a", "b", "c")
    assert walk.states() == {"a": "preparing", "b": "preparing", "c": "queued"}

    walk.run("a")

    assert walk.where("c") == "preparing"


def test_a_node_that_may_not_be_held_waits_for_its_slot_and_is_not_overtaken(walk):
    """One behind it could be held, but is not ordered before it."""
    walk.size(1, ahead=2)
    walk.submit(held("a"), "b", held("c"))
    walk.ready("a", "b", "c")

    assert walk.states() == {"a": "preparing", "b": "queued", "c": "queued"}


def test_other_slots_are_told_with_what_may_be_held(walk):
    """Only an order says how many there are."""
    walk.size(1, ahead=1)
    walk.submit(held("a"), held("b"))
    walk.ready("a", "b")

    commands = walk.size(3)

    assert [command.node for command in commands] == ["a", "b"]
    assert walk.size(3) == []
