"""
What is done with the rows of a table, one step after the other.

In:       frames of rows in their order, and the URI of the file that they come from.
Out:      frames of rows.
Not here: reading them (`table_read.py`), the language of filters (`spec/row_filter.py`).

Imported by worker processes only, like `table_read.py`. A step may remember what went
through it before: how many rows are still to be taken.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from random import Random
from typing import Any, Protocol

from pipeyard.model.errors import UserError
from pipeyard.model.nearest import nearest
from pipeyard.model.table import (
    Column,
    ColumnType,
    Constant,
    ConvertColumns,
    DropColumns,
    ExtractColumns,
    Filter,
    FilterPart,
    KeepColumns,
    Operation,
    RowStep,
    Skip,
    Take,
    TakeSample,
)

try:
    import pandas as pd
except ImportError:
    pd = None

_GUESSED_ROWS = 200
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?Z?)?")
_TRUE, _FALSE = ("true", "1", "yes"), ("false", "0", "no")


class RowWork(Protocol):
    """One step at work."""

    # Whether nothing will come out of it any more.
    is_over: bool

    def work(self, frame: Any, uri: str) -> Any:
        """Return what becomes of some rows."""


def work_of(step: RowStep) -> RowWork:
    """Return a step ready to work from the first row on."""
    return _WORKS[type(step)](step)


class _Take:
    def __init__(self, step: Take) -> None:
        self._left = step.count
        self.is_over = self._left == 0

    def work(self, frame: Any, uri: str) -> Any:
        del uri
        taken = frame.head(self._left)
        self._left -= len(taken)
        self.is_over = self._left == 0
        return taken


class _Stateless:
    is_over = False


class _Skip(_Stateless):
    def __init__(self, step: Skip) -> None:
        self._left = step.count

    def work(self, frame: Any, uri: str) -> Any:
        del uri
        skipped = min(self._left, len(frame))
        self._left -= skipped
        return frame.iloc[skipped:]


class _Sample(_Stateless):
    def __init__(self, step: TakeSample) -> None:
        self._probability = step.probability
        # Not for secrets: the same seed has to give the same rows.
        self._random = Random(step.seed)  # noqa: S311

    def work(self, frame: Any, uri: str) -> Any:
        del uri
        return frame[[self._random.random() < self._probability for _ in range(len(frame))]]


class _Filter(_Stateless):
    def __init__(self, step: Filter) -> None:
        self._step = step
        self._columns = sorted(set(step.columns()))

    def work(self, frame: Any, uri: str) -> Any:
        del uri
        _require(frame, self._columns, "filter")
        found = self._value(self._step.condition, frame)
        if isinstance(found, bool):
            return frame if found else frame.iloc[:0]
        return frame[found.fillna(value=False).astype(bool)]

    def _value(self, part: FilterPart, frame: Any) -> Any:
        if isinstance(part, Constant):
            return part.value
        if isinstance(part, Column):
            return frame[part.name]
        values = [self._value(one, frame) for one in part.parts]
        try:
            return _operated(part, values)
        except (TypeError, ValueError) as error:
            raise UserError(
                f"the filter `{self._step.text}` compares what cannot be compared: {error}",
                code="bad-filter",
                hint="make the column a number or a text first, with `convert_column_types`",
            ) from error


_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
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
}


def _not(value: Any) -> Any:
    found = _truth(value)
    return not found if isinstance(found, bool) else ~found


def _is_null(value: Any) -> Any:
    return value.isna() if hasattr(value, "isna") else value is None


def _is_in(value: Any, *others: Any) -> Any:
    return reduce(operator.or_, (_truth(value == other) for other in others), False)  # noqa: FBT003 - where it begins


_WORDS: Mapping[str, Callable[..., Any]] = {
    "and": lambda *values: reduce(operator.and_, map(_truth, values)),
    "or": lambda *values: reduce(operator.or_, map(_truth, values)),
    "not": _not,
    "null": _is_null,
    "in": _is_in,
    "negative": operator.neg,
}


def _operated(part: Operation, values: Sequence[Any]) -> Any:
    return {**_OPERATORS, **_WORDS}[part.operator](*values)


def _truth(value: Any) -> Any:
    # A comparison with no value is neither true nor false; such a row is not wanted.
    return value.fillna(value=False).astype(bool) if hasattr(value, "fillna") else bool(value)


class _Keep(_Stateless):
    def __init__(self, step: KeepColumns) -> None:
        self._names = list(step.names)

    def work(self, frame: Any, uri: str) -> Any:
        del uri
        _require(frame, self._names, "keep_columns")
        return frame[self._names]


class _Drop(_Stateless):
    def __init__(self, step: DropColumns) -> None:
        self._names = list(step.names)

    def work(self, frame: Any, uri: str) -> Any:
        del uri
        _require(frame, self._names, "drop_columns")
        return frame.drop(columns=self._names)


class _Convert(_Stateless):
    def __init__(self, step: ConvertColumns) -> None:
        self._step = step

    def work(self, frame: Any, uri: str) -> Any:
        del uri
        _require(frame, self._step.names, "convert_column_types")
        return frame.assign(**{name: self._converted(frame[name]) for name in self._step.names})

    def _converted(self, column: Any) -> Any:
        match self._step.type:
            case ColumnType.INT:
                return _whole(pd.to_numeric(column, errors="coerce"))
            case ColumnType.FLOAT:
                return pd.to_numeric(column, errors="coerce").astype("float64")
            case ColumnType.BOOLEAN:
                return self._booleans(column)
            case ColumnType.DATETIME:
                return self._dates(column)
            case _:
                return column.where(column.isna(), column.astype(str)).astype(object)

    def _booleans(self, column: Any) -> Any:
        yes = {text.lower() for text in self._step.true_values or _TRUE}
        no = {text.lower() for text in self._step.false_values or _FALSE}
        texts = column.astype(str).str.strip().str.lower()
        return texts.map(lambda text: True if text in yes else False if text in no else pd.NA).astype("boolean")

    def _dates(self, column: Any) -> Any:
        formats: Sequence[str | None] = self._step.formats or (None,)
        tried = [pd.to_datetime(column, format=text, errors="coerce") for text in formats]
        # What the first format does not fit may fit the next.
        return reduce(lambda found, more: found.fillna(more), tried)


class _Extract(_Stateless):
    def __init__(self, step: ExtractColumns) -> None:
        self._step = step
        self._fits = re.compile(f"(?:{step.pattern})$").search

    def work(self, frame: Any, uri: str) -> Any:
        match = self._fits(uri)
        if match is None:
            raise UserError(
                f"the path `{uri}` does not fit the partition format `{self._step.text}`",
                code="bad-partition-format",
                hint="the format reaches to the end of the path, and begins with a `/` where a name begins",
            )
        groups = list(match.groups())
        values: dict[str, Any] = {}
        for column in self._step.columns:
            if not column.pieces:
                values[column.name] = groups.pop(0)
                continue
            taken, groups = groups[: len(column.pieces)], groups[len(column.pieces) :]
            text, form = " ".join(taken), " ".join(column.pieces)
            values[column.name] = pd.to_datetime(text, format=form, errors="coerce")
        return frame.assign(**values)


class Infer:
    """Guesses the types of columns from the first rows, and keeps to its guess: what does not fit is no value."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._types: dict[str, ColumnType | None] = {}

    def typed(self, frame: Any) -> Any:
        """Return the same rows with types in place of texts."""
        made = {}
        for name in frame.columns:
            if name not in self._types:
                self._types[name] = _guess(frame[name])
            kind = self._types[name]
            if kind is not None:
                made[name] = _Convert(ConvertColumns((name,), kind))._converted(frame[name])  # noqa: SLF001 - of this file
        return frame.assign(**made)


