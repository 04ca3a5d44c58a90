"""YAML text as a tree that knows its lines and columns."""

from __future__ import annotations

import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeyard.model.diagnostic import Diagnostic, Place, Related, Severity, Span
from pipeyard.spec import compose
from pipeyard.spec.document import document_of, document_on_command_line, has_libyaml, located, parse_document

TEXT = """\
type: pipeline
jobs:
  train:
    command: >-
      python a.py ${{inputs.x}}
      --y ${{inputs.y}} --again ${{inputs.x}}
    inputs: {x: 1, y: "a ${{parent.inputs.y}}"}
    includes: [a, b]
    empty:
list:
  - name: one
"""


def parse(text, file="job.yml"):
    document, problems = parse_document(text, source="", file=file)
    assert document is not None, problems
    return document


def found(text):
    return [(item.code, item.span.line, item.span.column) for item in parse_document(text, source="", file="f")[1]]


@pytest.mark.parametrize(
    ("path", "start", "end"),
    [
        (("type",), (1, 7), (1, 15)),
        (("jobs", "train", "inputs", "x"), (7, 17), (7, 18)),
        (("jobs", "train", "includes", 1), (8, 19), (8, 20)),
        (("list", 0, "name"), (11, 11), (11, 14)),
        # A block has no end of its own: its key stands for it, or its first entry in a list.
        (("jobs", "train"), (3, 3), (3, 8)),
        (("list", 0), (11, 5), (11, 9)),
        ((), (1, 1), (1, 5)),
        (("jobs", "train", "empty"), (9, 5), (9, 10)),
    ],
)
def test_a_value_has_a_line_and_column(path, start, end):
    """Every value can be pointed at in the text."""
    span = parse(TEXT).span(path)

    assert ((span.line, span.column), (span.end_line, span.end_column)) == (start, end)
    assert span.file == "job.yml"


def test_a_key_has_a_place_of_its_own():
    """A problem of a key points at the key, not at what is behind it."""
    assert parse(TEXT).span(("type",), on_key=True) == Span("job.yml", 1, 1, 1, 5)


def test_what_was_not_written_is_shown_at_its_parent():
    """A missing key is reported where it should have been."""
    document = parse(TEXT)

    assert document.span(("jobs", "train", "limits", "timeout")) == document.span(("jobs", "train"))
    assert document.span(("nowhere",)) == document.span(())
    assert document.span(("type", "inside")) == Span("job.yml", 1, 1, 1, 5)


@pytest.mark.parametrize(
    ("path", "part", "number", "expected"),
    [
        (("jobs", "train", "command"), "${{inputs.x}}", 0, (5, 19)),
        (("jobs", "train", "command"), "${{inputs.x}}", 1, (6, 33)),
        (("jobs", "train", "inputs", "y"), "${{parent.inputs.y}}", 0, (7, 26)),
    ],
)
def test_a_part_of_a_text_is_found_in_the_text_as_written(path, part, number, expected):
    """One expression of a folded or quoted text can be underlined alone."""
    document = parse(TEXT)
    value = document.value
    for key in path:
        value = value[key]
    start = value.index(part)
    for _ in range(number):
        start = value.index(part, start + 1)

    span = document.span(Place("", path).within(start, start + len(part)))

    assert (span.line, span.column, span.end_column) == (*expected, expected[1] + len(part))


def test_a_part_that_was_escaped_is_shown_as_the_whole_text():
    """Where the text as written looks different, the whole value is shown."""
    document = parse('a: "tab\\there"\n')

    assert document.span(Place("", ("a",)).within(2, 5)) == document.span(("a",))
    assert document.span(Place("", ("a",)).within(0, 0)) == document.span(("a",))


def test_a_part_of_something_that_is_no_text_is_the_whole():
    """Only texts have parts."""
    document = parse("a: [1]\n")

    assert document.span(Place("", ("a",)).within(0, 1)) == document.span(("a",))


def test_aliases_and_merge_keys_are_followed():
    """A merged key is a key like any other, and its own keys win."""
    document = parse("base: &b {x: 1, y: 2}\nmore: &m {y: 3, z: 4}\none: {<<: *b, y: 5}\ntwo:\n  <<: [*b, *m]\n")

    assert document.value["one"] == {"x": 1, "y": 5}
    assert document.value["two"] == {"x": 1, "y": 2, "z": 4}
    assert document.span(("one", "x")).line == 1
    assert document.span(("one", "y")).line == 3
    assert document.span(("two", "z")).line == 2


def test_a_byte_order_mark_is_no_part_of_the_text():
    """A file of Windows Notepad reads like any other."""
    document = parse("\ufefftype: pipeline\n")

    assert document.value == {"type": "pipeline"}
    assert document.span(("type",), on_key=True).column == 1


def test_dates_and_odd_keys_stay_text():
    """The tree is plain JSON: no dates, no keys that are numbers."""
    document, problems = parse_document("on: 2021-01-01\n1: .nan\n", source="", file="f")

    assert document.value == {"on": "2021-01-01", "1": ".nan"}
    assert {problem.severity for problem in problems} == {Severity.WARNING}


