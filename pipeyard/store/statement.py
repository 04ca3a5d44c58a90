"""
Everything that is written, as SQL text made once.

In:       the tables and a dialect.
Out:      `Statement`s: text for the driver, with named parameters.
Not here: running them (`writer.py`), reading (`query.py`).

SQLAlchemy builds the text, so that both databases are served by one description;
the driver runs it. Going through SQLAlchemy's own execute costs some 60
microseconds for each statement, which with six statements in each turn of the
engine would be more than the commit itself.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Dialect, Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pipeyard.model.value import dataclass
from pipeyard.store import tables
from pipeyard.store.rows import JOB_COLUMNS


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL text as the driver takes it."""

    text: str
    # What it is about, for messages.
    table: str


class Statements:
    """The statements of one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        """Compile what is always needed; changes of a job are compiled when their columns are first met."""
        self._dialect = dialect
        self._job_changes: dict[tuple[str, ...], Statement] = {}
        self.insert_job = self._compile(insert(tables.jobs), tables.jobs, JOB_COLUMNS)
        self.insert_tag = self._of_job(tables.job_tags, "job_name")
        self.delete_tags = self._compile(
            delete(tables.job_tags).where(tables.job_tags.c.job_name == bindparam("job_name")), tables.job_tags
        )
        self.insert_submission = self._of_job(tables.submissions, "root_name")
        self.insert_event = self._of_job(tables.events, "root_name")
        self.save_output = self._of_job(tables.outputs, "job_name", is_upsert=True)
        self.save_result = self._upsert(tables.results)
        self.end_result = self._compile(
            update(tables.results)
            .where(tables.results.c.job_name == bindparam("ended_job"))
            .values(ended_at_ms=bindparam("ended_at_ms"), is_reusable=bindparam("is_reusable")),
            tables.results,
        )
        self.change_manifest = self._compile(
            update(tables.outputs)
            .where(tables.outputs.c.job_name == bindparam("made_by"), tables.outputs.c.output == bindparam("made_as"))
            .values(manifest=bindparam("manifest")),
            tables.outputs,
        )
        self.save_upload = self._upsert(tables.uploads)
        self.save_upload_file = self._upsert(tables.upload_files)
        self.save_compute = self._upsert(tables.computes)
        self.delete_compute = self._compile(
            delete(tables.computes).where(
                tables.computes.c.workspace == bindparam("workspace"), tables.computes.c.name == bindparam("name")
            ),
            tables.computes,
        )
        self.save_datastore = self._upsert(tables.datastores)
        self.delete_datastore = self._compile(
            delete(tables.datastores).where(
                tables.datastores.c.workspace == bindparam("workspace"), tables.datastores.c.name == bindparam("name")
            ),
            tables.datastores,
        )
        self.save_web_copy = self._upsert(tables.web_copies)

    def change_job(self, columns: tuple[str, ...]) -> Statement:
        """Return the update of these columns of the job `job_name`."""
        found = self._job_changes.get(columns)
        if found is None:
            jobs = tables.jobs
            values = {column: bindparam(column, type_=jobs.c[column].type) for column in columns}
            statement = update(jobs).where(jobs.c.name == bindparam("job_name")).values(values)
            found = self._job_changes[columns] = self._compile(statement, jobs)
        return found

    def _of_job(self, table: Table, key: str, *, is_upsert: bool = False) -> Statement:
        """Return an insert that takes the workspace from the job named in *key*, and inserts nothing without it."""
        values = [
            tables.jobs.c.workspace if column.name == "workspace" else bindparam(column.name, type_=column.type)
            for column in table.c
        ]
        source = select(*values).where(tables.jobs.c.name == bindparam(key))
        names = [column.name for column in table.c]
        return self._compile(self._insert(table, is_upsert=is_upsert).from_select(names, source), table)

    def _upsert(self, table: Table) -> Statement:
        return self._compile(self._insert(table, is_upsert=True), table, tuple(table.c.keys()))

    def _insert(self, table: Table, *, is_upsert: bool) -> Any:
        if not is_upsert:
            return insert(table)
        # Both dialects write it alike, but each has its own class for it.
        statement: Any = sqlite.insert(table) if self._dialect.name == "sqlite" else postgresql.insert(table)
        keys = [column.name for column in table.primary_key]
        rest = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
        return statement.on_conflict_do_update(index_elements=keys, set_=rest)

    def _compile(self, statement: Any, table: Table, columns: tuple[str, ...] | None = None) -> Statement:
        names = None if columns is None else list(columns)
        return Statement(str(statement.compile(dialect=self._dialect, column_keys=names)), table.name)
