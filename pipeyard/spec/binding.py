"""
The grammar of `${{ ... }}` and of the optional sections `$[[ ... ]]`.

In:       a text of the document.
Out:      a `Template` or `CommandText`, and problems with their offsets in the text.
Not here: whether a name exists (`graph/bind.py`), putting values in (`launch/command_line.py`).

Invariant: a text is never changed. `$VAR`, `$(cmd)` and `${VAR}` belong to the shell.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pipeyard.model.diagnostic import Severity
from pipeyard.model.expression import CommandText, Expression, OptionalSection, Template
from pipeyard.model.value import dataclass

OPEN, CLOSE = "${{", "}}"
SECTION_OPEN, SECTION_CLOSE = "$[[", "]]"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a stretch of one text."""

    code: str
    message: str
    start: int = 0
    # Behind the last character.
    end: int = 0
    expected: str | None = None
    hint: str | None = None
    severity: Severity = Severity.ERROR


# Job keys may have hyphens (`train-job`), and some people write theirs in other alphabets.
_NAME = re.compile(r"[\w-]+")
# `{inputs.x}` of 2021, with no `$` before it.
_SINGLE_BRACE = re.compile(r"(?<![${])\{((?:inputs|outputs|search_space)(?:\.[\w-]+)+)\}(?!\})")

_Part = str | Expression


# A thousand steps mostly share a few commands: each is read once, and kept once.
_TEXTS_KEPT = 1000


@lru_cache(_TEXTS_KEPT)
def parse_template(text: str) -> tuple[Template, tuple[Problem, ...]]:
    """Return the text cut into plain parts and expressions. A broken expression stays plain text."""
    if OPEN not in text:
        return Template((text,)), ()
    parts, problems = _parse_parts(text, 0, len(text), _EXPRESSION)
    return Template(tuple(parts)), tuple(problems)


@lru_cache(_TEXTS_KEPT)
def parse_command(text: str) -> tuple[CommandText, tuple[Problem, ...]]:
    """Return a command cut into plain parts, expressions and optional sections."""
    parts: list[str | Expression | OptionalSection] = []
    problems: list[Problem] = []
    at = 0
    while (start := text.find(SECTION_OPEN, at)) >= 0:
        end = _section_end(text, start)
        if end is None:
            problems.append(
                Problem(
                    "broken-section",
                    "this optional section is never closed",
                    start,
                    start + len(SECTION_OPEN),
                    hint="end it with `]]`",
                )
            )
            break
        before, found = _parse_parts(text, at, start, _IN_COMMAND)
        section, found_inside = _parse_section(text, start, end)
        parts += [*before, section]
        problems += [*found, *found_inside]
        at = end
    rest, found = _parse_parts(text, at, len(text), _IN_COMMAND)
    return CommandText(text, (*parts, *rest)), (*problems, *found)


def _section_end(text: str, start: int) -> int | None:
    """Return the offset behind a section's `]]`, which may not stand inside an expression."""
    at = start + len(SECTION_OPEN)
    while True:
        close = text.find(SECTION_CLOSE, at)
        if close < 0:
            return None
        opened = text.find(OPEN, at, close)
        closed = text.find(CLOSE, opened) if opened >= 0 else -1
        if closed < close:
            return close + len(SECTION_CLOSE)
        at = closed + len(CLOSE)


def _parse_section(text: str, start: int, end: int) -> tuple[OptionalSection, list[Problem]]:
    inner_start, inner_end = start + len(SECTION_OPEN), end - len(SECTION_CLOSE)
    parts, problems = _parse_parts(text, inner_start, inner_end, _IN_COMMAND)
    nested = text.find(SECTION_OPEN, inner_start, inner_end)
    if nested >= 0:
        problems.append(
            Problem(
                "broken-section",
                "an optional section cannot hold another one",
                nested,
                nested + len(SECTION_OPEN),
                hint="close the first section with `]]` before the second",
            )
        )
    elif not problems and not any(isinstance(part, Expression) for part in parts):
        problems.append(
            Problem(
                "broken-section",
                "this optional section names no input, so that nothing decides about it",
                start,
                end,
                expected="an optional input, as in `$[[--flag ${{inputs.x}}]]`",
                hint="remove `$[[` and `]]`",
            )
        )
    return OptionalSection(tuple(parts), start, end), problems


_EXPRESSION = re.compile(re.escape(OPEN))
_IN_COMMAND = re.compile(f"{re.escape(OPEN)}|{_SINGLE_BRACE.pattern}")


def _parse_parts(text: str, start: int, end: int, opening: re.Pattern[str]) -> tuple[list[_Part], list[Problem]]:
    parts: list[_Part] = []
    problems: list[Problem] = []
    plain_from = at = start
    while (match := opening.search(text, at, end)) is not None:
        expression, at, problem = _parse_expression(text, match, end)
        if problem is not None:
            problems.append(problem)
        if expression is not None:
            if plain_from < expression.start:
                parts.append(text[plain_from : expression.start])
            parts.append(expression)
            plain_from = expression.end
    if plain_from < end or (not parts and start == 0 and end == len(text)):
        parts.append(text[plain_from:end])
    return parts, problems


def _parse_expression(text: str, match: re.Match[str], limit: int) -> tuple[Expression | None, int, Problem | None]:
    """Return the expression, where to go on, and what is wrong."""
    start = match.start()
    if match.group() != OPEN:
        return _parse_single_brace(match)
    close = text.find(CLOSE, match.end(), limit)
    if close < 0 or text.find(OPEN, match.end(), close) >= 0:
        problem = Problem(
            "broken-expression", "this expression is never closed", start, match.end(), hint="end it with `}}`"
        )
        return None, match.end(), problem
    end = close + len(CLOSE)
    names = tuple(text[match.end() : close].strip().split("."))
    if all(_NAME.fullmatch(name) for name in names):
        return Expression(names, start, end), end, None
    return None, end, _broken(text, start, end)


def _parse_single_brace(match: re.Match[str]) -> tuple[Expression, int, Problem]:
    names = match.group(1)
    problem = Problem(
        "old-spelling",
        f"`{match.group()}` is an old spelling",
        match.start(),
        match.end(),
        hint=f"write `${{{{{names}}}}}`",
        severity=Severity.WARNING,
    )
    return Expression(tuple(names.split(".")), match.start(), match.end()), match.end(), problem


def _broken(text: str, start: int, end: int) -> Problem:
    inner = text[start + len(OPEN) : end - len(CLOSE)].strip()
    if not inner:
        message = "this expression is empty"
    elif inner.startswith("parent.") or "." in inner:
        message = f"`{inner}` is no dotted name"
    else:
        message = f"`{inner}` is no name"
    return Problem(
        "broken-expression",
        message,
        start,
        end,
        expected="one dotted name, such as `${{parent.inputs.x}}`; there are no operators, functions or indexes",
    )
