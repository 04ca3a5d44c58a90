"""
The rows of a table, by pandas and pyarrow.

In:       a table and its files on this machine.
Out:      frames, some hundred rows at a time; or the head of the table as plain values.
Not here: which files (`table_files.py`), what is done with rows (`table_step.py`).

Imported by worker processes only: pandas takes half a second and a hundred megabytes.
It is the extra `tables`; without it a clear sentence comes in place of rows.

One difference to Azure: a line may always end inside quotes. Where that is not asked for,
Azure cuts such a row in two.
"""

from __future__ import annotations

import io
import itertools
import json
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pipeyard.datastore.table_recipe import CODECS
from pipeyard.datastore.table_source import Source, no_delta_lake
from pipeyard.datastore.table_step import Infer, RowWork, work_of
from pipeyard.model.errors import UserError
from pipeyard.model.table import (
    ExtractColumns,
    Header,
    InvalidLines,
    MLTable,
    ReadDelimited,
    ReadJsonLines,
    ReadParquet,
)

try:
    import pandas as pd
    from pyarrow import parquet
except ImportError:
    pd = parquet = None

_CHUNK_ROWS = 1000
_TEXT_MAX = 10_000
# The column that `include_path_column` adds.
PATH_COLUMN = "Path"


def head(table: MLTable, sources: Sequence[Source], rows_max: int, seconds_max: float) -> dict[str, Any]:
    """Return the first rows of a table as plain values, and whether that is all there is."""
    if pd is None:
        raise UserError(
            "reading tables needs pandas and pyarrow, which are not installed beside the server",
            code="no-table-reader",
            hint="pip install 'pipeyard[tables]'",
        )
    end = time.monotonic() + seconds_max
    kept: list[Any] = []
    count, is_cut = 0, False
    for frame in frames(table, sources):
        kept.append(frame)
        count += len(frame)
        is_cut = time.monotonic() > end
        if count > rows_max or is_cut:
            break
    whole = pd.concat(kept, ignore_index=True) if kept else pd.DataFrame()
    shown = whole.head(rows_max)
    return {
        "columns": [{"name": str(name), "type": _type_of(whole[name])} for name in whole.columns],
        "rows": [_row(shown.columns, values) for values in shown.itertuples(index=False, name=None)],
        "is_complete": count <= rows_max and not is_cut,
        # Reading took too long: a filter that lets nothing through, or very large files.
        "is_cut": is_cut,
        "file_count": len(sources),
    }


def frames(table: MLTable, sources: Sequence[Source]) -> Iterator[Any]:
    """Yield the rows of a table, some at a time, after everything that is done with them."""
    if table.read is None:
        yield pd.DataFrame({PATH_COLUMN: [source.uri for source in sources]})
        return
    steps = [step for step in table.file_steps if isinstance(step, ExtractColumns)]
    works = [work_of(step) for step in (*steps, *table.row_steps)]
    for source, frame in _read(table, sources):
        done = _through(frame, source, works)
        if done is not None:
            yield done
        if any(work.is_over for work in works):
            return


def _through(frame: Any, source: Source, works: Sequence[RowWork]) -> Any | None:
    for work in works:
        frame = work.work(frame, source.uri)
    return frame if len(frame) or len(frame.columns) else None


def _read(table: MLTable, sources: Sequence[Source]) -> Iterator[tuple[Source, Any]]:
    read = table.read
    if isinstance(read, ReadDelimited):
        found = _delimited(read, sources)
    elif isinstance(read, ReadParquet):
        found = _parquet(sources)
    elif isinstance(read, ReadJsonLines):
        found = _json_lines(read, sources)
    else:
        raise no_delta_lake()
    with_path = getattr(read, "include_path_column", False)
    for source, frame in found:
        if with_path:
            frame.insert(0, PATH_COLUMN, source.uri, allow_duplicates=True)
        yield source, frame


