"""
Connections to the database, opened the way we need them.

In:       an SQLAlchemy address, or the path of an SQLite file.
Out:      an engine; for SQLite with write-ahead log, full synchronisation and a patient lock.
Not here: statements, tables.

Invariant: a commit that returned is on disk. Readers never wait for the writer.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from pipeyard.model.errors import UserError
from pipeyard.store.fault import translated

# How long a statement waits for a lock that another program holds.
_BUSY_SECONDS = 10.0
# Pages of 4 KiB in the write-ahead log before it is folded into the file.
_CHECKPOINT_PAGES = 4000


def sqlite_url(path: str | Path) -> str:
    """Return the address of an SQLite file, whatever characters its path has."""
    return URL.create("sqlite", database=os.fspath(path)).render_as_string(hide_password=False)


def parse_url(text: str) -> URL:
    """Return an address whose driver is one that we ship. `UserError` for what is no address."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise UserError(
            "the database address cannot be read",
            code="database-address",
            hint="write `postgresql://user@host/name`, or leave it out to use SQLite",
        ) from None
    backend = url.get_backend_name()
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and url.database not in (None, "", ":memory:"):
        return url
    raise UserError(
        f"`{backend}` is no database that Pipeyard can use",
        code="database-address",
        hint="use SQLite (the default) or PostgreSQL",
    )


def open_engine(url: URL, *, read_only: bool = False) -> Engine:
    """
    Return an engine; nothing is connected yet.

    A read-only one commits nothing and begins nothing: each statement sees the
    newest state.
    """
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, read_only=read_only)
    options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"} if read_only else {}
    try:
        # A pooled connection is asked whether it still lives: the server may have restarted.
        return create_engine(url, pool_pre_ping=True, **options)
    except ModuleNotFoundError as missing:
        raise UserError(
            f"PostgreSQL needs the package `{missing.name}`",
            code="database-address",
            hint="pip install 'pipeyard[postgresql]'",
        ) from missing


def _sqlite_engine(url: URL, *, read_only: bool) -> Engine:
    # `isolation_level=None`: the driver begins nothing by itself, so that one
    # BEGIN IMMEDIATE covers a whole batch, tables included.
    options = {"timeout": _BUSY_SECONDS, "isolation_level": None, "check_same_thread": False, "cached_statements": 256}
    engine = create_engine(url, paramstyle="named", connect_args=options)

    def prepare(connection: sqlite3.Connection, _: object) -> None:
        cursor = connection.cursor()
        if read_only:
            cursor.execute("PRAGMA query_only = ON")
        else:
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = FULL")
            cursor.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
            # After a burst the log's file shrinks again.
            cursor.execute("PRAGMA journal_size_limit = 67108864")
        cursor.close()

    event.listen(engine, "connect", prepare)
    return engine


def create_private_file(path: Path) -> None:
    """Make an empty database file that only its owner can read; one that exists stays as it is."""
    with translated(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
