"""What is read of a draft without reading it as YAML."""

from __future__ import annotations

import pytest

from pipeyard.service.search import step_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("jobs:\n", []),
        ("jobs: {a: {type: command}}\n", []),
        ("jobs:\n  a:\n    type: command\n  b_2: {type: command}\nsettings:\n  c: d\n", ["a", "b_2"]),
        ("x: 1\njobs: # all\n\n  # one\n    'a b':\n      c: 1\n\n    \"\u00fc\":\n", ["a b", "\u00fc"]),
        ("inputs:\n  jobs:\n    a: 1\n", []),
        ("jobs:\n  a:\n    command: >\n      echo b: c\n  d", ["a"]),
    ],
)
def test_names_of_steps_are_those_that_stand_directly_below_jobs(text, names):
    """However deep they are indented; half a text has the names that it has."""
    assert step_names(text) == names
