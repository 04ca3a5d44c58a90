"""
The rows of a table, by pandas of the step's environment.

In:       the files of an MLTable, and what is done with them, as plain data (`datastore/table_recipe.py`).
Out:      frames of rows in order, each with how many bytes of its file a row takes.
Not here: mini-batches (`parallel_table.py`). What the server itself reads for a preview is `datastore/table_read.py`.
"""

from __future__ import annotations

import operator
import os
import random
import re
from functools import reduce
from typing import Any, Callable, Iterator

PATH_COLUMN = "Path"


class BadTable(Exception):
    """The table is not what its file says; the message is for people."""


def frames(
    folder: str, files: list[dict[str, str]], recipe: dict[str, Any]
) -> Iterator[tuple[dict[str, str], Any, float]]:
    """Yield the rows of each file after everything that is done with them."""
    works = [_Work(step) for step in [*recipe["extract"], *recipe["steps"]]]
    names: list[str] | None = None
    for file in files:
        place = os.path.join(folder, file["path"])
        frame = _read(recipe["read"], place, names)
        if frame is None:
            continue
        if names is None:
            names = [str(name) for name in frame.columns]
        if recipe["read"].get("path_column"):
            frame.insert(0, PATH_COLUMN, file["uri"], allow_duplicates=True)
        bytes_of_row = os.path.getsize(place) / len(frame) if len(frame) else 0.0
        for work in works:
            frame = work(frame, file["uri"])
        if len(frame):
            yield file, frame, bytes_of_row
        if any(work.is_over for work in works):
            return


def _read(read: dict[str, Any], place: str, names: list[str] | None) -> Any:
    import pandas as pd

    if read["type"] == "parquet":
        return pd.read_parquet(place)
    if read["type"] == "json_lines":
        return _json_lines(pd, read, place)
    header = read["header"]
    has_header = header in ("all_files_same_headers", "all_files_different_headers") or (
        header == "from_first_file" and names is None
    )
    options: dict[str, Any] = {"header": 0 if has_header else None}
    if names is not None and header != "all_files_different_headers":
        options["names"] = names
    if not read["infer"]:
        options.update(dtype=str, keep_default_na=False, na_values=[] if read["empty_as_string"] else [""])
    elif read["empty_as_string"]:
        options["keep_default_na"] = False
    try:
        frame = pd.read_csv(place, sep=read["delimiter"], encoding=read["encoding"], index_col=False, **options)
    except pd.errors.EmptyDataError:
        return None
    if not has_header and names is None:
        # As Azure calls columns without a name.
        frame.columns = [f"Column{number + 1}" for number in range(len(frame.columns))]
    return frame


def _json_lines(pd: Any, read: dict[str, Any], place: str) -> Any:
    import json

    rows = []
    with open(place, encoding=read["encoding"]) as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except ValueError:
                value = None
            if isinstance(value, dict):
                rows.append(value)
            elif read["invalid_lines"] == "error":
                raise BadTable(f"line {number} of `{os.path.basename(place)}` is no JSON object")
    return pd.DataFrame(rows)


