from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from pipeyard.service.naming import ADJECTIVES, NOUNS, display_name, is_job_name, job_name, step_names

LETTERS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=10, max_size=10)


@given(LETTERS)
def test_every_made_name_is_a_name(text):
    """And its display name is the two words."""
    name = job_name(lambda length: text[:length])

    assert is_job_name(name)
    assert display_name(name) == name.removesuffix(f"_{text}")


def test_there_are_words_enough():
    """No word twice, all fit for a name."""
    for words in (ADJECTIVES, NOUNS):
        assert len(words) == len(set(words)) > 90
        assert all(word.isalpha() and word.islower() for word in words)


def test_a_name_of_the_users_is_its_own_display_name():
    """Only a made one loses its end."""
    assert display_name("my_job_v2") == "my_job_v2"


def test_names_of_steps_are_uuids_in_order():
    """Of version 7, so that those of one job lie side by side; those of two jobs of one moment differ."""
    one, other = step_names(("a", "b/c", "d"), 1_700_000_000_000), step_names(("a",), 1_700_000_000_000)

    assert list(one) == ["a", "b/c", "d"]
    assert list(one.values()) == sorted(set(one.values()))
    assert {uuid.UUID(name).version for name in one.values()} == {7}
    assert {uuid.UUID(name).variant for name in one.values()} == {uuid.RFC_4122}
    assert other["a"] not in one.values()
