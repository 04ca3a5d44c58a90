"""
A table as it is sent to a worker process, and what the worker does first.

In:       plain values that are cheap to send.
Out:      plain values.
Not here: reading (`table_read.py`), which brings heavy libraries with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeyard.model.errors import UserError
from pipeyard.model.table import MLTable
from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """One file: where it is, and what it is called."""

    place: str
    uri: str


def read_head(table: MLTable, sources: Sequence[Source], rows_max: int, seconds_max: float) -> dict[str, Any]:
    """Return the first rows of a table; run by a worker process."""
    from pipeyard.datastore.table_read import head  # noqa: PLC0415 - the server names this function and must stay light

    return head(table, sources, rows_max, seconds_max)


def no_delta_lake() -> UserError:
    """Return what is to be said of `read_delta_lake`, wherever rows or single files are asked for."""
    return UserError(
        "this version cannot read Delta Lake tables",
        code="no-table-reader",
        hint="a step can: give it the folder with the mode `ro_mount`",
    )
