"""A text with some texts replaced keeps every other byte, or is not changed at all."""

from __future__ import annotations

import pytest

from pipeyard.spec.rewrite import rewritten

NEW = "azureml:train:3"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: {b: ./x.yml}  # why\nc: 1\n", "a: {b: azureml:train:3}  # why\nc: 1\n"),
        ("a:\n  b: './x.yml'   # why\r\nc: 1", "a:\n  b: 'azureml:train:3'   # why\r\nc: 1"),
        ('a: {"b": "./x.yml"}', 'a: {"b": "azureml:train:3"}'),
        ("\ufeffa:\n  b:\n    ./x.yml\n", "\ufeffa:\n  b:\n    azureml:train:3\n"),
        ("a:\n  b: >-\n    ./x.yml\n  c: 1\n", "a:\n  b: azureml:train:3\n  c: 1\n"),
        ("é: ü\u2028\na:\n  b: ./x.yml\n", "é: ü\u2028\na:\n  b: azureml:train:3\n"),
    ],
)
def test_only_the_text_itself_changes(before, after):
    """Comments, order, line ends and quotes stay."""
    assert rewritten(before, {("a", "b"): NEW}) == after


@pytest.mark.parametrize("text", ["a: &x {b: ./x.yml}\nc: *x\n", "a: [", "a: {c: 1}\nb: 2\n", ""])
def test_what_would_mean_something_else_is_not_done(text):
    """A value that stands elsewhere too, a text that is broken, a value that is not there."""
    assert rewritten(text, {("a", "b"): NEW}) is None


def test_an_anchor_stays_with_its_value():
    """Whoever names it reads the new text: done when all of them are to be changed."""
    text = "a:\n  b: &x ./x.yml\nc: {d: *x}\n"

    assert rewritten(text, {("a", "b"): NEW, ("c", "d"): NEW}) == "a:\n  b: &x azureml:train:3\nc: {d: *x}\n"
