"""What a server says of itself, in words."""

from __future__ import annotations

from pipeyard.cli.server_verbs import server_problems


def test_a_sound_server_has_no_problems():
    """Nor has one that is too old to say."""
    assert list(server_problems({"broken": None, "store_problem": None})) == []
    assert list(server_problems({})) == []


def test_a_server_without_workers_says_to_restart_it():
    """The way out is in the server's own words."""
    hint = "the files were changed; restart the server: pipeyard server stop"

    assert list(server_problems({"store_problem": hint})) == [
        f"the server cannot store what happens and tries again: {hint}"
    ]


def test_a_broken_server_is_to_be_restarted():
    """Only a restart helps."""
    (problem,) = server_problems({"broken": "KeyError: 'x'"})

    assert "(KeyError: 'x'); restart the server: pipeyard server stop" in problem
