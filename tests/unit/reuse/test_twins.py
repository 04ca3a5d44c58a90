"""Who waits for whom among equal steps."""

from __future__ import annotations

from pipeyard.reuse.twins import Twins

A, B, C = ("one", "a"), ("one", "b"), ("two", "a")


def test_who_waited_is_named_when_the_leader_ends():
    """In the order in which they came, each once."""
    twins = Twins()
    twins.lead(A, "key")
    twins.wait(B, "key")
    twins.wait(C, "key")

    assert twins.leader_of("key") == A
    assert twins.ended(A) == ("key", [B, C])
    assert twins.leader_of("key") is None
    assert twins.ended(A) == (None, [])


def test_who_waited_and_ended_is_forgotten():
    """Somebody canceled it; the leader goes on."""
    twins = Twins()
    twins.lead(A, "key")
    twins.wait(B, "key")

    assert twins.ended(B) == (None, [])
    assert twins.ended(A) == ("key", [])


def test_a_second_leader_is_none():
    """Both run, because a rule says so: who comes later waits for the first, whose end is the only one told."""
    twins = Twins()
    twins.lead(A, "key")
    twins.lead(B, "key")

    assert twins.leader_of("key") == A
    assert twins.ended(B) == (None, [])
    assert twins.leader_of("key") == A


def test_who_waited_may_lead_the_next_time():
    """The first that missed does."""
    twins = Twins()
    twins.lead(A, "key")
    twins.wait(B, "key")
    twins.wait(C, "key")
    twins.ended(A)
    twins.lead(B, "key")
    twins.wait(C, "key")

    assert twins.ended(B) == ("key", [C])


def test_other_keys_do_not_matter():
    """Steps that are not equal know nothing of each other."""
    twins = Twins()
    twins.lead(A, "key")
    twins.lead(B, "other")

    assert twins.ended(A) == ("key", [])
    assert twins.leader_of("other") == B
