"""Errors and diagnostics survive the way over the wire."""

from __future__ import annotations

import pytest

from pipeyard.client.wire import diagnostic_json, diagnostic_of, error_of
from pipeyard.model.diagnostic import Diagnostic, Place, Related, Severity, Span
from pipeyard.model.errors import Bug, Conflict, NotAllowed, NotFound, OutsideError, SpecError, UserError
from pipeyard.service import wire as server_wire


@pytest.mark.parametrize(
    ("status", "kind", "exit_code"),
    [
        (400, UserError, 1),
        (401, NotAllowed, 1),
        (403, NotAllowed, 1),
        (404, NotFound, 3),
        (409, Conflict, 1),
        (500, Bug, 1),
        (503, OutsideError, 1),
    ],
)
def test_an_error_answer_becomes_the_exception_it_stands_for(status, kind, exit_code):
    """Code, message and hint of the server are the user's."""
    error = error_of(status, {"error": {"code": "some-code", "message": "why", "hint": "do"}})

    assert type(error) is kind
    assert (error.code, error.message, error.hint, error.exit_code) == ("some-code", "why", "do", exit_code)


@pytest.mark.parametrize("body", [None, [], "x", {}, {"error": "x"}, {"detail": "x"}])
def test_an_answer_of_another_program_is_an_error_too(body):
    """What listens on the port may be anything."""
    assert error_of(502, body).code == "bad-answer"


def test_diagnostics_arrive_as_they_were_sent():
    """Nothing of a diagnostic is lost between server and command line."""
    sent = Diagnostic(
        "type-mismatch",
        "wrong",
        Place("digest", ("jobs", "a", 0), on_key=True, stretch=(1, 3)),
        severity=Severity.WARNING,
        expected="a",
        found="b",
        hint="c",
        related=(Related("see", Place("", ("x",))),),
    )

    assert diagnostic_of(server_wire.diagnostic_json(sent)) == sent


def test_problems_make_a_spec_error():
    """An answer with diagnostics is raised with all of them."""
    sent = Diagnostic("unknown-field", "wrong", Place("", ("x",)))
    body = {"error": {"code": "invalid-spec", "message": "m", "diagnostics": [server_wire.diagnostic_json(sent)]}}

    error = error_of(422, body)

    assert isinstance(error, SpecError)
    assert error.diagnostics == (sent,)


def test_programs_get_lines_and_columns():
    """With `-o json` a problem has its span, or null when it has none."""
    found = diagnostic_json(Diagnostic("a-b", "m", Place("", ("x", 1)), span=Span("p.yml", 3, 5, 3, 9)))

    assert found["span"] == {"file": "p.yml", "line": 3, "column": 5, "end_line": 3, "end_column": 9}
    assert found["path"] == "x.1"
    assert diagnostic_json(Diagnostic("a-b", "m", Place()))["span"] is None


def test_a_problem_with_a_place_still_says_that_something_does_not_exist():
    """
    A script tells a missing asset by exit code 3, also when the answer names the line.
    """
    error = error_of(
        404, {"error": {"code": "not-found", "message": "m", "diagnostics": [{"code": "c", "message": "x"}]}}
    )

    assert isinstance(error, SpecError)
    assert error.exit_code == 3
