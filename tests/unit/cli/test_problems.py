"""How problems are drawn: the form that the house prescribes."""

from __future__ import annotations

import pytest

from pipeyard.cli.problems import Drawing, Form, render_count, render_error, render_problems
from pipeyard.model.diagnostic import Diagnostic, Place, Related, Severity, Span
from pipeyard.model.errors import NotFound

TEXT = "a: 1\njobs:\n      max_epocs: twenty\n"


def problem(line=3, column=18, end=24, **changes):
    return Diagnostic(
        **{
            "code": "type-mismatch",
            "message": "input `max_epocs` takes an integer, this is text",
            "place": Place("", ("jobs", "max_epocs")),
            "span": Span("pipeline.yml", line, column, line, end),
            **changes,
        }
    )


def full(*problems, text=TEXT, **options):
    return render_problems(problems, Drawing(texts={"pipeline.yml": text}, **options))


def test_a_problem_shows_its_line_and_what_to_do():
    """Where, what, the line with carets, what was expected, what to do."""
    drawn = full(
        problem(
            expected="a whole number from 0 to 100",
            hint="write `max_epocs: 20`",
            related=(Related("declared here", Place(), Span("components/train.yml", 9, 5, 9, 9)),),
        )
    )

    assert drawn == (
        "pipeline.yml:3:18: error[type-mismatch]: input `max_epocs` takes an integer, this is text\n"
        "  |\n"
        "3 |       max_epocs: twenty\n"
        "  |                  ^^^^^^\n"
        "   = expected: a whole number from 0 to 100\n"
        "   = hint: write `max_epocs: 20`\n"
        "   = note: declared here (components/train.yml:9:5)\n"
        "\n"
    )


def test_short_form_is_one_line_each():
    """Piped, each problem is one line that editors can jump to, whatever is in its message."""
    drawn = render_problems([problem(message="two\nlines", hint="do"), problem()], Drawing(Form.SHORT))

    assert drawn.splitlines() == [
        "pipeline.yml:3:18: error[type-mismatch]: two lines; hint: do",
        "pipeline.yml:3:18: error[type-mismatch]: input `max_epocs` takes an integer, this is text",
    ]


def test_twenty_are_shown_and_the_rest_counted():
    """A terminal is not flooded."""
    drawn = full(*[problem()] * 25, limit=20)

    assert drawn.count("error[") == 20
    assert "... and 5 more" in drawn


def test_tabs_and_wide_letters_keep_the_carets_in_place():
    """A tab counts as four columns, a CJK letter as two."""
    line = full(problem(line=1, column=4, end=6), text="\t漢:xy\n").splitlines()

    assert line[2] == "1 |     漢:xy"
    assert line[3] == "  |        ^^"


def test_a_long_line_is_cropped_around_the_mark():
    """On a narrow terminal the marked part can still be seen."""
    text = "key: " + "x" * 200 + "HERE" + "y" * 200 + "\n"
    lines = full(problem(line=1, column=206, end=210), text=text, columns=40).splitlines()

    assert all(len(line) <= 40 for line in lines[1:4])
    assert lines[2][lines[3].index("^") :].startswith("HERE")


def test_a_span_over_lines_is_marked_to_the_end_of_its_first():
    """Only the first line is shown."""
    found = full(problem(span=Span("pipeline.yml", 2, 1, 3, 5))).splitlines()

    assert found[2:4] == ["2 | jobs:", "  | ^^^^^"]


@pytest.mark.parametrize("span", [None, Span("gone.yml", 3, 1, 3, 2), Span("pipeline.yml", 99, 1, 99, 2)])
def test_a_problem_without_a_text_has_no_excerpt(span):
    """A place that cannot be shown is no reason to fail."""
    drawn = full(problem(span=span))

    assert "|" not in drawn
    assert drawn.startswith("jobs.max_epocs: " if span is None else f"{span.file}:{span.line}:1: ")


def test_control_characters_are_spelled_out():
    """What a file holds cannot move the cursor of a terminal."""
    drawn = full(problem(line=1, column=4, end=8, message="\x1b]0;title\x07"), text="a: '\x1b[2J'\n")

    assert "\x1b" not in drawn
    assert "\x07" not in drawn


def test_nothing_needs_colour():
    """With colours the words are the same."""
    plain, coloured = full(problem()), full(problem(), colour=True)
    for code in ("\x1b[1m", "\x1b[1;31m", "\x1b[0m"):
        coloured = coloured.replace(code, "")

    assert coloured == plain


@pytest.mark.parametrize(
    ("severities", "text"),
    [
        ([], "no problems."),
        (["error"], "1 problem."),
        (["error", "error"], "2 problems."),
        (["warning"], "1 warning."),
        (["error", "warning", "warning"], "1 problem and 2 warnings."),
    ],
)
def test_the_count_closes_the_list(severities, text):
    """Errors are problems; warnings are counted apart."""
    assert render_count([problem(severity=Severity(word)) for word in severities]) == text


def test_the_count_says_what_came_of_it():
    """A refused submit says that nothing was submitted."""
    assert render_count([problem()] * 2, "Nothing was submitted.") == "2 problems. Nothing was submitted."


def test_an_error_without_a_place_has_code_and_hint():
    """Errors look like problems."""
    drawn = render_error(NotFound("there is no job `x`", hint="did you mean `y`?"))

    assert drawn == "error[not-found]: there is no job `x`\n   = hint: did you mean `y`?\n"