def _guess(column: Any) -> ColumnType | None:
    texts = [text.strip() for text in column.dropna().head(_GUESSED_ROWS)]
    texts = [text for text in texts if text]
    if not texts:
        return None
    if all(map(_INTEGER.fullmatch, texts)):
        return ColumnType.INT
    if all(map(_FLOAT.fullmatch, texts)):
        return ColumnType.FLOAT
    if all(text.lower() in ("true", "false") for text in texts):
        return ColumnType.BOOLEAN
    return ColumnType.DATETIME if all(map(_DATE.fullmatch, texts)) else None


def _whole(numbers: Any) -> Any:
    """Return numbers as whole ones; with a fraction among them they stay as they are."""
    there = numbers.dropna()
    return numbers.astype("Int64") if bool((there == there.round()).all()) else numbers


def _require(frame: Any, names: Sequence[str], step: str) -> None:
    for name in names:
        if name in frame.columns:
            continue
        close = nearest(name, [str(column) for column in frame.columns])
        listed = ", ".join(f"`{column}`" for column in frame.columns[:20])
        raise UserError(
            f"`{step}` names the column `{name}`, which the table does not have",
            code="unknown-column",
            hint=f"did you mean `{close}`?" if close else f"it has {listed}",
        )


_WORKS: Mapping[type, Callable[[Any], RowWork]] = {
    Take: _Take,
    Skip: _Skip,
    TakeSample: _Sample,
    Filter: _Filter,
    KeepColumns: _Keep,
    DropColumns: _Drop,
    ConvertColumns: _Convert,
    ExtractColumns: _Extract,
}
