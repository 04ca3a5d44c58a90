"""How many steps are ordered before there are slots for them."""

from __future__ import annotations

from types import SimpleNamespace

from pipeyard.engine.ahead import SHORT_SECONDS, Ahead
from pipeyard.scheduler import event as facts
from pipeyard.scheduler.command import LaunchAttempt, StopAttempt
from pipeyard.scheduler.machine import advance, new_state


def test_only_of_short_steps_some_are_ordered_ahead():
    """Three in a row, in their own pool; a long one ends it."""
    ahead = Ahead(4, new_state())
    changed = [ahead.note("p", seconds) for seconds in (0.1, 0.1, 0.1, 0.1)]

    assert changed == [False, False, True, False]
    assert (ahead.of("p", 2), ahead.of("q", 2)) == (8, 0)
    assert ahead.note("p", SHORT_SECONDS)
    assert ahead.of("p", 2) == 0


def test_nothing_is_ordered_ahead_where_nobody_holds_it():
    """That is where it was not asked for."""
    ahead = Ahead(0, new_state())

    assert not any(ahead.note("p", 0.1) for _ in range(9))
    assert ahead.of("p", 2) == 0


def test_orders_wait_while_enough_are_held_already():
    """A launch that the compute would hold can be stored with the next; any other order cannot wait."""
    state = new_state()
    advance(state, facts.ComputeSized("cpu", 1, 0, ahead=4))
    nodes = tuple(facts.NodeOrder(f"n{number}", (), "cpu", may_be_held=True) for number in range(9))
    advance(state, facts.JobSubmitted("job", 0, nodes))
    found = [advance(state, facts.ReuseMissed("job", node.id, 0)) for node in nodes]
    first = SimpleNamespace(commands=[command for one in found for command in one.commands])
    ahead = Ahead(4, state)
    assert len(first.commands) == 5

    # Nothing was sent yet; afterwards, one more and then three more.
    assert ahead.are_awaited(first, [first])
    more = [SimpleNamespace(commands=[LaunchAttempt("job", f"n{number}", 1)]) for number in (5, 6, 7)]
    assert not ahead.are_awaited(more[0], more[:1])
    assert ahead.are_awaited(more[2], more)
    assert ahead.are_awaited(SimpleNamespace(commands=[StopAttempt("job", "n0", 1)]), [])
    assert not ahead.are_awaited(SimpleNamespace(commands=[]), [])
