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
    walk.finish("b")
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


def test_a_slot_is_held_until_the_outputs_are_stored(walk):
    """Storing outputs is work on the compute too."""
    walk.size(1)
    walk.submit("a", "b")
    walk.ready("a", "b")
    walk.run("a")
    assert walk.where("b") == "queued"

    walk.tell(facts.OutputsStored, "a")
    assert walk.where("b") == "preparing"


def test_slots_given_by_an_earlier_engine_are_given_again(walk):
    """A replay takes slots that history says were taken, on a compute that has no size yet."""
    walk.submit("a", "b")
    walk.ready("a", "b")
    walk.tell(facts.SlotsTaken, "b")
    walk.tell(facts.SlotsTaken, "b")
    assert walk.states() == {"a": "queued", "b": "preparing"}

    walk.size(1)
    assert walk.where("a") == "queued"
