"""
Messages and results of the running command: stderr and stdout, and nothing mixed up.

In:       the settings given on the line.
Out:      printed text.
Not here: the formats (`output.py`), progress bars (`progress.py`).
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from pipeyard.cli.command import Settings, settings_of
from pipeyard.cli.terminal import harmless, may_colour, paint


def show(value: Any, *, table: Sequence[Mapping[str, Any]] | None = None) -> None:
    """
    Print a result in the format that was asked for, JSON by default.

    The rows of *table* are shown instead in a table without a query: fewer columns,
    chosen and ordered for reading.
    """
    # Imported here: help has no results.
    from pipeyard.cli.output import render, select  # noqa: PLC0415

    settings = settings_of()
    form = settings.output or "json"
    if settings.query is not None:
        value = select(value, settings.query)
    elif form == "table" and table is not None:
        value = [OrderedDict(row) for row in table]
    sys.stdout.write(render(value, form, colour=may_colour(sys.stdout)))


def say(text: str, settings: Settings | None = None) -> None:
    """Print a message about what goes on, unless only errors are wanted."""
    if not (settings or settings_of()).only_show_errors:
        _flush_results()
        sys.stderr.write(_lines(text) + "\n")
        sys.stderr.flush()


def warn(text: str, settings: Settings | None = None) -> None:
    """Print a warning, unless only errors are wanted."""
    if not (settings or settings_of()).only_show_errors:
        _flush_results()
        sys.stderr.write(f"{paint('warning', 'bold', 'yellow', colour=may_colour(sys.stderr))}: {_lines(text)}\n")
        sys.stderr.flush()


def _lines(text: str) -> str:
    return "\n".join(map(harmless, text.split("\n")))


def _flush_results() -> None:
    # Both may be the same terminal; what was printed first is to be seen first.
    sys.stdout.flush()
