"""What a step may use of its instance beside CPUs and GPUs."""

from __future__ import annotations

import pytest

from pipeyard.engine.report import AttemptKey
from pipeyard.engine.shares import Shares, share_json, share_of
from pipeyard.model.instance import Instance, Machine, Share

KEY = AttemptKey("root", "node", 1, "p", "step")


@pytest.mark.parametrize(("wanted", "found"), [(2.0, 2.0), (16.0, None), (None, None)])
def test_memory_is_a_limit_if_the_machine_has_more(wanted, found):
    """More than there is limits nothing."""
    shares = Shares(Machine(memory_gib=8.0))
    shares.size("p", 2, Instance(memory_gib=wanted))

    assert shares.take(KEY, 1).memory_gib == found


@pytest.mark.parametrize(
    ("home", "compute", "found"),
    [(False, None, False), (True, None, True), (True, False, False), (False, True, True)],
)
def test_a_computes_word_on_sandboxes_goes_before_the_homes(home, compute, found):
    """A compute that says nothing does as the server is set."""
    shares = Shares(Machine(is_sandboxed=home))
    shares.size("p", 1, Instance(is_sandboxed=compute))

    assert shares.take(KEY, 1).is_sandboxed is found


def test_both_outlive_the_engine():
    """A step that was about to start when the server was killed is held to the same afterwards."""
    share = Share(("p-0",), memory_gib=1.5, is_sandboxed=True)

    assert share_of(share_json(share)) == share
    assert "sandbox" not in share_json(Share(("p-0",)))
