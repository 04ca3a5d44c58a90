"""
What is wrong with a file, drawn where the command's user looks.

In:       problems, and the texts that they are in.
Out:      text on a stream; the exit code of a refusal.
Not here: how a problem is drawn (`problems.py`), finding problems (`client/`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import TextIO

from pipeyard.cli import notice
from pipeyard.cli.command import settings_of
from pipeyard.cli.terminal import is_terminal, may_colour, width_of
from pipeyard.model.diagnostic import Diagnostic
from pipeyard.model.errors import NotFound, SpecError, UsageError, UserError


def warn_if_slow() -> None:
    """Say once that files are read slowly here, and what helps."""
    # Imported here: a file that was found sound before is not read as YAML again.
    from pipeyard.spec.document import has_libyaml  # noqa: PLC0415

    if not has_libyaml:
        notice.warn("PyYAML here lacks libyaml, so files are read about ten times slower; reinstall it from a wheel")


def pairs_of(groups: Sequence[Sequence[str]]) -> list[str]:
    """Return the words behind `--set`; `UsageError` for one that sets nothing."""
    pairs = [pair for group in groups for pair in group]
    for pair in pairs:
        if "=" not in pair:
            raise UsageError(f"--set takes KEY=VALUE, this is `{pair}`", hint="for example: --set inputs.rate=0.1")
    return pairs


def draw(
    problems: Sequence[Diagnostic],
    texts: Mapping[str, str],
    form: str | None,
    stream: TextIO,
    *,
    always: bool = False,
) -> None:
    """Draw problems; *always* also the warnings that the user did not want to see."""
    if settings_of().only_show_errors and not always:
        problems = [problem for problem in problems if problem.is_error]
    if not problems:
        return
    # Imported here, as below: most files have no problems.
    from pipeyard.cli.problems import SHOWN_ON_TERMINAL, Drawing, Form, render_problems  # noqa: PLC0415

    chosen = Form(form) if form is not None else Form.FULL if is_terminal(stream) else Form.SHORT
    drawing = Drawing(
        form=chosen,
        colour=may_colour(stream),
        columns=width_of(stream),
        limit=SHOWN_ON_TERMINAL if chosen is Form.FULL and is_terminal(stream) else None,
        texts=texts,
    )
    stream.write(render_problems(problems, drawing))


def count_of(problems: Sequence[Diagnostic], outcome: str = "") -> str:
    """Return how many problems there are, and what came of them."""
    from pipeyard.cli.problems import render_count  # noqa: PLC0415

    return render_count(problems, outcome)


def refuse(
    problems: Sequence[Diagnostic],
    texts: Mapping[str, str],
    form: str | None,
    outcome: str,
    exit_code: int = SpecError.exit_code,
) -> int:
    """Draw all problems and what came of them; return the exit code, that of `NotFound` when nothing else is wrong."""
    if settings_of().output in {"json", "jsonc"}:
        from pipeyard.cli.problems import problems_json  # noqa: PLC0415

        sys.stderr.write(json.dumps(problems_json(problems), ensure_ascii=False, indent=2) + "\n")
    else:
        draw(problems, texts, form, sys.stderr, always=True)
        sys.stderr.write(count_of(problems, outcome) + "\n")
    from pipeyard.client.registered import NOT_REGISTERED  # noqa: PLC0415

    errors = [problem for problem in problems if problem.is_error]
    return NotFound.exit_code if errors and all(error.code == NOT_REGISTERED for error in errors) else exit_code


def refused(error: UserError, texts: Mapping[str, str], form: str | None, outcome: str) -> int:
    """Draw why the server refused something, and what came of it; return the exit code."""
    if isinstance(error, SpecError):
        return refuse(error.diagnostics, texts, form, outcome, error.exit_code)
    # Imported here: most commands are not refused.
    from pipeyard.cli.failure import draw_failure  # noqa: PLC0415

    code = draw_failure(error, is_debug=settings_of().debug)
    sys.stderr.write(outcome + "\n")
    return code
