"""Which states of a draft are kept, and who edits it."""

from __future__ import annotations

from pipeyard.model.draft_record import HOLD_MS, DraftRecord, DraftRevision, Reason, thinned

MINUTE = 60_000


def states(count, every_ms, reason=Reason.SAVED):
    """Return states that were saved one after the other, newest first."""
    return tuple(DraftRevision(n, "d", n * every_ms, "ann", reason, 1) for n in range(count, 0, -1))


def test_of_an_hours_typing_long_ago_each_minute_is_kept():
    """The newest hundred stay whatever they are; of older ones the last of each minute."""
    gone = thinned(states(400, 1000))
    kept = [n for n in range(1, 301) if n not in gone]

    assert all(n <= 300 for n in gone)
    assert kept == [59, 119, 179, 239, 299, 300]


def test_what_was_kept_on_purpose_stays():
    """Created, restored, submitted; and what was saved seldom."""
    for reason in (Reason.CREATED, Reason.RESTORED, Reason.SUBMITTED):
        assert thinned(states(400, 1000, reason)) == ()
    assert thinned(states(400, MINUTE)) == ()
    assert thinned(()) == ()


def test_a_tab_that_is_silent_edits_no_more():
    """After some minutes the next one who asks has the draft."""
    one = DraftRecord("w", "d", "d", 1, 0, "ann", 0, "ann", "p.yml", 0, holder="tab", held_at_ms=1000)

    assert one.holder_at(1000 + HOLD_MS - 1) == "tab"
    assert one.holder_at(1000 + HOLD_MS) is None