class _Work:
    """One step; it may remember what went through it before."""

    def __init__(self, step: dict[str, Any]) -> None:
        self._step = step
        self._left = step.get("count", 0)
        self._random = random.Random(step.get("seed"))  # noqa: S311 - the same seed has to give the same rows
        self.is_over = step["type"] == "take" and not self._left

    def __call__(self, frame: Any, uri: str) -> Any:
        return getattr(self, f"_{self._step['type']}")(frame, uri)

    def _take(self, frame: Any, _uri: str) -> Any:
        taken = frame.head(self._left)
        self._left -= len(taken)
        self.is_over = self._left == 0
        return taken

    def _skip(self, frame: Any, _uri: str) -> Any:
        skipped = min(self._left, len(frame))
        self._left -= skipped
        return frame.iloc[skipped:]

    def _sample(self, frame: Any, _uri: str) -> Any:
        return frame[[self._random.random() < self._step["probability"] for _ in range(len(frame))]]

    def _keep(self, frame: Any, _uri: str) -> Any:
        return frame[_there(frame, self._step["names"], "keep_columns")]

    def _drop(self, frame: Any, _uri: str) -> Any:
        return frame.drop(columns=_there(frame, self._step["names"], "drop_columns"))

    def _filter(self, frame: Any, _uri: str) -> Any:
        found = _value(self._step["condition"], frame)
        if isinstance(found, bool):
            return frame if found else frame.iloc[:0]
        return frame[_truth(found)]

    def _convert(self, frame: Any, _uri: str) -> Any:
        names = _there(frame, self._step["names"], "convert_column_types")
        return frame.assign(**{name: _converted(frame[name], self._step) for name in names})

    def _extract(self, frame: Any, uri: str) -> Any:
        import pandas as pd

        match = re.search(f"(?:{self._step['pattern']})$", uri)
        if match is None:
            raise BadTable(f"the path `{uri}` does not fit the partition format `{self._step['text']}`")
        groups = list(match.groups())
        values: dict[str, Any] = {}
        for column in self._step["columns"]:
            pieces = column["pieces"]
            if not pieces:
                values[column["name"]] = _number_or_text(groups.pop(0))
                continue
            taken, groups = groups[: len(pieces)], groups[len(pieces) :]
            values[column["name"]] = pd.to_datetime(" ".join(taken), format=" ".join(pieces), errors="coerce")
        return frame.assign(**values)


def _number_or_text(text: str) -> Any:
    """Return what a path says as the same value that a file would give: `1005` is a number."""
    return int(text) if re.fullmatch(r"-?(0|[1-9][0-9]{0,17})", text) else text


def _converted(column: Any, step: dict[str, Any]) -> Any:
    import pandas as pd

    kind = step["to"]
    if kind == "int":
        numbers = pd.to_numeric(column, errors="coerce")
        there = numbers.dropna()
        return numbers.astype("Int64") if bool((there == there.round()).all()) else numbers
    if kind == "float":
        return pd.to_numeric(column, errors="coerce").astype("float64")
    if kind == "boolean":
        yes = {text.lower() for text in step["true_values"] or ("true", "1", "yes")}
        no = {text.lower() for text in step["false_values"] or ("false", "0", "no")}
        texts = column.astype(str).str.strip().str.lower()
        return texts.map(lambda text: True if text in yes else False if text in no else None).astype("boolean")
    if kind == "datetime":
        tried = [pd.to_datetime(column, format=form, errors="coerce") for form in step["formats"] or (None,)]
        return reduce(lambda found, more: found.fillna(more), tried)
    return column.where(column.isna(), column.astype(str)).astype(object)


def _there(frame: Any, names: list[str], step: str) -> list[str]:
    for name in names:
        if name not in frame.columns:
            listed = ", ".join(f"`{column}`" for column in list(frame.columns)[:20])
            raise BadTable(f"`{step}` names the column `{name}`; the table has {listed}")
    return list(names)


def _truth(value: Any) -> Any:
    # A comparison with no value is neither true nor false; such a row is not wanted.
    return value.fillna(value=False).astype(bool) if hasattr(value, "fillna") else bool(value)


def _not(value: Any) -> Any:
    found = _truth(value)
    return not found if isinstance(found, bool) else ~found


_OPERATORS: dict[str, Callable[..., Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
    "and": lambda *values: reduce(operator.and_, map(_truth, values)),
    "or": lambda *values: reduce(operator.or_, map(_truth, values)),
    "not": _not,
    "null": lambda value: value.isna() if hasattr(value, "isna") else value is None,
    "in": lambda value, *others: reduce(operator.or_, (_truth(value == other) for other in others)),
    "negative": operator.neg,
}


def _value(part: dict[str, Any], frame: Any) -> Any:
    if "constant" in part:
        return part["constant"]
    if "column" in part:
        return frame[_there(frame, [part["column"]], "filter")[0]]
    return _OPERATORS[part["operator"]](*[_value(one, frame) for one in part["parts"]])
