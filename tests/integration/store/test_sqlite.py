import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic import command as alembic_command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event

from pipeyard.model.asset_record import AssetFilter, WorkspaceRecord
from pipeyard.model.assets import AssetKind
from pipeyard.model.errors import PipeyardError, StoreError, UserError
from pipeyard.model.record import BUILT_IN_DATASTORES, Batch, JobFilter, JobRecord
from pipeyard.model.status import JobStatus
from pipeyard.store import upgrade
from pipeyard.store.connect import create_private_file, open_engine, parse_url, sqlite_url
from pipeyard.store.sql import open_store
from pipeyard.store.statement import Statement
from pipeyard.store.tables import METADATA


@pytest.fixture
def path(tmp_path):
    folder = tmp_path / "home #1?%20"
    folder.mkdir()
    return folder / "pipeyard.db"


@pytest.fixture
def store(path):
    store = open_store(path)
    yield store
    store.close()


def job(name, detail=None):
    return JobRecord(
        "default", name, name, None, "pipeline", "", 0, name, "e", JobStatus.RUNNING, 1, "ann", detail=detail or {}
    )


def ask(path, sql):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def command(path, sql):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(sql)
        connection.commit()


# --- migrations ------------------------------------------------------------------------------


def test_migrations_make_exactly_the_tables_that_the_code_knows(path):
    """
    Nobody changes `tables.py` without a migration, or the other way round.
    """
    open_store(path).close()
    engine = open_engine(parse_url(sqlite_url(path)))

    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)
    engine.dispose()

    assert [] == differences


def test_the_revisions_that_the_code_names_are_those_in_the_folder():
    """
    The list that saves importing Alembic is complete and in order.
    """
    config = Config()
    config.set_main_option("script_location", "pipeyard.store:migrations")
    found = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]

    assert list(upgrade.REVISIONS) == found[::-1]


def test_opening_a_current_database_imports_no_alembic(path):
    """
    A server start does not pay for migrations that are not needed.
    """
    open_store(path).close()
    code = (
        "import sys; from pathlib import Path; from pipeyard.store.sql import open_store; "
        "open_store(Path(sys.argv[1])).close(); sys.exit('alembic' in sys.modules)"
    )

    assert 0 == subprocess.run([sys.executable, "-c", code, path], check=False).returncode