def _delimited(read: ReadDelimited, sources: Sequence[Source]) -> Iterator[tuple[Source, Any]]:
    infer = Infer() if read.infer_column_types else None
    names: list[str] | None = None
    for source in sources:
        has_header = read.header in (Header.ALL_SAME, Header.ALL_DIFFERENT) or (
            read.header is Header.FIRST_FILE and names is None
        )
        options: dict[str, Any] = {"header": 0 if has_header else None}
        if names is not None and read.header is not Header.ALL_DIFFERENT:
            options["names"] = names
        with _unreadable(source):
            for frame in _delimited_chunks(read, source, options):
                if not has_header and names is None:
                    # As Azure calls columns without a name.
                    frame.columns = [f"Column{number + 1}" for number in range(len(frame.columns))]
                if names is None or read.header is Header.ALL_DIFFERENT:
                    names = [str(name) for name in frame.columns]
                    frame.columns = names
                yield source, frame if infer is None else infer.typed(frame)


def _delimited_chunks(read: ReadDelimited, source: Source, options: dict[str, Any]) -> Iterator[Any]:
    try:
        reader = pd.read_csv(
            source.place,
            sep=read.delimiter,
            dtype=str,
            keep_default_na=False,
            na_values=[] if read.empty_as_string else [""],
            encoding=CODECS[read.encoding],
            chunksize=_CHUNK_ROWS,
            index_col=False,
            **options,
        )
    except pd.errors.EmptyDataError:
        return
    with reader:
        names: list[str] | None = None
        for frame in reader:
            if options["header"] is None and "names" not in options and names is not None:
                frame.columns = names
            yield frame
            names = list(frame.columns)


def _parquet(sources: Sequence[Source]) -> Iterator[tuple[Source, Any]]:
    for source in sources:
        with _unreadable(source), parquet.ParquetFile(source.place) as file:
            for batch in file.iter_batches(_CHUNK_ROWS):
                yield source, batch.to_pandas()


def _json_lines(read: ReadJsonLines, sources: Sequence[Source]) -> Iterator[tuple[Source, Any]]:
    for source in sources:
        with _unreadable(source), open(source.place, encoding=CODECS[read.encoding]) as file:  # noqa: PTH123 - a text
            lines = _objects(read, source, file)
            while rows := list(itertools.islice(lines, _CHUNK_ROWS)):
                yield source, pd.DataFrame(rows)


def _objects(read: ReadJsonLines, source: Source, file: io.TextIOBase) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        if isinstance(value, dict):
            yield value
        elif read.invalid_lines is InvalidLines.ERROR:
            raise UserError(
                f"line {number} of `{source.uri}` is no JSON object",
                code="unreadable-table",
                hint="`invalid_lines: drop` leaves such lines out",
            )


@contextmanager
def _unreadable(source: Source) -> Iterator[None]:
    try:
        yield
    except UnicodeError as error:
        raise UserError(
            f"`{source.uri}` cannot be read as {getattr(error, 'encoding', 'text')}: {error.__class__.__name__}",
            code="unreadable-table",
            hint="say how it is written with `encoding:`",
        ) from error
    # pyarrow's errors are `ValueError`s and `OSError`s, those of pandas `ValueError`s.
    except (ValueError, OSError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else error.__class__.__name__
        raise UserError(f"`{source.uri}` cannot be read: {reason}", code="unreadable-table") from error


def _type_of(column: Any) -> str:
    kinds = (
        ("boolean", pd.api.types.is_bool_dtype),
        ("int", pd.api.types.is_integer_dtype),
        ("float", pd.api.types.is_float_dtype),
        ("datetime", pd.api.types.is_datetime64_any_dtype),
    )
    # Two columns may have one name.
    dtype = column.dtype if hasattr(column, "dtype") else column.iloc[:, 0].dtype
    return next((word for word, is_it in kinds if is_it(dtype)), "string")


def _row(names: Any, values: tuple[Any, ...]) -> dict[str, Any]:
    return {str(name): _plain(value) for name, value in zip(names, values, strict=True)}


def _plain(value: Any) -> Any:
    """Return a value as JSON has it; what it lacks becomes text."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if hasattr(value, "tolist"):
        # A number, or several, of numpy.
        value = value.tolist()
    if isinstance(value, bool | int | float):
        return _number(value)
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return _text(value)


def _number(value: float) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return f"({len(value)} bytes)"
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return text if len(text) <= _TEXT_MAX else text[:_TEXT_MAX] + "..."
