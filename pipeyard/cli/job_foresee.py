"""
What `pipeyard job create --dry-run` does.

In:       a file and what the flags change in it.
Out:      for each step whether it would run, and why; problems, drawn, on stderr.
Not here: flags and help (`job_create.py`), creating the job (`job_send.py`), the lines (`reasons.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from pipeyard.cli import notice
from pipeyard.cli.command import settings_of
from pipeyard.cli.connection import connected, connected_if_running
from pipeyard.cli.job_send import watcher
from pipeyard.cli.reasons import count_of, lines_of, rows_of, time_of
from pipeyard.cli.terminal import may_colour
from pipeyard.cli.verdict import draw, pairs_of, refuse, refused, warn_if_slow
from pipeyard.client.checking import check_job_file
from pipeyard.client.registered import Registered
from pipeyard.client.submission import Choices, foresee
from pipeyard.model.errors import UserError

NOTHING_SUBMITTED = "Nothing was submitted."


def foresee_job(
    file: str, changes: tuple[tuple[str, ...], ...], *, strict: bool, form: str | None, verify: bool
) -> int:
    """Say what would become of a file's steps, and return the exit code."""
    warn_if_slow()
    checked = check_job_file(file, pairs_of(changes), Registered(connected_if_running, connected))
    problems, texts = checked.diagnostics, checked.files.texts
    if checked.has_errors:
        return refuse(problems, texts, form, NOTHING_SUBMITTED)
    draw(problems, texts, form, sys.stderr)
    try:
        found, warnings = foresee(connected(), checked, Choices(strict=strict, verify=verify), watcher())
    except UserError as error:
        return refused(error, texts, form, NOTHING_SUBMITTED)
    draw(warnings, texts, form, sys.stderr)
    settings = settings_of()
    if settings.output is not None or settings.query is not None:
        notice.show({"steps": found["steps"]}, table=rows_of(found["steps"]))
        return 0
    show_forecast(found)
    return 0


def show_forecast(found: Mapping[str, Any]) -> None:
    """Print what would become of each step."""
    lines = lines_of(found["steps"], colour=may_colour(sys.stdout))
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    said = (count_of(found["steps"]), time_of(found), NOTHING_SUBMITTED)
    notice.say(" ".join(sentence for sentence in said if sentence))
