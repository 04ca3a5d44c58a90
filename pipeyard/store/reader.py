"""
Connections that only read.

In:       SQLAlchemy statements.
Out:      rows, as new as the moment.
Not here: which statements (`sql.py`, `query.py`, `assets.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Row

from pipeyard.store.fault import translated

# Databases limit how many parameters a statement has.
_PARAMETERS_MAX = 500


class Reader:
    """Runs queries from any thread; none waits for the writer."""

    def __init__(self, engine: Engine) -> None:
        """Take an engine whose connections only read."""
        self._engine = engine

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Lend a connection for several queries."""
        with translated(OSError), self._engine.connect() as connection:
            yield connection

    def all(self, statement: Any) -> Sequence[Row[Any]]:
        """Return every row."""
        with self.connection() as connection:
            return connection.execute(statement).all()

    def first(self, statement: Any) -> Row[Any] | None:
        """Return the first row, None if there is none."""
        with self.connection() as connection:
            return connection.execute(statement).first()

    def find_wanted(self, statement: Any, values: Sequence[Any], **parameters: Any) -> list[Row[Any]]:
        """
        Return the rows that a statement finds for its parameter `wanted`, a list of any length.

        A statement that is made once, and not for each call, is also compiled once.
        """
        found: list[Row[Any]] = []
        with self.connection() as connection:
            for start in range(0, len(values), _PARAMETERS_MAX):
                some = values[start : start + _PARAMETERS_MAX]
                found += connection.execute(statement, {**parameters, "wanted": some}).all()
        return found

    def find_in(self, column: Any, values: Sequence[Any], statement: Any) -> list[Row[Any]]:
        """Return the rows in which *column* has one of *values*."""
        found: list[Row[Any]] = []
        with self.connection() as connection:
            for start in range(0, len(values), _PARAMETERS_MAX):
                some = values[start : start + _PARAMETERS_MAX]
                found += connection.execute(statement.where(column.in_(some))).all()
        return found
