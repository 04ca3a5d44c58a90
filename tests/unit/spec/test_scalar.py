"""How plain scalars are read: the one table, held case by case."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeyard.model.types import PortType
from pipeyard.spec.scalar import RULES, coerce, describe, read_plain, rule_of

CASES = json.loads((Path(__file__).parents[2] / "golden" / "scalars.json").read_text("utf-8"))
KINDS = {"null": type(None), "boolean": bool, "integer": int, "number": float, "text": str}


@pytest.mark.parametrize("case", CASES["plain"], ids=lambda case: case["text"] or "nothing")
def test_a_plain_scalar_is_read_as_the_table_says(case):
    """Each golden case is read as its kind and value, and as nothing else."""
    value = read_plain(case["text"])

    assert type(value) is KINDS[case["kind"]]
    assert value == case["value"]


@pytest.mark.parametrize("case", CASES["coerced"], ids=lambda case: f"{case['value']}-{case['type']}")
def test_a_value_becomes_what_its_port_declares_or_a_problem(case):
    """A value that fits is converted without rounding; one that does not fit is described."""
    value, problem = coerce(case["value"], PortType(case["type"]))

    if "problem" in case:
        assert value is None
        assert problem != ""
    else:
        assert value == case["result"]
        assert type(value) is type(case["result"])
        assert problem == ""


@given(st.text(alphabet="0123456789_.:+-eExXbBoOaAfFnNyYsStTrRuUlL~", max_size=12))
def test_every_scalar_is_read_as_the_loader_of_azure_reads_it(text):
    """Dates and numbers that are not finite stay text; everything else is what PyYAML's safe loader makes of it."""
    node = yaml.ScalarNode(tag="", value=text)
    loader = yaml.SafeLoader("")
    tag = loader.resolve(yaml.ScalarNode, text, (True, False))
    if tag.endswith((":timestamp", ":value", ":merge")):
        assert read_plain(text) == text
        return
    node.tag = tag
    try:
        expected = loader.construct_object(node)
    except ValueError:
        expected = text
    if isinstance(expected, float) and not math.isfinite(expected):
        expected = text

    value = read_plain(text)
    assert type(value) is type(expected)
    assert value == expected


def test_each_rule_has_a_golden_case():
    """No row of the table goes unheld."""
    used = {rule.name for case in CASES["plain"] if (rule := rule_of(case["text"])) is not None}

    assert used == {rule.name for rule in RULES}


def test_a_number_with_thousands_of_digits_stays_text():
    """A number too long for Python to convert is no reason to fail."""
    digits = "9" * 10_000

    assert read_plain(digits) == digits
    assert coerce(digits, PortType.INTEGER)[0] is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        (True, "the truth value true"),
        (3, "the number 3"),
        ("a", "the text 'a'"),
        ("a" * 100, "the text '" + "a" * 40 + "...'"),
        ([], "a list"),
        ({}, "a mapping"),
    ],
)
def test_a_value_is_described_in_words(value, words):
    """Messages name what was found as a person would."""
    assert describe(value) == words
