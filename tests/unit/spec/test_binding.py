"""The grammar of expressions and optional sections."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeyard.model.diagnostic import Severity
from pipeyard.model.expression import Expression, OptionalSection, Template
from pipeyard.spec.binding import parse_command, parse_template

names = st.lists(st.text(alphabet="abcXYZ_019-é", min_size=1, max_size=6), min_size=1, max_size=5).map(tuple)


def shape(parts):
    """Parts without their offsets."""
    return [
        str(part) if isinstance(part, str) else part.names if isinstance(part, Expression) else shape(part.parts)
        for part in parts
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [""]),
        ("plain", ["plain"]),
        ("${{parent.inputs.a}}", [("parent", "inputs", "a")]),
        ("${{  parent.inputs.a\t}}", [("parent", "inputs", "a")]),
        ("${{parent.inputs.a}}_x", [("parent", "inputs", "a"), "_x"]),
        ("a${{b}}${{c}}", ["a", ("b",), ("c",)]),
        ("${{parent.jobs.train-job.outputs.Model}}", [("parent", "jobs", "train-job", "outputs", "Model")]),
        ("${{inputs.group.item}}", [("inputs", "group", "item")]),
        ("$HOME ${HOME} $(pwd) {inputs.x}", ["$HOME ${HOME} $(pwd) {inputs.x}"]),
    ],
)
def test_a_text_is_cut_into_plain_parts_and_expressions(text, expected):
    """Only `${{ }}` means anything; the signs of the shell pass through."""
    template, problems = parse_template(text)

    assert shape(template.parts) == expected
    assert problems == ()


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("a ${{b", 2, 5),
        ("${{b ${{c}}", 0, 3),
        ("${{}}", 0, 5),
        ("x ${{a b}} y", 2, 10),
        ("${{a[0]}}", 0, 9),
        ("${{a.}}", 0, 7),
        ("${{.a}}", 0, 7),
        ("${{parent.inputs.x == 3}}", 0, 25),
    ],
)
def test_a_broken_expression_is_reported_with_its_place_and_stays_text(text, start, end):
    """A problem names the stretch of the text that has it, and nothing of the text is lost."""
    template, problems = parse_template(text)

    assert [(problem.code, problem.start, problem.end) for problem in problems] == [("broken-expression", start, end)]
    assert "".join(part if isinstance(part, str) else text[part.start : part.end] for part in template.parts) == text


@given(st.lists(st.one_of(st.text(max_size=8), names.map(Expression)), max_size=6))
def test_a_rendered_template_is_read_back_as_itself(parts):
    """Parsing what was rendered gives the same template."""
    text = str(Template(tuple(parts)))
    template, _ = parse_template(text)

    again, _ = parse_template(str(template))
    assert shape(again.parts) == shape(template.parts)
    assert str(again) == str(template)


@given(names)
def test_an_expression_alone_is_a_binding(parts):
    """A text that is one expression can be traced to its source."""
    template, problems = parse_template(str(Expression(parts)))

    assert problems == ()
    assert template.single is not None
    assert template.single.names == parts


@given(st.text(alphabet="ab.${}[] -\n\\", max_size=40))
def test_no_command_makes_the_grammar_fail_or_loses_a_character(text):
    """Whatever a command holds, its parts are the command."""
    command, problems = parse_command(text)

    def written(part):
        return part if isinstance(part, str) else text[part.start : part.end]

    assert "".join(written(part) for part in command.parts) == text
    assert command.text == text
    assert all(0 <= problem.start < problem.end <= len(text) for problem in problems)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a $[[--x ${{inputs.x}}]] b", ["a ", ["--x ", ("inputs", "x")], " b"]),
        ("$[[--x=${{inputs.x}}]]", [["--x=", ("inputs", "x")]]),
        (
            "$[[--x '${{inputs.x}}' ]]$[[-y ${{inputs.y}}]]",
            [["--x '", ("inputs", "x"), "' "], ["-y ", ("inputs", "y")]],
        ),
        ("$[[--x ${{inputs.x}} --y ${{inputs.y}}]]", [["--x ", ("inputs", "x"), " --y ", ("inputs", "y")]]),
        ("if [[ -f a ]]; then b; fi", ["if [[ -f a ]]; then b; fi"]),
        ("echo $TF_CONFIG && ls & `pwd`", ["echo $TF_CONFIG && ls & `pwd`"]),
    ],
)
def test_optional_sections_are_parts_of_a_command(text, expected):
    """A section may hold any text around its inputs, equals signs and quotes too."""
    command, problems = parse_command(text)

    assert shape(command.parts) == expected
    assert problems == ()


def test_the_expressions_of_a_command_include_those_in_sections():
    """Whoever asks what a command reads is told of every input."""
    command, _ = parse_command("a ${{inputs.x}} $[[--y ${{inputs.y}}]]")

    assert [str(expression) for expression in command.expressions] == ["${{inputs.x}}", "${{inputs.y}}"]
    assert [type(part) for part in command.parts] == [str, Expression, str, OptionalSection]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("a $[[--x ${{inputs.x}}", 2, 5),
        ("$[[--always]]", 0, 13),
        ("$[[ $[[--x ${{inputs.x}}]] ]]", 4, 7),
    ],
)
def test_a_broken_section_is_reported_with_its_place(text, start, end):
    """Sections do not nest, end with `]]`, and name an input."""
    problems = parse_command(text)[1]

    assert [(problem.code, problem.start, problem.end) for problem in problems] == [("broken-section", start, end)]


def test_a_bracket_inside_an_expression_does_not_end_a_section():
    """The end of a section is looked for outside expressions."""
    _, problems = parse_command("$[[--x ${{a]]b}} y ${{inputs.x}}]]")

    assert [(problem.code, problem.start) for problem in problems] == [("broken-expression", 7)]


def test_single_braces_of_2021_are_read_with_a_warning():
    """`{inputs.x}` in a command means `${{inputs.x}}`."""
    command, problems = parse_command("python a.py {inputs.x} > {outputs.y}/z {search_space.c} ${inputs.x} {other.x}")

    assert [str(expression) for expression in command.expressions] == [
        "${{inputs.x}}",
        "${{outputs.y}}",
        "${{search_space.c}}",
    ]
    assert {(problem.code, problem.severity) for problem in problems} == {("old-spelling", Severity.WARNING)}
