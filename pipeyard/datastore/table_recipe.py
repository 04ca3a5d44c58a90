"""
What is done to get the rows of a table, as plain data for a program that knows nothing of ours.

In:       a decoded MLTable.
Out:      JSON for `pipeyard/drivers/parallel_rows.py`; None for a table that is a list of files.
Not here: which files it has (`table_files.py`).
"""

from __future__ import annotations

from typing import Any

from pipeyard.datastore.table_source import no_delta_lake
from pipeyard.model.table import (
    Column,
    Constant,
    ConvertColumns,
    DropColumns,
    Encoding,
    ExtractColumns,
    Filter,
    FilterPart,
    KeepColumns,
    MLTable,
    ReadDelimited,
    ReadDeltaLake,
    ReadJsonLines,
    ReadStep,
    RowStep,
    Skip,
    Take,
    TakeSample,
)

# Azure's names of encodings as Python calls them; what begins with a byte-order mark is read without it.
CODECS = {
    Encoding.UTF_8: "utf-8-sig",
    Encoding.UTF_8_BOM: "utf-8-sig",
    Encoding.UTF_16: "utf-16",
    Encoding.UTF_32: "utf-32",
    Encoding.ASCII: "ascii",
    Encoding.LATIN_1: "latin-1",
    Encoding.ISO_8859_1: "iso-8859-1",
    Encoding.WINDOWS_1252: "cp1252",
}


def recipe_of(table: MLTable) -> dict[str, Any] | None:
    """Return how rows are read and what is done with them."""
    if table.read is None:
        return None
    extract = [_step(step) for step in table.file_steps if isinstance(step, ExtractColumns)]
    return {"read": _read(table.read), "extract": extract, "steps": [_step(step) for step in table.row_steps]}


def _read(read: ReadStep) -> dict[str, Any]:
    if isinstance(read, ReadDeltaLake):
        raise no_delta_lake()
    if isinstance(read, ReadDelimited):
        return {
            "type": "delimited",
            "delimiter": read.delimiter,
            "header": read.header.value,
            "encoding": CODECS[read.encoding],
            "infer": read.infer_column_types,
            "empty_as_string": read.empty_as_string,
            "path_column": read.include_path_column,
        }
    if isinstance(read, ReadJsonLines):
        return {
            "type": "json_lines",
            "encoding": CODECS[read.encoding],
            "invalid_lines": read.invalid_lines.value,
            "path_column": read.include_path_column,
        }
    return {"type": "parquet", "path_column": read.include_path_column}


def _step(step: RowStep) -> dict[str, Any]:
    match step:
        case Take() | Skip():
            return {"type": "take" if isinstance(step, Take) else "skip", "count": step.count}
        case KeepColumns() | DropColumns():
            return {"type": "keep" if isinstance(step, KeepColumns) else "drop", "names": list(step.names)}
        case TakeSample(probability, seed):
            return {"type": "sample", "probability": probability, "seed": seed}
        case Filter(condition):
            return {"type": "filter", "condition": _part(condition)}
        case ExtractColumns():
            columns = [{"name": column.name, "pieces": list(column.pieces)} for column in step.columns]
            return {"type": "extract", "text": step.text, "pattern": step.pattern, "columns": columns}
        case ConvertColumns():
            return {
                "type": "convert",
                "names": list(step.names),
                "to": step.type.value,
                "formats": list(step.formats),
                "true_values": list(step.true_values),
                "false_values": list(step.false_values),
            }


def _part(part: FilterPart) -> dict[str, Any]:
    if isinstance(part, Constant):
        return {"constant": part.value}
    if isinstance(part, Column):
        return {"column": part.name}
    return {"operator": part.operator, "parts": [_part(one) for one in part.parts]}
