"""
What a command that failed prints last.

In:       an exception: of ours, of the command library, of the system.
Out:      text on stderr, and the exit code.
Not here: problems inside files (`problems.py`).
"""

from __future__ import annotations

import sys
import traceback

import click

from pipeyard.cli.problems import render_error
from pipeyard.cli.terminal import may_colour
from pipeyard.model.errors import Bug, OutsideError, PipeyardError, UsageError


def draw_failure(error: Exception, *, is_debug: bool) -> int:
    """Print an error and return the exit code."""
    if is_debug:
        traceback.print_exception(error)
    known = as_ours(error)
    if isinstance(known, Bug):
        known.hint = known.hint or "this is a mistake in Pipeyard; `pipeyard doctor` prints what a report of it needs"
    sys.stderr.write(render_error(known, colour=may_colour(sys.stderr)))
    return known.exit_code


def as_ours(error: Exception) -> PipeyardError:
    """Return what another library or the system raised as an error of ours."""
    if isinstance(error, PipeyardError):
        return error
    if isinstance(error, click.UsageError):
        words = error.ctx.command_path if error.ctx is not None else "pipeyard"
        return UsageError(error.format_message().rstrip("."), hint=f"see: {words} --help")
    if isinstance(error, click.ClickException):
        return OutsideError(error.format_message())
    if isinstance(error, OSError):
        name = f"`{error.filename}`: " if error.filename else ""
        return OutsideError(f"{name}{error.strerror or error}", code="operating-system")
    raise error
