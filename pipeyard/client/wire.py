"""
Diagnostics and errors as JSON, and back.

In:       what the server answered, or values to be shown with `-o json`.
Out:      `Diagnostic` values and the exception that an answer stands for.
Not here: HTTP itself (`http.py`); the server has its own converter (`api/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeyard.model.diagnostic import Diagnostic, Place, Related, Severity, Span
from pipeyard.model.errors import (
    Bug,
    Conflict,
    NotAllowed,
    NotFound,
    OutsideError,
    PipeyardError,
    SpecError,
    UserError,
)

_BY_STATUS: dict[int, type[PipeyardError]] = {
    401: NotAllowed,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    500: Bug,
}


def error_of(status: int, body: Any) -> PipeyardError:
    """Return the exception that an answer with *status* stands for."""
    envelope = body.get("error") if isinstance(body, Mapping) else None
    if not isinstance(envelope, Mapping):
        return OutsideError(f"the server answered {status} without saying why", code="bad-answer")
    message = str(envelope.get("message") or f"the server answered {status}")
    code = envelope.get("code")
    hint = envelope.get("hint")
    located, found = body.get("problems"), envelope.get("diagnostics") or ()
    if located or found:
        problems = [problem_of(item) for item in located] if located else [diagnostic_of(item) for item in found]
        error = SpecError(problems, message)
        error.code, error.hint = str(code or error.code), hint
        # What was asked for does not exist: scripts tell that by the exit code, with or without a place.
        error.exit_code = NotFound.exit_code if status == NotFound.http_status else error.exit_code
        return error
    kind = _BY_STATUS.get(status) or (OutsideError if status > 500 else UserError)  # noqa: PLR2004 - HTTP's own number.
    return kind(message, code=code, hint=hint)


def diagnostic_of(value: Mapping[str, Any]) -> Diagnostic:
    """Return the diagnostic that the server sent."""
    return Diagnostic(
        code=str(value["code"]),
        message=str(value["message"]),
        place=_place_of(value.get("place") or {}),
        severity=Severity(value.get("severity", "error")),
        expected=value.get("expected"),
        found=value.get("found"),
        hint=value.get("hint"),
        related=tuple(
            Related(str(item["message"]), _place_of(item.get("place") or {})) for item in value.get("related") or ()
        ),
    )


def problem_of(value: Mapping[str, Any]) -> Diagnostic:
    """Return the diagnostic that the server sent of a draft, whose lines it knows."""
    return Diagnostic(
        code=str(value["code"]),
        message=str(value["message"]),
        place=_place_of({"source": value.get("file"), "path": value.get("path"), "on_key": value.get("on_key")}),
        severity=Severity(value.get("severity", "error")),
        expected=value.get("expected"),
        found=value.get("found"),
        hint=value.get("hint"),
        related=tuple(
            Related(str(item["message"]), Place(), _span_of(item.get("span"))) for item in value.get("related") or ()
        ),
        span=_span_of(value.get("span")),
    )


def _span_of(value: Mapping[str, Any] | None) -> Span | None:
    if value is None:
        return None
    line, column = int(value["line"]), int(value["column"])
    return Span(str(value["file"]), line, column, int(value["end_line"]), int(value["end_column"]))


def diagnostic_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """Return a diagnostic as people's tools read it; `span` is null when it has no place in a file."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "path": str(diagnostic.place),
        "span": _span_json(diagnostic.span),
        "expected": diagnostic.expected,
        "found": diagnostic.found,
        "hint": diagnostic.hint,
        "related": [{"message": item.message, "span": _span_json(item.span)} for item in diagnostic.related],
    }


def _place_of(value: Mapping[str, Any]) -> Place:
    path = tuple(item if isinstance(item, int) else str(item) for item in value.get("path") or ())
    stretch = value.get("stretch")
    return Place(
        str(value.get("source", "")),
        path,
        bool(value.get("on_key", False)),
        (int(stretch[0]), int(stretch[1])) if stretch else None,
    )


def _span_json(span: Span | None) -> dict[str, Any] | None:
    if span is None:
        return None
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }
