"""
Everything that is written about assets, workspaces and the history, as SQL text made once.

In:       the tables and a dialect.
Out:      `Statement`s, as in `statement.py`.
Not here: running them (`assets.py`, `workspaces.py`).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Dialect, Table, and_, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pipeyard.model.status import JobStatus
from pipeyard.store import asset_tables, draft_tables, tables, tracking_tables
from pipeyard.store.statement import Statement

_NAME = ("workspace", "kind", "name")
_KEY = (*_NAME, "version")
_UNFINISHED = [status.value for status in JobStatus if not status.is_terminal]
# What goes with a workspace; the history stays.
_OF_A_WORKSPACE = (
    tables.jobs,
    tables.job_tags,
    tables.submissions,
    tables.events,
    tables.outputs,
    tables.uploads,
    tables.upload_files,
    tables.computes,
    tables.datastores,
    tables.web_copies,
    asset_tables.asset_containers,
    asset_tables.asset_versions,
    asset_tables.asset_tombstones,
    asset_tables.asset_labels,
    asset_tables.asset_needs,
    asset_tables.asset_uses,
    asset_tables.output_uses,
    *tracking_tables.OF_A_WORKSPACE,
    *draft_tables.OF_A_WORKSPACE,
)


class AssetStatements:
    """The statements of one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        """Compile what is always needed; changes are compiled when their columns are first met."""
        self._dialect = dialect
        self._changes: dict[tuple[str, ...], Statement] = {}
        at = asset_tables
        self.insert_audit = self._plain(at.audit, leave_out=("seq",))
        self._compile_versions()
        self._compile_lineage()
        self._compile_workspaces()

    def change(self, table: Table, columns: tuple[str, ...]) -> Statement:
        """Return the update of these columns of the row whose key is in `of_<column>`."""
        wanted = (table.name, *columns)
        found = self._changes.get(wanted)
        if found is None:
            values = {column: bindparam(column, type_=table.c[column].type) for column in columns}
            keys = and_(*(column == bindparam(f"of_{column.name}") for column in table.primary_key))
            found = self._compiled(update(table).where(keys).values(values), table)
            self._changes[wanted] = found
        return found

    def _compile_versions(self) -> None:
        at = asset_tables
        containers, versions = at.asset_containers, at.asset_versions
        self.insert_container = self._ignoring(containers)
        # Locked until the transaction ends: whoever asks for a number next waits here. SQLite needs no such word.
        self.lock_container = self._compiled(
            select(containers.c.highest_number, containers.c.last_serial)
            .where(*_same(containers, _NAME))
            .with_for_update(),
            containers,
        )
        self.count_container = self._compiled(
            update(containers)
            .where(*_same(containers, _NAME))
            .values(highest_number=bindparam("highest_number"), last_serial=bindparam("last_serial")),
            containers,
        )
        self.insert_version = self._ignoring(versions)
        self.delete_version = self._delete(versions, _KEY)
        self.insert_tombstone = self._plain(at.asset_tombstones)
        self.find_tombstone = self._find(at.asset_tombstones, _KEY)
        outputs = tables.outputs
        self.find_freed = self._compiled(
            select(outputs.c.datastore, outputs.c.path).where(
                outputs.c.job_name == bindparam("job_name"), outputs.c.removed_at_ms.is_not(None)
            ),
            outputs,
        )
        # Held until the transaction ends: a version that somebody is about to use cannot go.
        self.hold_version = self._compiled(
            select(versions.c.version).where(*_same(versions, _KEY)).with_for_update(read=True, key_share=True),
            versions,
        )
        self.lock_version = self._compiled(
            select(versions.c.version).where(*_same(versions, _KEY)).with_for_update(), versions
        )
        self.save_label = self._upsert(at.asset_labels)
        self.delete_labels = self._delete(at.asset_labels, _KEY)

    def _compile_lineage(self) -> None:
        needs, uses, jobs = asset_tables.asset_needs, asset_tables.asset_uses, tables.jobs
        self.insert_need = self._ignoring(needs)
        self.delete_needs = self._delete(needs, _KEY)
        self.find_needing = self._compiled(
            select(needs.c.workspace, needs.c.kind, needs.c.name, needs.c.version).where(
                *(needs.c[f"needed_{column}"] == bindparam(column) for column in _KEY)
            ),
            needs,
        )
        self.find_unfinished_user = self._compiled(
            select(uses.c.root_name)
            .join(jobs, jobs.c.name == uses.c.root_name)
            .where(
                uses.c.asset_workspace == bindparam("workspace"),
                *_same(uses, ("kind", "name", "version")),
                jobs.c.status.in_([bindparam(f"status_{place}") for place in range(len(_UNFINISHED))]),
            ),
            uses,
        )
        # The same of a whole workspace or registry, from outside it.
        self.find_needing_workspace = self._compiled(
            select(needs.c.workspace, needs.c.kind, needs.c.name, needs.c.version).where(
                needs.c.needed_workspace == bindparam("workspace"), needs.c.workspace != bindparam("workspace")
            ),
            needs,
        )
        self.find_unfinished_user_of_workspace = self._compiled(
            select(uses.c.root_name, uses.c.workspace)
            .join(jobs, jobs.c.name == uses.c.root_name)
            .where(
                uses.c.asset_workspace == bindparam("workspace"),
                jobs.c.status.in_([bindparam(f"status_{place}") for place in range(len(_UNFINISHED))]),
            ),
            uses,
        )
        # The workspace and the time are the job's; nothing is inserted without one.
        self.insert_use = self._insert_of_job(uses)
        self.insert_output_use = self._insert_of_job(asset_tables.output_uses)

    def _insert_of_job(self, table: Table) -> Statement:
        jobs = tables.jobs
        of_job = {"workspace": jobs.c.workspace, "at_ms": jobs.c.created_at_ms}
        values = [of_job.get(column.name, bindparam(column.name, type_=column.type)) for column in table.c]
        source = select(*values).where(jobs.c.name == bindparam("job_name"))
        return self._compiled(insert(table).from_select([column.name for column in table.c], source), table)

    def _compile_workspaces(self) -> None:
        workspaces, jobs = tables.workspaces, tables.jobs
        # Held until the transaction ends, so that a workspace cannot go while something is put into it.
        self.lock_workspace = self._compiled(
            select(workspaces.c.name)
            .where(workspaces.c.name == bindparam("workspace"))
            .with_for_update(read=True, key_share=True),
            workspaces,
        )
        self.insert_workspace = self._ignoring(workspaces)
        self.delete_workspace = self._delete(workspaces, ("name",))
        self.find_unfinished_job = self._compiled(
            select(jobs.c.name).where(
                jobs.c.workspace == bindparam("workspace"),
                jobs.c.parent_name.is_(None),
                jobs.c.status.in_([bindparam(f"status_{place}") for place in range(len(_UNFINISHED))]),
            ),
            jobs,
        )
        points, metrics = tracking_tables.metric_points, tracking_tables.metrics
        of_workspace = select(metrics.c.id).where(metrics.c.workspace == bindparam("workspace"))
        self.empty_workspace = (
            # First: they say no workspace themselves.
            self._compiled(delete(points).where(points.c.metric_id.in_(of_workspace)), points),
            *(self._delete(table, ("workspace",)) for table in _OF_A_WORKSPACE),
        )
        self.insert_datastore = self._plain(tables.datastores)

    def _find(self, table: Table, columns: tuple[str, ...]) -> Statement:
        return self._compiled(select(table.c[columns[0]]).where(*_same(table, columns)), table)

    def _delete(self, table: Table, columns: tuple[str, ...]) -> Statement:
        return self._compiled(delete(table).where(*_same(table, columns)), table)

    def _plain(self, table: Table, leave_out: tuple[str, ...] = ()) -> Statement:
        columns = [column.name for column in table.c if column.name not in leave_out]
        # `inline`: nobody asks for the key that the database gives.
        return self._compiled(insert(table).inline(), table, columns)

    def _ignoring(self, table: Table) -> Statement:
        """Return an insert that does nothing when the row is there."""
        return self._compiled(self._insert(table).on_conflict_do_nothing(), table, list(table.c.keys()))

    def _upsert(self, table: Table) -> Statement:
        statement = self._insert(table)
        keys = [column.name for column in table.primary_key]
        rest = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
        whole = statement.on_conflict_do_update(index_elements=keys, set_=rest)
        return self._compiled(whole, table, list(table.c.keys()))

    def _insert(self, table: Table) -> Any:
        return sqlite.insert(table) if self._dialect.name == "sqlite" else postgresql.insert(table)

    def _compiled(self, statement: Any, table: Table, columns: list[str] | None = None) -> Statement:
        return Statement(str(statement.compile(dialect=self._dialect, column_keys=columns)), table.name)


def unfinished_params() -> dict[str, str]:
    """Return the statuses of jobs that have not ended, as `find_unfinished_...` take them."""
    return {f"status_{place}": status for place, status in enumerate(_UNFINISHED)}


def _same(table: Table, columns: tuple[str, ...]) -> list[Any]:
    return [table.c[column] == bindparam(column) for column in columns]
