"""The name that somebody most likely meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeyard.model.nearest import did_you_mean, nearest


@pytest.mark.parametrize(
    ("name", "candidates", "expected"),
    [
        ("default_datestore", ["default_compute", "default_datastore"], "default_datastore"),
        ("max_epocs", ["max_epochs", "min_epochs"], "max_epochs"),
        ("train_jb", ["train_job"], "train_job"),
        ("trian", ["train"], "train"),
        ("Train-Job", ["train_job"], "train_job"),
        ("limit", ["limits"], "limits"),
        ("minimum", ["max", "min"], "min"),
        ("process_count", ["process_count_per_instance"], "process_count_per_instance"),
        ("x", ["y", "z"], None),
        ("colour", ["command", "code"], None),
        ("", ["a"], None),
        ("a", [], None),
        ("same", ["same"], None),
        ("ab", ["ac", "ad"], "ac"),
    ],
)
def test_the_nearest_name_is_offered(name, candidates, expected):
    """A slip or two is forgiven, another word is not offered."""
    assert nearest(name, candidates) == expected


def test_the_hint_asks():
    """The offer is a question, and nothing when there is no offer."""
    assert did_you_mean("limit", ["limits"]) == "did you mean `limits`?"
    assert did_you_mean("zzz", ["limits"]) is None


@given(st.text(alphabet="abcdé", min_size=3, max_size=12), st.integers(0, 11))
def test_one_lost_letter_is_always_forgiven(name, position):
    """A name with one letter missing finds its way back when there is no other."""
    at = position % len(name)

    assert nearest(name[:at] + name[at + 1 :], [name]) == name
