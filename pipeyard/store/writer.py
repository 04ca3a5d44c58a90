"""
The one connection that writes.

In:       statements and their parameters, inside `transaction()`.
Out:      all of it durable when the block ends, or none of it.
Not here: what is written (`sql.py`).

Invariant: one thread writes at a time; the others wait their turn.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Engine

from pipeyard.model.errors import UserError
from pipeyard.store.fault import translated
from pipeyard.store.rows import Params
from pipeyard.store.statement import Statement, Statements


class Transaction:
    """Runs statements inside one transaction."""

    def __init__(self, cursor: Any) -> None:
        """Take the driver's cursor."""
        self._cursor = cursor

    def run(self, statement: Statement, rows: Sequence[Params]) -> int:
        """Run a statement once for each row; return how many rows it touched in all."""
        if not rows:
            return 0
        if len(rows) == 1:
            self._cursor.execute(statement.text, rows[0])
        else:
            self._cursor.executemany(statement.text, rows)
        return int(self._cursor.rowcount)

    def rows(self, statement: Statement, row: Params) -> list[tuple[Any, ...]]:
        """Run a query inside the transaction; what it locks stays locked until the end."""
        self._cursor.execute(statement.text, row)
        return list(self._cursor.fetchall())


class Writer:
    """Holds the writing connection, opened at the first use and again after a failure."""

    def __init__(self, engine: Engine) -> None:
        """Take an engine whose connections may write."""
        self._engine = engine
        self._lock = threading.Lock()
        self._connection: Any = None
        # As the connection is set now.
        self._waits_for_disk = True
        self.statements = Statements(engine.dialect)
        self.integrity_error: type[Exception] = engine.dialect.loaded_dbapi.IntegrityError
        self._driver_error: type[Exception] = engine.dialect.loaded_dbapi.Error

    @contextmanager
    def transaction(self, *, waits_for_disk: bool = True) -> Iterator[Transaction]:
        """
        Commit when the block ends; undo everything when it raises.

        Without *waits_for_disk* it survives the death of this process at once, and a power cut as soon as any
        later transaction that waits has returned: both databases write one log, from its beginning to its end.

        A failure of the database is raised as `StoreError`. The next transaction
        starts on a fresh connection after one, so a disk that has space again or a
        server that is back needs no restart of ours.
        """
        with self._lock:
            try:
                with translated(self._driver_error, OSError):
                    cursor = self._begin(waits_for_disk=waits_for_disk)
                    yield Transaction(cursor)
                    self._connection.commit()
            except UserError:
                # The caller's doing: the connection is as good as before.
                self._connection.rollback()
                raise
            except BaseException:
                self._drop()
                raise

    def _begin(self, *, waits_for_disk: bool) -> Any:
        if self._connection is None:
            self._connection, self._waits_for_disk = self._engine.raw_connection(), True
        cursor = self._connection.cursor()
        if self._engine.dialect.name == "sqlite":
            if waits_for_disk is not self._waits_for_disk:
                cursor.execute(f"PRAGMA synchronous = {'FULL' if waits_for_disk else 'NORMAL'}")
                self._waits_for_disk = waits_for_disk
            # Takes the write lock now: a transaction that reads first and writes later can
            # be refused in the middle without waiting. PostgreSQL's driver begins by itself.
            cursor.execute("BEGIN IMMEDIATE")
        elif not waits_for_disk:
            cursor.execute("SET LOCAL synchronous_commit = off")
        return cursor

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        # It is thrown away whatever it answers; the failure that led here is the one to report.
        with suppress(Exception):
            connection.rollback()
        with suppress(Exception):
            connection.invalidate()

    def close(self) -> None:
        """Give the connection back. The next transaction would open another one."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                with translated(self._driver_error, OSError):
                    connection.close()