def test_plain_tags_are_understood():
    """`!!str` and its like say how a value is to be read."""
    document = parse(
        'a: !!str 5\nb: !!int "7"\nc: !!float 1\nd: !!null ""\ne: !!bool "yes"\nf: !!timestamp 2021-01-01\n'
    )

    assert document.value == {"a": "5", "b": 7, "c": 1.0, "d": None, "e": True, "f": "2021-01-01"}


def test_tags_of_programs_are_refused():
    """A tag that would build an object elsewhere builds nothing here."""
    assert found("a: !!python/object:os.system x\nb: !thing {x: 1}\nc: !!set [a]\n") == [
        ("unknown-tag", 1, 4),
        ("unknown-tag", 2, 4),
        ("unknown-tag", 3, 4),
    ]


def test_broken_text_in_memory_is_a_problem_and_no_crash():
    """Half a surrogate pair, which no file holds, is reported too."""
    assert found("a: \ud800\n") == [("broken-yaml", 1, 4)]
    assert found("a: 1\nb: \x00\n") == [("broken-yaml", 2, 4)]


@given(st.text(alphabet="abc:-[]{}&*!|>'\"%@`#,? \n\t<~0.${}", max_size=60))
def test_no_text_makes_the_parser_fail(text):
    """Whatever the text, there is a document or a problem, and everything in it has a place."""
    document, problems = parse_document(text, source="", file="f")

    assert document is not None or problems
    assert all(problem.span is not None for problem in problems)


@given(st.text(alphabet="abc:-[]{}&*!|>'\"# \n,?", max_size=40))
def test_the_slow_composer_reads_what_the_fast_one_reads(text):
    """Without libyaml's parser the same text gives the same tree."""
    fast, fast_problems = parse_document(text, source="", file="f")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compose, "_composer", compose._PurePythonComposer)
        slow, slow_problems = parse_document(text, source="", file="f")

    # The two scanners differ in what they still let pass, never in what it means.
    if fast is not None and slow is not None:
        assert slow.value == fast.value
        assert [item.code for item in slow_problems] == [item.code for item in fast_problems]


def test_the_fast_parser_is_known_to_be_there():
    """Whoever warns of the slow parser can ask."""
    assert has_libyaml is True


def test_the_depth_of_a_file_is_bounded():
    """A hundred thousand brackets are a problem, not the end of the process."""
    assert found("a: " + "[" * 100_000)[0][0] == "too-deep"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compose, "_composer", compose._PurePythonComposer)
        assert found("a: " + "[" * 1000)[0][0] == "too-deep"


def test_aliases_of_aliases_are_bounded():
    """A small file cannot stand for a billion values."""
    lines = ["a0: &a0 [" + ", ".join("x" * 10) + "]"]
    lines += [f"a{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * 10) + "]" for i in range(1, 12)]

    assert [code for code, _, _ in found("\n".join(lines))] == ["too-many-aliases"]


def test_a_large_file_is_read_without_the_cycle_collector():
    """Reading leaves the collector as it was, also when the text is broken."""
    assert gc.isenabled()
    parse_document("a: [", source="", file="f")
    assert gc.isenabled()
    gc.disable()
    try:
        parse("a: 1\n")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_problems_come_in_file_order_and_those_without_a_place_last():
    """Inlined files come after the file that names them; what stands nowhere comes at the end."""
    main, other = parse("a: 1\nb: 2\n", "main.yml"), parse("c: 3\n", "other.yml")
    documents = {"": main, "other": other}

    def problem(source, path, **more):
        return Diagnostic("x", f"{source}:{path}", Place(source, path), **more)

    ordered = located(
        [
            problem("unknown", ()),
            problem("other", ("c",)),
            problem("", ("b",), related=(Related("see", Place("other", ("c",))),)),
            problem("", ("a",)),
        ],
        documents,
    )

    assert [item.message for item in ordered] == [":('a',)", ":('b',)", "other:('c',)", "unknown:()"]
    assert ordered[1].related[0].span == Span("other.yml", 1, 4, 1, 5)
    assert ordered[3].span is None


def test_a_tree_from_json_has_no_places():
    """What came over the network knows its paths, and no lines."""
    document = document_of({"a": 1}, source="abc")

    assert document.value == {"a": 1}
    assert document.span(("a",)) is None
    assert document.raw_at(("a",)) is None


def test_grafted_parts_stand_where_they_came_from():
    """A value from elsewhere points there, its key stays here, and a newer part covers an older one."""
    host = parse("environment: ./env.yml\nname: x\n")
    part = parse_document("image: a\nbuild: {path: ./d}\n", source="env.yml", file="env.yml")[0]
    grafted = host.grafted({"environment": part.value, "name": "x"}, {("environment",): part})

    assert grafted.span(("environment", "image")).file == "env.yml"
    assert grafted.span(("environment",), on_key=True) == Span("job.yml", 1, 1, 1, 12)
    assert grafted.source_at(("environment", "build", "path")) == "env.yml"
    assert grafted.source_at(("name",)) == ""
    assert grafted.raw_at(("environment", "image")) == "a"

    given = document_on_command_line("b", source="", span=Span("--set", 1, 13, 1, 14))
    newer = grafted.grafted({"environment": "b", "new": "b"}, {("environment",): given, ("new",): given})
    assert newer.span(("environment", "image")).file == "--set"
    assert newer.source_at(("environment",)) == ""
    assert newer.span(("new",), on_key=True).file == "--set"
