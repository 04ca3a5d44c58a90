"""How many steps are ordered before there are slots for them."""

from __future__ import annotations

from pipeyard.engine.ahead import SHORT_SECONDS, Ahead


def test_only_of_short_steps_some_are_ordered_ahead():
    """Three in a row, in their own pool; a long one ends it."""
    ahead = Ahead(4)
    changed = [ahead.note("p", seconds) for seconds in (0.1, 0.1, 0.1, 0.1)]

    assert changed == [False, False, True, False]
    assert (ahead.of("p", 2), ahead.of("q", 2)) == (8, 0)
    assert ahead.note("p", SHORT_SECONDS)
    assert ahead.of("p", 2) == 0


def test_nothing_is_ordered_ahead_where_nobody_holds_it():
    """That is where it was not asked for."""
    ahead = Ahead(0)

    assert not any(ahead.note("p", 0.1) for _ in range(9))
    assert ahead.of("p", 2) == 0
