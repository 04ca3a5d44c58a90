"""
`pipeyard data preview`.

Not here: reading the table: that is the server's.
"""

from __future__ import annotations

from typing import Any

import click

from pipeyard.cli import asset_option, notice
from pipeyard.cli.asset_option import assets_of, one_of
from pipeyard.cli.command import command
from pipeyard.model.assets import AssetKind

_ROWS = 10
_ROWS_MAX = 1000
_CELL_MAX = 60


@command(
    "preview",
    short_help="Show the first rows of a table.",
    help="Show the first rows of data of type `mltable`, as its file MLTable says they are read, or of a single file that "
    "ends in .csv, .tsv, .parquet or .jsonl. Needs the extra `tables` beside the server.",
    examples=(
        ("For reading:", "pipeyard data preview -n titanic -o table"),
        ("A column's values:", "pipeyard data preview -n titanic --rows 100 --query 'rows[].age' -o tsv"),
        ("Names and types of the columns:", "pipeyard data preview -n titanic --query columns -o table"),
    ),
)
@asset_option.asset_name(AssetKind.DATA)
@asset_option.which_version(AssetKind.DATA, "Version to read.")
@click.option("-r", "--rows", type=click.IntRange(1, _ROWS_MAX), default=_ROWS, metavar="N", help="At most so many.")
@asset_option.registry_name()
def preview(*, name: str, version: str | None, label: str | None, rows: int, registry_name: str | None) -> None:
    """Print rows."""
    one_of(version, label)
    found = assets_of(AssetKind.DATA, registry_name).preview(name, version=version, label=label, rows=rows)
    if found["is_cut"]:
        notice.warn("reading took too long and was ended: these are the rows that were found until then")
    notice.show(found, table=[_cells(row) for row in found["rows"]])


def _cells(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _cell(value) for name, value in row.items()}


def _cell(value: Any) -> Any:
    # A row is one line.
    if not isinstance(value, str):
        return value
    text = " ".join(value.split())
    return text if len(text) <= _CELL_MAX else text[: _CELL_MAX - 3] + "..."
