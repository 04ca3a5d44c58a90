"""
The file `MLTable`: which files make up a table, and what is done with them.

In:       the document in a file called `MLTable`.
Out:      an `MLTable`.
Not here: one transformation (`decode_transformation.py`); whether the files are there
          (`client/table.py`, `datastore/table/`); reading rows.

Source: `reference-yaml-mltable`; section 8.3 of the language reference.
"""

from __future__ import annotations

from pipeyard.model.assets import DataUri, LocalPath
from pipeyard.model.diagnostic import Place, Severity
from pipeyard.model.table import (
    ExtractColumns,
    MLTable,
    PathKind,
    ReadStep,
    RowStep,
    Skip,
    TablePath,
    Take,
    TakeSample,
)
from pipeyard.spec.binding import Problem
from pipeyard.spec.decode_transformation import READERS, STEPS, decode_read, decode_step
from pipeyard.spec.reading import Fields, Reading
from pipeyard.spec.reference import parse_data_path, parse_job_output_uri

_ONE_READ = f"one of {', '.join(READERS)}"
# What can be done with a list of files.
_OF_FILES = (Take, Skip, TakeSample, ExtractColumns)


def decode_table_fields(reading: Reading, fields: Fields) -> MLTable:
    """Return the table in a document."""
    reading.check_fields(fields, "mltable", severity=Severity.WARNING, where="an MLTable")
    text = reading.plain_text(fields, "type")
    if text is not None and text.strip().lower() != "mltable":
        reading.unknown_value("type", text, fields.place_of("type"), ["mltable"])
    paths = _decode_paths(reading, fields)
    file_steps: list[RowStep] = []
    row_steps: list[RowStep] = []
    read: ReadStep | None = None
    for name, value, place in _transformations(reading, fields):
        if name in READERS:
            if read is not None:
                reading.error("wrong-value", "a table is read once", place, expected=_ONE_READ, found=name)
            read = decode_read(reading, name, value, place)
            continue
        steps = decode_step(reading, name, value, place)
        if read is None and not all(isinstance(step, _OF_FILES) for step in steps):
            reading.error(
                "too-early",
                f"`{name}` works on rows, and nothing is read before it",
                place,
                expected=f"{_ONE_READ} above it",
            )
        (file_steps if read is None else row_steps).extend(steps)
    return MLTable(paths, tuple(file_steps), read, tuple(row_steps))


# --- paths --------------------------------------------------------------------------------------


def _decode_paths(reading: Reading, fields: Fields) -> tuple[TablePath, ...]:
    value, place = fields.get("paths"), fields.place_of("paths")
    if value is None:
        reading.missing("paths", fields.place, "an MLTable", hint="such as `paths: [{file: ./data.csv}]`")
        return ()
    if not isinstance(value, list):
        reading.wrong_type("paths", value, place, "a list of `file:`, `folder:` and `pattern:`")
        return ()
    if not value:
        reading.error("wrong-value", "`paths` is empty", place, expected="at least one file, folder or pattern")
    found = [_decode_path(reading, item, place.child(index)) for index, item in enumerate(value)]
    return tuple(path for path in found if path is not None)


def _decode_path(reading: Reading, value: object, place: Place) -> TablePath | None:
    entry = reading.fields(value, place, "paths")
    if entry is None:
        if value is None:
            reading.wrong_type("paths", value, place, "a mapping, such as `file: ./data.csv`")
        return None
    reading.check_fields(entry, "table path", severity=Severity.ERROR, where="an entry of `paths`")
    written = [kind for kind in PathKind if entry.has(kind.value)]
    if len(written) != 1:
        names = ", ".join(f"`{kind.value}`" for kind in written) or "nothing"
        reading.error(
            "wrong-value",
            "an entry of `paths` is one of a file, a folder and a pattern",
            entry.place,
            expected="`file:`, `folder:` or `pattern:`",
            found=names,
        )
        return None
    (kind,) = written
    text, where = reading.plain_text(entry, kind.value), entry.place_of(kind.value)
    return None if text is None else _located_path(reading, kind, text, where)


def _located_path(reading: Reading, kind: PathKind, text: str, place: Place) -> TablePath | None:
    found = parse_data_path(text, reading.source_of(place))
    # `a@1.csv` is a file here: a table names no registered assets.
    if isinstance(found, Problem) and found.code == "missing-prefix":
        found = LocalPath(text, reading.source_of(place))
    if isinstance(found, Problem):
        reading.report(found, place, text)
        return None
    if isinstance(found, LocalPath):
        path = found.text.removeprefix("file:")
        return TablePath(kind, path, False, place) if _is_inside(reading, path, place) else None  # noqa: FBT003
    if not isinstance(found, DataUri) or parse_job_output_uri(found.text) is not None:
        reading.error(
            "wrong-value",
            f"a table cannot hold `{text}`",
            place,
            expected="a path relative to the folder, `azureml://datastores/...`, or an `https://` address",
        )
        return None
    return TablePath(kind, found.text, True, place)  # noqa: FBT003 - the fields have names where they are declared


def _is_inside(reading: Reading, path: str, place: Place) -> bool:
    depth = 0
    for name in path.split("/"):
        depth += {"": 0, ".": 0, "..": -1}.get(name, 1)
        if depth < 0:
            break
    if depth >= 0 and not path.startswith(("/", "~")):
        return True
    reading.error(
        "outside-table",
        f"`{path}` does not lie in the table's folder",
        place,
        expected="a path relative to the folder of the file MLTable",
        hint="only that folder is stored with the table; move the data into it, or name it by its URI",
    )
    return False


# --- transformations ----------------------------------------------------------------------------


def _transformations(reading: Reading, fields: Fields) -> list[tuple[str, object, Place]]:
    """Return the known transformations in order: name, what stands behind it, and where."""
    value, place = fields.get("transformations"), fields.place_of("transformations")
    if value is None:
        return []
    if not isinstance(value, list):
        reading.wrong_type("transformations", value, place, "a list, such as `- read_delimited:`")
        return []
    known = []
    for index, item in enumerate(value):
        where = place.child(index)
        if isinstance(item, str):
            # `- read_parquet` without a colon.
            known.append((item, None, where))
        elif isinstance(item, dict) and len(item) == 1:
            ((name, behind),) = item.items()
            known.append((name, behind, where.child(name)))
        elif isinstance(item, dict) and item:
            reading.error(
                "wrong-value",
                f"this is {len(item)} transformations in one",
                where,
                expected="a `-` before each",
                found=", ".join(f"`{name}`" for name in item),
                hint="check the indentation of what follows the first",
            )
        else:
            reading.wrong_type("transformations", item, where, "the name of a transformation")
    return [one for one in known if _is_known(reading, *one)]


def _is_known(reading: Reading, name: str, _value: object, place: Place) -> bool:
    if name in READERS or name in STEPS:
        return True
    reading.unknown_value("transformations", name, Place(place.source, place.path, on_key=True), [*READERS, *STEPS])
    return False
