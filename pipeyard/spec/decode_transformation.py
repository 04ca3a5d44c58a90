"""
One transformation of an `MLTable`: reading files, and what is done with rows.

In:       its name and what stands behind it.
Out:      a `ReadStep`, or some `RowStep`s.
Not here: the order of transformations (`decode_table.py`), the language of filters
          (`row_filter.py`) and of partitions (`partition.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TypeVar

from pipeyard.model.diagnostic import Place, Severity
from pipeyard.model.table import (
    ColumnType,
    ConvertColumns,
    DropColumns,
    Encoding,
    ExtractColumns,
    Filter,
    Header,
    InvalidLines,
    KeepColumns,
    ReadDelimited,
    ReadDeltaLake,
    ReadJsonLines,
    ReadParquet,
    ReadStep,
    RowStep,
    Skip,
    Take,
    TakeSample,
)
from pipeyard.model.types import PortType
from pipeyard.spec.partition import parse_partition_format
from pipeyard.spec.reading import Fields, Reading
from pipeyard.spec.row_filter import parse_filter

E = TypeVar("E", bound=Enum)

_ENCODINGS = {
    "utf-8": Encoding.UTF_8,
    "utf_8": Encoding.UTF_8,
    "utf-16": Encoding.UTF_16,
    "utf-32": Encoding.UTF_32,
    "iso-8859-1": Encoding.ISO_8859_1,
    "latin-1": Encoding.LATIN_1,
    "windows-1252": Encoding.WINDOWS_1252,
    "cp1252": Encoding.WINDOWS_1252,
}
_TYPES = {
    "integer": ColumnType.INT,
    "long": ColumnType.INT,
    "double": ColumnType.FLOAT,
    "number": ColumnType.FLOAT,
    "str": ColumnType.STRING,
    "bool": ColumnType.BOOLEAN,
}


def decode_read(reading: Reading, name: str, value: object, place: Place) -> ReadStep:
    """Return how the files are read; *name* is one of `READERS`."""
    return READERS[name](reading, _options(reading, name, value, place))


def decode_step(reading: Reading, name: str, value: object, place: Place) -> list[RowStep]:
    """Return what is done with the rows, nothing when that is wrong; *name* is one of `STEPS`."""
    # Read through a mapping of one, so that a lone value is met as if it had a key.
    return STEPS[name](reading, Fields({name: (value, place)}, place), name)


def _options(reading: Reading, name: str, value: object, place: Place) -> Fields:
    options = reading.fields(value, place, name) or Fields({}, place)
    reading.check_fields(options, name, severity=Severity.WARNING, where=f"`{name}`")
    return options


def _choice(reading: Reading, fields: Fields, name: str, default: E, aliases: dict[str, E] | None = None) -> E:
    return reading.choice(fields, name, type(default), aliases) or default


def _read_delimited(reading: Reading, options: Fields) -> ReadDelimited:
    delimiter = reading.plain_text(options, "delimiter")
    if delimiter is not None and len(delimiter) != 1:
        # People write it as in other languages.
        meant = {"\\t": "\t", "tab": "\t", "comma": ",", "space": " "}.get(delimiter.lower())
        if meant is None:
            reading.error(
                "wrong-value",
                f"`delimiter` has {len(delimiter)} characters",
                options.place_of("delimiter"),
                expected='one character, such as "," or "\\t"',
            )
        delimiter = meant
    return ReadDelimited(
        delimiter=delimiter or ",",
        header=_choice(reading, options, "header", Header.ALL_SAME),
        encoding=_choice(reading, options, "encoding", Encoding.UTF_8, _ENCODINGS),
        infer_column_types=reading.flag(options, "infer_column_types", default=True),
        empty_as_string=reading.flag(options, "empty_as_string", default=False),
        include_path_column=reading.flag(options, "include_path_column", default=False),
        support_multi_line=reading.flag(options, "support_multi_line", default=False),
    )


def _read_parquet(reading: Reading, options: Fields) -> ReadParquet:
    return ReadParquet(reading.flag(options, "include_path_column", default=False))


def _read_json_lines(reading: Reading, options: Fields) -> ReadJsonLines:
    return ReadJsonLines(
        invalid_lines=_choice(reading, options, "invalid_lines", InvalidLines.ERROR),
        encoding=_choice(reading, options, "encoding", Encoding.UTF_8, _ENCODINGS),
        include_path_column=reading.flag(options, "include_path_column", default=False),
    )


def _read_delta_lake(reading: Reading, options: Fields) -> ReadDeltaLake:
    version = reading.number(options, "version_as_of", PortType.INTEGER)
    return ReadDeltaLake(
        timestamp_as_of=reading.plain_text(options, "timestamp_as_of"),
        version_as_of=None if version is None else int(version),
    )


READERS: dict[str, Callable[[Reading, Fields], ReadStep]] = {
    "read_delimited": _read_delimited,
    "read_parquet": _read_parquet,
    "read_json_lines": _read_json_lines,
    "read_delta_lake": _read_delta_lake,
}


def _report_nothing(reading: Reading, fields: Fields, name: str, example: str) -> None:
    message = f"`{name}` has nothing behind it" if name in fields else f"`{name}` is missing"
    reading.error("missing-field", message, fields.place_of(name), hint=f"such as `{example}`")


def _count(reading: Reading, fields: Fields, name: str) -> int | None:
    value = reading.number(fields, name, PortType.INTEGER)
    if not isinstance(value, int) or value < 0:
        if isinstance(value, int):
            reading.error("wrong-value", f"`{name}` is {value}", fields.place_of(name), expected="0 or more")
        elif not fields.has(name):
            _report_nothing(reading, fields, name, f"{name}: 10")
        return None
    return value


def _take(reading: Reading, fields: Fields, name: str) -> list[RowStep]:
    count = _count(reading, fields, name)
    return [] if count is None else [Take(count)]


def _skip(reading: Reading, fields: Fields, name: str) -> list[RowStep]:
    count = _count(reading, fields, name)
    return [] if count is None else [Skip(count)]


def _take_sample(reading: Reading, fields: Fields, name: str) -> list[RowStep]:
    options = _options(reading, name, fields.get(name), fields.place_of(name))
    probability = reading.number(options, "probability")
    seed = reading.number(options, "seed", PortType.INTEGER)
    if not options.has("probability"):
        reading.missing("probability", options.place, f"`{name}`", hint="such as `probability: 0.1`")
    if not isinstance(probability, int | float):
        return []
    if not 0 <= probability <= 1:
        reading.error(
            "wrong-value",
            f"`probability` is {probability:g}",
            options.place_of("probability"),
            expected="a number from 0 to 1",
        )
        return []
    return [TakeSample(float(probability), None if seed is None else int(seed))]


def _filter(reading: Reading, fields: Fields, name: str) -> list[RowStep]:
    text = reading.text(fields, name)
    if text is None:
        if not fields.has(name):
            _report_nothing(reading, fields, name, "filter: 'col(\"x\") > 1'")
        return []
    found = parse_filter(text)
    if isinstance(found, Filter):
        return [found]
    reading.report(found, fields.place_of(name), text)
    return []


def _names(reading: Reading, fields: Fields, name: str) -> tuple[str, ...]:
    names = [text for text, _ in reading.text_list(fields, name)]
    for repeated in sorted({text for text in names if names.count(text) > 1}):
        reading.error(
            "wrong-value", f"the column `{repeated}` is there twice", fields.place_of(name), expected="each name once"
        )
    if not fields.has(name):
        _report_nothing(reading, fields, name, f"{name}: [a, b]")
    return tuple(dict.fromkeys(names))


def _keep_columns(reading: Reading, fields: Fields, name: str) -> list[RowStep]:
    return [KeepColumns(_names(reading, fields, name))]


def _drop_columns(reading: Reading, fields: Fields, name: str) -> list[RowStep]:
    return [DropColumns(_names(reading, fields, name))]


def _extract_columns(reading: Reading, fields: Fields, name: str) -> list[RowStep]:
    value, place = fields.get(name), fields.place_of(name)
    if isinstance(value, dict):
        fields = reading.fields(value, place, name) or fields
        reading.check_fields(fields, "partition", severity=Severity.WARNING, where=f"`{name}`")
        name = "partition_format"
    text = reading.plain_text(fields, name)
    if text is None:
        if not fields.has(name):
            reading.missing("partition_format", fields.place, "extracting columns", hint="such as `/{year}/{name}.csv`")
        return []
    found = parse_partition_format(text)
    if isinstance(found, ExtractColumns):
        return [found]
    reading.report(found, fields.place_of(name), text)
    return []


def _convert_columns(reading: Reading, fields: Fields, name: str) -> list[RowStep]:
    value, place = fields.get(name), fields.place_of(name)
    entries = value if isinstance(value, list) else [value]
    places = [place.child(index) for index in range(len(entries))] if isinstance(value, list) else [place]
    found = [_conversion(reading, entry, where) for entry, where in zip(entries, places, strict=True)]
    return [conversion for conversion in found if conversion is not None]


def _conversion(reading: Reading, value: object, place: Place) -> ConvertColumns | None:
    entry = reading.fields(value, place, "convert_column_types")
    if entry is None:
        if value is None:
            reading.wrong_type("convert_column_types", value, place, "`columns` and `column_type`")
        return None
    reading.check_fields(entry, "column conversion", severity=Severity.WARNING, where="a conversion")
    names = _names(reading, entry, "columns")
    more = entry
    kind = entry.get("column_type")
    if isinstance(kind, dict) and len(kind) == 1:
        # `column_type: {datetime: {formats: [...]}}`
        ((word, inner),) = kind.items()
        where = entry.place_of("column_type").child(word)
        more = reading.fields(inner, where, word) or Fields({}, where)
        entry = Fields({"column_type": (word, Place(where.source, where.path, on_key=True))}, entry.place)
    type_ = reading.choice(entry, "column_type", ColumnType, _TYPES)
    if not entry.has("column_type"):
        reading.missing("column_type", entry.place, "a conversion", hint="such as `column_type: float`")
    if type_ is None or not names:
        return None
    return ConvertColumns(
        names,
        type_,
        formats=tuple(text for text, _ in reading.text_list(more, "formats")),
        true_values=tuple(text for text, _ in reading.text_list(more, "true_values")),
        false_values=tuple(text for text, _ in reading.text_list(more, "false_values")),
    )


STEPS: dict[str, Callable[[Reading, Fields, str], list[RowStep]]] = {
    "take": _take,
    "take_random_sample": _take_sample,
    "skip": _skip,
    "filter": _filter,
    "keep_columns": _keep_columns,
    "drop_columns": _drop_columns,
    "convert_column_types": _convert_columns,
    "extract_columns_from_partition_format": _extract_columns,
}
