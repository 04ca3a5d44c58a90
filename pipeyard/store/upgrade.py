"""
Bring a database to the tables that this version knows.

In:       an address.
Out:      the database, made or migrated; an older SQLite file was copied aside first.
Not here: the steps themselves (`migrations/versions/`).

Invariant: a database of a newer version is not touched. A migration happens whole
or not at all.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import URL

from pipeyard.model.errors import StoreError
from pipeyard.store.connect import create_private_file, open_engine, parse_url, sqlite_url
from pipeyard.store.fault import store_error, translated

# Every revision there ever was, oldest first. Written here too, so that the usual
# case, nothing to do, need not import Alembic; a test compares it with the folder.
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009")
_VERSION_TABLE = "alembic_version"
# Any number of our own: two servers of one PostgreSQL database migrate one after the other.
_ADVISORY_LOCK = 0x70697065


def prepare_database(where: str | Path) -> None:
    """
    Make the database ready, or raise and leave it as it was.

    *where* is an address or the path of an SQLite file. A file of an older version
    is copied to `<name>.before-<its revision>` before anything is changed. Raises
    `StoreError` with code `newer-home` when the database is newer than this version.
    """
    url = parse_url(where if isinstance(where, str) and "://" in where else sqlite_url(where))
    is_file = url.get_backend_name() == "sqlite"
    if is_file:
        create_private_file(Path(url.database or ""))
    engine = open_engine(url)
    try:
        with translated(sqlite3.Error):
            revision = _revision_of(engine)
            if revision == REVISIONS[-1]:
                return
            _refuse_unknown(revision, url)
            if is_file and revision is not None:
                _copy_aside(Path(url.database or ""), revision)
            _migrate(engine)
    finally:
        engine.dispose()


def _revision_of(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return _read_revision(connection)


def _read_revision(connection: Connection) -> str | None:
    names = inspect(connection).get_table_names()
    if _VERSION_TABLE in names:
        found = connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar()  # noqa: S608 (a constant)
        if found is not None:
            return str(found)
    if names and names != [_VERSION_TABLE]:
        raise StoreError(
            f"the database holds tables that are not Pipeyard's: {', '.join(sorted(names)[:5])}",
            code="foreign-database",
            hint="name a database of its own for Pipeyard",
        )
    return None


def _refuse_unknown(revision: str | None, url: URL) -> None:
    if revision is None or revision in REVISIONS:
        return
    raise StoreError(
        f"this home was last used by a newer Pipeyard (database version {revision}, known up to {REVISIONS[-1]})",
        code="newer-home",
        hint=f"upgrade Pipeyard, or choose another home with PIPEYARD_HOME (`{_shown(url)}` was not touched)",
    )


def _shown(url: URL) -> str:
    """Return the path of a file; the address of anything else, without its password."""
    is_file = url.get_backend_name() == "sqlite" and url.database
    return str(url.database) if is_file else url.render_as_string()


def _copy_aside(path: Path, revision: str) -> None:
    """Copy with SQLite's own backup call, which takes in what still lies in the write-ahead log."""
    target = path.with_name(f"{path.name}.before-{revision}")
    if target.exists():
        # Of an earlier try; it is older and therefore nearer to what the user may want back.
        return
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    create_private_file(partial)
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(partial)) as copy:
            source.backup(copy)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.rename(target)
    except (sqlite3.Error, OSError) as problem:
        partial.unlink(missing_ok=True)
        raise store_error(problem) from problem


def _migrate(engine: Engine) -> None:
    # Imported here: Alembic costs a quarter of a second, and a home is migrated once in its life.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "pipeyard.store:migrations")
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        # Another process may have been faster while this one waited for the lock.
        if _read_revision(connection) != REVISIONS[-1]:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        connection.commit()
