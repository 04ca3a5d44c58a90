from __future__ import annotations

import pytest

from pipeyard.model.types import PortType
from pipeyard.spec.items import ItemsProblem, parse_items
from pipeyard.spec.written import read_written


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("3\n", "integer", 3),
        (" 3.0 ", "integer", 3),
        ('"3"', "integer", 3),
        ("1e-3\n", "number", 0.001),
        ("True\r\n", "boolean", True),
        ("false", "boolean", False),
        ("two words \n", "string", "two words "),
        ("", "string", ""),
        ('"in\\nquotes"\n', "string", "in\nquotes"),
        ('"not" quite', "string", '"not" quite'),
        ('"broken \\q"', "string", '"broken \\q"'),
        ("[1, 2]\n", "string", "[1, 2]"),
        ("line 1\nline 2\n", "string", "line 1\nline 2"),
    ],
)
def test_a_value_is_read_as_text_and_as_json(text, type_, value):
    """`echo` and `json.dump` both write what is meant."""
    found, problem = read_written(text, PortType(type_))

    assert (found, problem) == (value, "")
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "type_", "words"),
    [
        ("", "integer", "takes an integer, this is the text ''"),
        ("3.5", "integer", "takes an integer"),
        ("yes", "boolean", "takes true or false"),
        ("NaN", "number", "takes a number"),
        ("a\0b", "string", "NUL"),
    ],
)
def test_what_is_no_value_is_said(text, type_, words):
    """Nothing is guessed and nothing rounded."""
    found, problem = read_written(text, PortType(type_))

    assert found is None
    assert words in problem


def test_items_are_a_list_or_a_mapping_of_mappings():
    """Those of a list are called by their places."""
    assert parse_items('[{"n": 1}, {"n": 2}]') == (("0", {"n": 1}), ("1", {"n": 2}))
    assert parse_items('{"one": {"n": true, "m": "x"}}') == (("one", {"n": True, "m": "x"}),)
    assert isinstance(parse_items("{"), ItemsProblem)
    assert isinstance(parse_items('[{"n": null}]'), ItemsProblem)
