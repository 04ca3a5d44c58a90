"""How results are printed (section 15, "Script habits to honour")."""

from __future__ import annotations

import pytest
import yaml

from pipeyard.cli.output import render, select
from pipeyard.model.errors import UsageError


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("abc", "abc\n"),
        (True, "true\n"),
        (False, "false\n"),
        (3, "3\n"),
        (0.5, "0.5\n"),
        ("", "\n"),
        (None, ""),
        ([], ""),
        (["a", "b"], "a\nb\n"),
        ([True, None], "true\nNone\n"),
        ({"b": 1, "a": None}, "None\t1\n"),
        ({"a": [1, 2], "b": {"x": 1}, "c": True}, "2\t\tTrue\n"),
        ([["x", [1], {}], ["y", None, False]], "x\t1\t\ny\tNone\tFalse\n"),
    ],
)
def test_tsv_is_what_scripts_cut_apart(value, text):
    """A lone value stands bare, a row is separated by tabs, a nested list is its length."""
    assert render(value, "tsv") == text


@pytest.mark.parametrize("form", ["json", "jsonc", "yaml", "yamlc", "table", "tsv", "none"])
def test_a_null_result_prints_nothing(form):
    """A query that finds nothing leaves a script with an empty text."""
    assert render(None, form) == ""


def test_json_is_sorted_and_keeps_letters():
    """Keys are sorted at every depth; no letter is escaped."""
    assert (
        render({"b": {"z": 1, "y": 2}, "a": "é"}, "json")
        == '{\n  "a": "é",\n  "b": {\n    "y": 2,\n    "z": 1\n  }\n}\n'
    )


def test_jsonc_is_json_when_nobody_looks():
    """Colours are for terminals only, and without them both formats are one."""
    value = {"a": [1, {"b": "x: y"}]}

    assert render(value, "jsonc") == render(value, "json")
    assert "\x1b[" in render(value, "jsonc", colour=True)


def test_yaml_reads_back():
    """YAML output is the same value."""
    value = {"b": [1, "1", None, True], "a": "line\nline"}

    assert yaml.safe_load(render(value, "yaml")) == value
    assert render("abc", "yaml") == "abc\n"


def test_a_query_keeps_its_own_order_of_columns():
    """`[].{status: ..., name: ...}` gives columns in that order, as Azure does."""
    found = select([{"name": "n", "status": "s"}], "[].{status: status, name: name}")

    assert render(found, "tsv") == "s\tn\n"
    assert render(found, "table").splitlines()[0] == "Status  Name"


def test_tables_leave_out_what_is_no_cell():
    """Nested values, ids and empty columns do not make a table wide."""
    rows = [{"name": "a", "id": "/x", "n": 1, "tags": {"k": "v"}, "empty": None}, {"name": "über", "n": 22}]

    assert render(rows, "table") == "N   Name\n--  ----\n1   a\n22  über\n"


def test_a_table_without_columns_is_nothing():
    """Rows that hold no cell are no empty lines."""
    assert render([{"status": None}, {"status": None}], "table") == ""
    assert render({}, "table") == ""


def test_control_characters_do_not_reach_a_terminal_through_a_table():
    """A name with an escape sequence in it is spelled out."""
    assert "\x1b" not in render([{"name": "\x1b[2Jx"}], "table")


def test_a_broken_query_is_wrong_usage():
    """What is no JMESPath expression is refused with an example."""
    with pytest.raises(UsageError) as caught:
        select({}, "[.name")

    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "query",
    [
        "services.Studio.endpoint",
        'services."Studio".endpoint',
        'services["Studio"].endpoint',
        "services[Studio].endpoint",
    ],
)
def test_quoted_keys_of_azure_scripts_work(query):
    """`services["Studio"].endpoint` finds the address, also when a shell has eaten the quotes."""
    assert select({"services": {"Studio": {"endpoint": "http://127.0.0.1"}}}, query) == "http://127.0.0.1"
