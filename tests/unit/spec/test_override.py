"""Values given with `--set`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeyard.model.diagnostic import Span
from pipeyard.spec.document import document_of, parse_document
from pipeyard.spec.override import apply_overrides

TEXT = """\
type: pipeline
jobs:
  a:
    component: ./a.yml
    inputs: {x: 1, nothing: }
    includes: [p, q]
"""


def applied(*texts):
    document, _ = parse_document(TEXT, source="", file="job.yml")
    changed, problems = apply_overrides(document, texts)
    assert problems == ()
    return changed


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("jobs.a.inputs.x=2", ("jobs", "a", "inputs", "x"), 2),
        ("jobs.a.inputs.y=1e-3", ("jobs", "a", "inputs", "y"), "1e-3"),
        ("jobs.a.limits.timeout=60", ("jobs", "a", "limits", "timeout"), 60),
        ("jobs.a.inputs.nothing.deep.deeper=yes", ("jobs", "a", "inputs", "nothing", "deep", "deeper"), True),
        ("jobs.a.includes[1]=r", ("jobs", "a", "includes", 1), "r"),
        ("jobs.a.includes.0=r", ("jobs", "a", "includes", 0), "r"),
        ("jobs.a.includes[2]=r", ("jobs", "a", "includes", 2), "r"),
        ("description=a=b: c # d", ("description",), "a=b: c # d"),
        ("description=", ("description",), ""),
        ("description=null", ("description",), None),
        ('description="10"', ("description",), "10"),
        ("tags={a: 1, b: [x]}", ("tags",), {"a": 1, "b": ["x"]}),
        ('tags={"a": "1"}', ("tags",), {"a": "1"}),
        ("jobs.a.inputs.x=${{parent.inputs.y}}", ("jobs", "a", "inputs", "x"), "${{parent.inputs.y}}"),
        ("jobs.a.inputs['a.b']=3", ("jobs", "a", "inputs", "a.b"), 3),
        ('jobs.a.inputs["ü x"]=$HOME', ("jobs", "a", "inputs", "ü x"), "$HOME"),
        ("type=command", ("type",), "command"),
        ("description=two\nlines", ("description",), "two\nlines"),
    ],
)
def test_a_value_is_set_at_a_path(text, path, value):
    """New keys and new list entries are made, numbers are read as in a file."""
    found = applied(text).value
    for item in path:
        found = found[item]

    assert found == value


def test_the_file_itself_is_not_changed():
    """The document before stays what it was."""
    document, _ = parse_document(TEXT, source="", file="job.yml")
    before = document.value["jobs"]["a"]["inputs"]["x"]
    apply_overrides(document, ["jobs.a.inputs.x=2"])

    assert document.value["jobs"]["a"]["inputs"]["x"] == before


def test_a_set_value_stands_on_the_command_line():
    """A problem of it points at the option; its paths are still relative to the file."""
    changed = applied("jobs.a.inputs.x=2", "jobs.a.settings.y=./p")

    assert changed.span(("jobs", "a", "inputs", "x")) == Span("--set", 1, 17, 1, 18)
    assert changed.span(("jobs", "a", "inputs", "x"), on_key=True).file == "job.yml"
    assert changed.span(("jobs", "a", "settings", "y")).file == "--set"
    assert changed.source_at(("jobs", "a", "settings", "y")) == ""
    assert changed.span(("jobs", "a", "component")).file == "job.yml"


def test_later_ones_win():
    """Options are carried out in their order, each on what the one before left."""
    assert applied("a.b=1", "a.c=2", "a.b=3").value["a"] == {"b": 3, "c": 2}
    assert applied("a.b=1", "a=2").value["a"] == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("jobs.a", "sets nothing"),
        ("=3", "sets nothing"),
        ("a..b=3", "sets nothing"),
        (".a=3", "sets nothing"),
        ("a.=3", "sets nothing"),
        ("a.[0]=3", "sets nothing"),
        ("a[0]b=3", "sets nothing"),
        ("a[=3", "sets nothing"),
        ("jobs.a.component.inputs=3", "is the text './a.yml'"),
        ("jobs.a.inputs.x.y=3", "is the number 1"),
        ("jobs.a.includes.name=3", "is a list of 2"),
        ("jobs.a.includes[3]=3", "has no entry `3`"),
        ("tags={a", "cannot be read"),
        ("tags={a: 1}\nb: 2", "holds more than one value"),
        ("tags={a: 1, a: 2}", "written twice"),
    ],
)
def test_what_cannot_be_set_is_a_problem(text, words):
    """A path does not go through a text, and what is broken changes nothing."""
    document, _ = parse_document(TEXT, source="", file="job.yml")
    changed, problems = apply_overrides(document, [text])

    assert [problem.code for problem in problems] == ["broken-override"]
    assert words in problems[0].message
    assert problems[0].span.file == "--set"
    assert changed.value == document.value


@given(st.text(max_size=30), st.text(alphabet="abc.[]'\"=0 \n{}", max_size=30))
def test_no_option_makes_it_fail(first, second):
    """Whatever is typed, it is set or a problem."""
    document = document_of({"a": {"b": [1]}}, source="")
    changed, problems = apply_overrides(document, [first, second])

    assert isinstance(changed.value, dict)
    assert all(problem.code == "broken-override" for problem in problems)
