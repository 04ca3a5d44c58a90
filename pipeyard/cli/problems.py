"""
Diagnostics and errors as text for people, and as JSON for programs.

In:       diagnostics with spans, and the texts that the spans lie in.
Out:      text.
Not here: finding problems (`spec`, `graph`, `client/checking.py`).

Source of the form: the house's part on errors. What is wrong, where, what was expected,
what to do; nothing depends on colour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from enum import Enum
from typing import Any

from pipeyard.cli.terminal import columns_of, cropped, harmless, paint
from pipeyard.client.wire import diagnostic_json
from pipeyard.model.diagnostic import Diagnostic, Span
from pipeyard.model.errors import PipeyardError
from pipeyard.model.value import dataclass

SHOWN_ON_TERMINAL = 20


class Form(Enum):
    """How much of a problem is shown."""

    SHORT = "short"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Drawing:
    """How problems are drawn."""

    form: Form = Form.FULL
    colour: bool = False
    columns: int = 1000
    # How many problems are drawn before "and N more"; None: all.
    limit: int | None = None
    # Texts by file name, for excerpts.
    texts: Mapping[str, str] = field(default_factory=dict)


def render_problems(diagnostics: Sequence[Diagnostic], drawing: Drawing) -> str:
    """Return all problems in the order given, ending in a newline; nothing for none."""
    shown = diagnostics if drawing.limit is None else diagnostics[: drawing.limit]
    if drawing.form is Form.SHORT:
        lines = [_short(diagnostic) for diagnostic in shown]
    else:
        lines = [line for diagnostic in shown for line in (*_full(diagnostic, drawing), "")]
    more = len(diagnostics) - len(shown)
    if more:
        lines.append(f"... and {more} more; --format short shows all of them")
        if drawing.form is Form.FULL:
            lines.append("")
    return "".join(line + "\n" for line in lines)


def render_count(diagnostics: Sequence[Diagnostic], outcome: str = "") -> str:
    """Return the closing sentence: how many problems, and what came of them."""
    errors = sum(1 for diagnostic in diagnostics if diagnostic.is_error)
    warnings = len(diagnostics) - errors
    parts = []
    if errors or not warnings:
        parts.append(_counted(errors, "problem"))
    if warnings:
        parts.append(_counted(warnings, "warning"))
    return " and ".join(parts) + "." + (f" {outcome}" if outcome else "")


def render_error(error: PipeyardError, *, colour: bool = False) -> str:
    """Return an error that has no place in a file."""
    head = paint(f"error[{error.code}]", "bold", "red", colour=colour)
    lines = [f"{head}: {_lines(error.message)}"]
    if error.hint:
        lines.append(f"   = hint: {_lines(error.hint)}")
    return "".join(line + "\n" for line in lines)


def problems_json(diagnostics: Sequence[Diagnostic]) -> dict[str, Any]:
    """Return what `job validate -o json` prints; `result` is Azure's word."""
    errors = [item for item in diagnostics if item.is_error]
    return {
        "result": "Failed" if errors else "Succeeded",
        "errors": [diagnostic_json(item) for item in errors],
        "warnings": [diagnostic_json(item) for item in diagnostics if not item.is_error],
    }


def _counted(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"


def _lines(text: str) -> str:
    return "\n".join(harmless(line) for line in text.splitlines())


def _one_line(text: str) -> str:
    return " ".join(harmless(line.strip()) for line in text.splitlines())


def _where(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    if span is not None and span.line:
        return f"{harmless(span.file)}:{span.line}:{span.column}: "
    if span is not None and span.file:
        return f"{harmless(span.file)}: "
    return f"{harmless(str(diagnostic.place))}: " if diagnostic.place.path else ""


def _short(diagnostic: Diagnostic) -> str:
    details = "".join(
        f"; {label}: {_one_line(text)}"
        for label, text in (("expected", diagnostic.expected), ("hint", diagnostic.hint))
        if text
    )
    label = f"{diagnostic.severity.value}[{diagnostic.code}]"
    return f"{_where(diagnostic)}{label}: {_one_line(diagnostic.message)}{details}"


def _full(diagnostic: Diagnostic, drawing: Drawing) -> Iterator[str]:
    style = "red" if diagnostic.is_error else "yellow"
    label = paint(f"{diagnostic.severity.value}[{diagnostic.code}]", "bold", style, colour=drawing.colour)
    yield f"{paint(_where(diagnostic), 'bold', colour=drawing.colour)}{label}: {_one_line(diagnostic.message)}"
    if diagnostic.span is not None:
        yield from _excerpt(diagnostic.span, drawing, style)
    for word, text in (
        ("expected", diagnostic.expected),
        ("found", diagnostic.found),
        ("hint", diagnostic.hint),
    ):
        if text:
            yield f"   = {word}: {_one_line(text)}"
    for related in diagnostic.related:
        span = related.span
        where = f" ({harmless(span.file)}:{span.line}:{span.column})" if span is not None else ""
        yield f"   = note: {_one_line(related.message)}{where}"


def _excerpt(span: Span, drawing: Drawing, style: str) -> Iterator[str]:
    lines = drawing.texts.get(span.file, "").split("\n")
    if not 1 <= span.line <= len(lines):
        return
    line = lines[span.line - 1].rstrip("\r")
    start = min(span.column - 1, len(line))
    # A span over several lines is marked to the end of its first.
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    before, marked, after = (harmless(part) for part in (line[:start], line[start:end], line[end:]))
    gutter = " " * len(str(span.line))
    before, text = _fitted(before, marked, after, drawing.columns - len(gutter) - 3)
    carets = "^" * max(1, min(columns_of(marked), drawing.columns - len(gutter) - 3 - columns_of(before)))
    yield f"{gutter} |"
    yield f"{span.line} | {text}"
    yield f"{gutter} | {' ' * columns_of(before)}{paint(carets, 'bold', style, colour=drawing.colour)}"


def _fitted(before: str, marked: str, after: str, columns: int) -> tuple[str, str]:
    """Return the part before the mark and the whole line, cropped so that the mark can be seen."""
    columns = max(columns, 10)
    dots = 3 if after else 0
    room = max(0, columns - dots - min(columns_of(marked), columns // 2))
    if columns_of(before) > room:
        keep = max(0, room - 3)
        before = "..." + (before[-keep:] if keep else "")
    return before, cropped(before + marked + after, columns)