def test_a_newer_database_is_refused_and_not_touched(path):
    """
    The message says what to do; the file stays as it was, byte for byte.
    """
    open_store(path).close()
    command(path, "UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()

    with pytest.raises(StoreError, match="newer Pipeyard") as caught:
        open_store(path)

    assert "newer-home" == caught.value.code
    assert f"(`{path}` was not touched)" in caught.value.hint
    assert before == path.read_bytes()


def old_home(path, revision):
    """Make the database of an older version, with a job in it."""
    config = Config()
    config.set_main_option("script_location", "pipeyard.store:migrations")
    create_private_file(path)
    engine = open_engine(parse_url(sqlite_url(path)))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        alembic_command.upgrade(config, revision)
    engine.dispose()
    command(
        path,
        "INSERT INTO jobs (name, workspace, root_name, kind, node_id, position, display_name, experiment_name, status, "
        "created_at_ms, created_by, is_archived, tags, properties, detail) VALUES ('old', 'default', 'old', 'pipeline', "
        "'', 0, 'old', 'e', 'Running', 1, 'ann', 0, '{}', '{}', '{}')",
    )


@pytest.mark.parametrize("revision", upgrade.REVISIONS[:-1])
def test_an_older_database_is_copied_aside_and_migrated_with_all_that_is_in_it(path, revision):
    """
    A home of any earlier version goes on: its jobs, its datastores, and what is new beside them.
    """
    old_home(path, revision)

    store = open_store(path)

    assert ["old"] == [row.name for row in store.unfinished()]
    assert list(BUILT_IN_DATASTORES) == [row.name for row in store.list_datastores("default")]
    assert [WorkspaceRecord("default", 0, "")] == list(store.assets.list_workspaces())
    assert () == store.assets.list_containers("default", AssetKind.DATA, AssetFilter(), limit=5)
    store.close()
    copy = path.with_name(f"pipeyard.db.before-{revision}")
    assert [(revision,)] == ask(copy, "SELECT version_num FROM alembic_version")
    assert [("old",)] == ask(copy, "SELECT name FROM jobs")
    assert 0 == copy.stat().st_mode & 0o077


def test_what_lies_in_the_write_ahead_log_is_copied_aside_too(path, monkeypatch):
    """
    A server that was killed has not folded its log into the file.
    """
    store = open_store(path)
    store.commit(Batch(jobs=(job("old"),)))
    now = upgrade.REVISIONS[-1]
    monkeypatch.setattr(upgrade, "REVISIONS", (now, "next"))
    monkeypatch.setattr(
        upgrade, "_migrate", lambda engine: command(path, "UPDATE alembic_version SET version_num = 'next'")
    )

    upgrade.prepare_database(path)
    store.close()

    copy = path.with_name(f"pipeyard.db.before-{now}")
    assert [(now,)] == ask(copy, "SELECT version_num FROM alembic_version")
    assert [("old",)] == ask(copy, "SELECT name FROM jobs")
    assert [("next",)] == ask(path, "SELECT version_num FROM alembic_version")


def test_a_migration_that_fails_leaves_nothing_behind(path, monkeypatch):
    """
    Tables come all at once: the next start begins again.
    """

    class StopError(Exception):
        pass

    def stop(*_args, **_options):
        raise StopError

    with monkeypatch.context() as patch:
        patch.setattr("alembic.op.bulk_insert", stop)
        with pytest.raises(StopError):
            open_store(path)

    assert [] == ask(path, "SELECT name FROM sqlite_master")
    open_store(path).close()
    assert [(upgrade.REVISIONS[-1],)] == ask(path, "SELECT version_num FROM alembic_version")


def test_a_database_of_another_program_is_refused(path):
    """
    Pipeyard's tables are not mixed with others.
    """
    command(path, "CREATE TABLE recipes (name TEXT)")

    with pytest.raises(StoreError, match="recipes") as caught:
        open_store(path)

    assert "foreign-database" == caught.value.code


@pytest.mark.parametrize(
    "address", ["mysql://localhost/x", "nonsense://", "sqlite://", "sqlite:///:memory:", "postgresql://host:port/x"]
)
def test_an_address_that_cannot_be_used_is_the_callers_mistake(address):
    """
    Other databases and forgotten memory are refused by name.
    """
    with pytest.raises(UserError) as caught:
        open_store(address)

    assert "database-address" == caught.value.code


# --- durability and faults -------------------------------------------------------------------


def test_the_database_is_private_and_writes_ahead(path, store):
    """
    Nobody else can read it, and a reader never waits for the writer.
    """
    store.commit(Batch(jobs=(job("a"),)))

    assert 0 == path.stat().st_mode & 0o077
    assert [("wal",)] == ask(path, "PRAGMA journal_mode")


def test_only_what_is_logged_does_not_wait_for_the_disk(store):
    """
    It is durable with the next transaction that does; those are all others.
    """
    writer = store._writer
    ways = []
    for waits in (True, False, False, True):
        with writer.transaction(waits_for_disk=waits) as transaction:
            ways.append(transaction.rows(Statement("PRAGMA synchronous", "-"), {})[0][0])

    assert ways == [2, 1, 1, 2]


def test_a_committed_batch_survives_a_killed_process(path):
    """
    What `commit` returned from is there when the process dies at once.
    """
    code = (
        "import os, sys; sys.path.insert(0, os.path.dirname(sys.argv[2])); import test_sqlite as t; "
        "from pathlib import Path; s = t.open_store(Path(sys.argv[1])); s.commit(t.Batch(jobs=(t.job('kept'),))); "
        "os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, path, __file__], check=False)

    store = open_store(path)
    assert store.load_job("default", "kept") is not None
    store.close()


def test_a_full_disk_stores_nothing_and_is_over_when_there_is_space(store):
    """
    The batch is refused whole; the same batch works after space was made.
    """
    store.commit(Batch(jobs=(job("first"),)))
    cursor = store._writer._connection.cursor()
    pages = cursor.execute("PRAGMA page_count").fetchone()[0]
    cursor.execute(f"PRAGMA max_page_count = {pages}")
    batch = Batch(jobs=tuple(job(f"j{number}", {"text": "x" * 2000}) for number in range(50)))

    with pytest.raises(StoreError, match="disk is full") as caught:
        store.commit(batch)

    assert ("disk-full", True) == (caught.value.code, caught.value.may_retry)
    assert ["first"] == [found.name for found in store.list_jobs("default", JobFilter(), limit=9)]
    store.commit(batch)
    assert 51 == len(store.list_jobs("default", JobFilter(), limit=99))


def test_a_database_that_another_program_holds_is_said_to_be_locked(path, store, monkeypatch):
    """
    After some patience the write is refused, and works when the other has let go.
    """
    monkeypatch.setattr("pipeyard.store.connect._BUSY_SECONDS", 0.0)
    impatient = open_store(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as caught:
            impatient.commit(Batch(jobs=(job("a"),)))
        assert () == impatient.unfinished()
        other.execute("ROLLBACK")
    assert ("database-locked", True) == (caught.value.code, caught.value.may_retry)
    impatient.commit(Batch(jobs=(job("a"),)))
    impatient.close()

    assert 1 == len(store.unfinished())


def read_all(path):
    store = open_store(path)
    try:
        return store.list_jobs("default", JobFilter(), limit=100)
    finally:
        store.close()


@pytest.mark.parametrize("damage", [b"this is no database, whatever its name says" * 100, None])
def test_a_damaged_file_is_said_to_be_damaged(path, damage):
    """
    The hint speaks of a backup; nothing is overwritten.
    """
    if damage is None:
        store = open_store(path)
        store.commit(Batch(jobs=tuple(job(f"j{number}", {"text": "x" * 2000}) for number in range(50))))
        store.close()
        damage = path.read_bytes()[:8192] + b"\xff" * 60_000
    path.write_bytes(damage)

    with pytest.raises(StoreError) as caught:
        read_all(path)

    assert "database-corrupt" == caught.value.code
    assert "backup" in caught.value.hint
    assert damage[:100] == path.read_bytes()[:100]


def test_a_folder_that_is_not_there_is_an_error_of_the_world(tmp_path):
    """
    The server says that the home cannot be used, without a traceback.
    """
    with pytest.raises(StoreError):
        open_store(tmp_path / "missing" / "pipeyard.db")


@contextmanager
def _as_an_ordinary_user():
    # Permissions do not bind root; another user's effective id does.
    own = os.geteuid()
    if own == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(own)


def test_a_home_that_cannot_be_written_is_said_so():
    """
    A home of somebody else, or one that is read-only, ends in an error and no traceback.
    """
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        home.mkdir()
        path = home / "pipeyard.db"
        open_store(path).close()
        Path(folder).chmod(0o755)
        home.chmod(0o555)
        path.chmod(0o444)
        try:
            with _as_an_ordinary_user(), pytest.raises(PipeyardError):
                open_store(path)
        finally:
            home.chmod(0o700)


def test_a_reader_cannot_write(store):
    """
    Only the one writing connection changes anything.
    """
    with pytest.raises(StoreError) as caught, store._reader.connection() as connection:
        connection.exec_driver_sql("DELETE FROM workspaces")

    assert "database-read-only" == caught.value.code


# --- speed, as plans and not as times --------------------------------------------------------


@pytest.mark.parametrize(
    "which",
    [
        JobFilter(),
        JobFilter(archived="archived"),
        JobFilter(status=(JobStatus.FAILED,)),
        JobFilter(experiment_name="e"),
        JobFilter(since_ms=1),
        JobFilter(roots_only=False),
        JobFilter(parent_name="a"),
    ],
    ids=str,
)
@pytest.mark.parametrize("before", [None, (5, "x")])
def test_every_list_reads_one_stretch_of_an_index(store, which, before):
    """
    No filter walks the whole table or sorts it, so a page costs the same among 100,000 jobs.
    """
    plans = []
    engine = store._reading

    @event.listens_for(engine, "before_cursor_execute")
    def explain(connection, cursor, statement, parameters, *_):
        if statement.startswith("SELECT jobs.name"):
            rows = connection.connection.driver_connection.execute("EXPLAIN QUERY PLAN " + statement, parameters)
            plans.extend(row[3] for row in rows)

    store.list_jobs("default", which, limit=50, before=before)

    assert plans
    assert not [plan for plan in plans if plan.startswith("SCAN") or "TEMP B-TREE" in plan], plans


# --- reuse -----------------------------------------------------------------------------------


def test_a_result_is_found_by_its_key_not_by_reading_all(path, store):
    """In a home with a hundred thousand results, each step would wait a second for its turn."""
    statements = []
    event.listen(store._reading, "before_cursor_execute", lambda *arguments: statements.append(arguments[2:4]))

    store.find_results("default", ["ab" * 32])

    assert statements
    with closing(sqlite3.connect(path)) as connection:
        plans = [
            str(connection.execute(f"EXPLAIN QUERY PLAN {text}", values).fetchall()) for text, values in statements
        ]
    assert all("INDEX results_by_key (workspace=? AND key=?" in plan for plan in plans)
