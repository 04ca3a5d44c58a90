"""
`ports.AssetStore` over SQLite and PostgreSQL.

In:       records of `model/asset_record.py`.
Out:      the same records, later or in another process.
Not here: what is allowed (`registry/`); tables (`asset_tables.py`), SQL of writes
          (`asset_statement.py`, `asset_write.py`), of reads (`asset_query.py`), rows (`asset_rows.py`).

Invariant: as in `sql.py`; and no change without its entry in the history.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, select

from pipeyard.model.asset_record import (
    AssetContainer,
    AssetFilter,
    AssetKey,
    AssetNeed,
    AssetUse,
    AssetVersion,
    AuditEntry,
    AuditFilter,
    WorkspaceRecord,
    registry_of,
)
from pipeyard.model.assets import AssetKind
from pipeyard.model.errors import Conflict, NotFound
from pipeyard.model.record import DatastoreRecord
from pipeyard.store import asset_query as query
from pipeyard.store import asset_rows as rows
from pipeyard.store import tables
from pipeyard.store.asset_statement import AssetStatements, unfinished_params
from pipeyard.store.asset_tables import asset_containers, asset_versions
from pipeyard.store.asset_write import AssetWrites
from pipeyard.store.reader import Reader
from pipeyard.store.rows import datastore_params
from pipeyard.store.writer import Transaction, Writer


class SqlAssets:
    """Versions, lineage, workspaces and the history, in the database that `SqlStore` has opened."""

    def __init__(self, reader: Reader, writer: Writer, statements: AssetStatements) -> None:
        """Take the store's own connections."""
        self._reader = reader
        self._writer = writer
        self._write = statements

    # --- versions --------------------------------------------------------------------------

    def create_asset(
        self,
        asset: AssetVersion,
        audit: AuditEntry,
        *,
        needs: Sequence[AssetNeed] = (),
        parts: Sequence[AssetVersion] = (),
    ) -> AssetVersion:
        """Store a version and return it with its number and serial; `Conflict` if it is there or was deleted."""
        with self._transaction() as (_, writes):
            writes.hold_workspace(asset.workspace)
            writes.add_parts(parts)
            writes.hold_versions(need.needed for need in needs)
            added = writes.add_version(asset, needs)
            writes.add_audit([replace(audit, version=added.version)])
        return added

    def load_asset(self, key: AssetKey) -> AssetVersion | None:
        """Return one version, archived or not."""
        return _asset_or_none(self._reader.first(query.one(key)))

    def was_deleted(self, key: AssetKey) -> bool:
        """Return whether a version was there and is gone, so that its number is never used again."""
        return self._reader.first(query.tombstone(key)) is not None

    def load_labeled(self, workspace: str, kind: AssetKind, name: str, label: str) -> AssetVersion | None:
        """Return the version that a label was set to; `latest` and an unset `default` mean the newest."""
        with self._reader.connection() as connection:
            row = connection.execute(query.labeled(workspace, kind, name, label)).first()
            if row is None and query.falls_back_to_newest(label):
                row = connection.execute(query.newest(workspace, kind, name)).first()
        return _asset_or_none(row)

    def set_label(self, key: AssetKey, label: str, audit: AuditEntry) -> None:
        """Let a label stand for a version from now on; `NotFound` if there is no such version."""
        with self._transaction() as (transaction, writes):
            writes.hold_versions([key])
            transaction.run(self._write.save_label, [{**rows.key_params(key), "label": label}])
            writes.add_audit([audit])

    def load_container(self, workspace: str, kind: AssetKind, name: str) -> AssetContainer | None:
        """Return what is known of a name; None when it has no version."""
        row = self._reader.first(query.one_container(workspace, kind, name))
        return None if row is None else _container_of(row)

    def list_containers(
        self, workspace: str, kind: AssetKind, which: AssetFilter, *, limit: int, after: str | None = None
    ) -> Sequence[AssetContainer]:
        """Return names by name; *after* is the last one seen. Anonymous ones are left out."""
        found = self._reader.all(query.container_page(workspace, kind, which, limit=limit, after=after))
        return tuple(_container_of(row) for row in found)

    def list_versions(
        self, workspace: str, kind: AssetKind, name: str, which: AssetFilter, *, limit: int, before: int | None = None
    ) -> Sequence[AssetVersion]:
        """Return the versions of a name, created last first, without bodies; *before* is the last serial seen."""
        found = self._reader.all(query.version_page(workspace, kind, name, which, limit=limit, before=before))
        return tuple(rows.asset_of(row) for row in found)

    def version_names(self, workspace: str, kind: AssetKind, name: str) -> Sequence[str]:
        """Return some hundred versions of a name, created last first: for saying what is near."""
        return tuple(row.version for row in self._reader.all(query.version_names(workspace, kind, name)))

    def asset_names(self, workspace: str, kind: AssetKind) -> Sequence[str]:
        """Return some thousand names: for saying what is near."""
        return tuple(row.name for row in self._reader.all(query.asset_names(workspace, kind)))

    def change_asset(self, key: AssetKey, values: Mapping[str, Any], audit: AuditEntry) -> None:
        """Give what may change new values; `NotFound` if there is no such version."""
        with self._transaction() as (_, writes):
            if not writes.change(asset_versions, rows.change_params(key, values, audit)):
                raise NotFound(f"there is no {key.kind.value} `{key.name}` of version {key.version}")
            writes.add_audit([audit])

    def archive_container(
        self, workspace: str, kind: AssetKind, name: str, audit: AuditEntry, *, is_archived: bool
    ) -> None:
        """Hide a name and all its versions, or show them again; `NotFound` if there is no such name."""
        found = {f"of_{column}": value for column, value in rows.container_params(workspace, kind, name).items()}
        with self._transaction() as (_, writes):
            if not writes.change(asset_containers, {"is_archived": is_archived, **found}):
                raise NotFound(f"there is no {kind.value} `{name}`")
            writes.add_audit([audit])

    def delete_asset(self, key: AssetKey, audit: AuditEntry) -> None:
        """Forget a version for good, unless something needs it; its number is never given again."""
        params = rows.key_params(key)
        with self._transaction() as (transaction, writes):
            if not transaction.rows(self._write.lock_version, params):
                raise NotFound(f"there is no {key.kind.value} `{key.name}` of version {key.version}")
            self._refuse_needed(transaction, key)
            transaction.run(self._write.delete_version, [params])
            transaction.run(self._write.delete_needs, [params])
            transaction.run(self._write.delete_labels, [params])
            transaction.run(self._write.insert_tombstone, [params])
            writes.add_audit([audit])

    def _refuse_needed(self, transaction: Transaction, key: AssetKey) -> None:
        params = rows.key_params(key)
        users = transaction.rows(self._write.find_unfinished_user, {**params, **unfinished_params()})
        if users:
            raise Conflict(
                f"{key.kind.value} `{key.name}` version {key.version} is used by job `{users[0][0]}`",
                code="asset-in-use",
                hint=f"wait for it or cancel it: pipeyard job cancel -n {users[0][0]}",
            )
        needing = transaction.rows(self._write.find_needing, params)
        if needing:
            _, kind, name, version = needing[0]
            raise Conflict(
                f"{key.kind.value} `{key.name}` version {key.version} is part of {kind} `{name}` version {version}",
                code="asset-in-use",
                hint="archive it instead: it is hidden then, and what needs it still runs",
            )

    # --- lineage ---------------------------------------------------------------------------

    def users_of(self, key: AssetKey, *, limit: int, unfinished_only: bool = False) -> Sequence[AssetUse]:
        """Return the jobs that use a version, newest first, one use for each role of each record."""
        found = self._reader.all(query.users(key, limit=limit, unfinished_only=unfinished_only))
        return tuple(rows.use_of(row) for row in found)

    def uses_of(self, workspace: str, root_name: str) -> Sequence[AssetUse]:
        """Return what a root job and everything below it use."""
        return tuple(rows.use_of(row) for row in self._reader.all(query.used_by_job(workspace, root_name)))

    def needed_by(self, key: AssetKey, *, limit: int) -> Sequence[AssetKey]:
        """Return the versions that need this one."""
        return tuple(rows.key_of(row) for row in self._reader.all(query.needing(key, limit=limit)))

    def needs_of(self, key: AssetKey) -> Sequence[AssetNeed]:
        """Return what a version needs."""
        return tuple(rows.need_of(row) for row in self._reader.all(query.needed(key)))

    def produced_by(self, workspace: str, root_name: str) -> Sequence[AssetVersion]:
        """Return the versions that the steps of a root job wrote, without bodies."""
        return tuple(rows.asset_of(row) for row in self._reader.all(query.produced(workspace, root_name)))

    # --- history ---------------------------------------------------------------------------

    def list_audit(self, which: AuditFilter, *, limit: int, before: int | None = None) -> Sequence[AuditEntry]:
        """Return changes, newest first; *before* is the last `seq` seen."""
        return tuple(
            rows.audit_of(row) for row in self._reader.all(query.audit_page(which, limit=limit, before=before))
        )

    # --- workspaces ------------------------------------------------------------------------

    def create_workspace(
        self, workspace: WorkspaceRecord, datastores: Sequence[DatastoreRecord], audit: AuditEntry
    ) -> None:
        """Store a workspace (or registry) and its datastores; `Conflict` if it is there."""
        with self._transaction() as (transaction, writes):
            if not transaction.run(self._write.insert_workspace, [rows.workspace_params(workspace)]):
                raise Conflict(f"`{workspace.name}` exists already", code="workspace-exists")
            transaction.run(self._write.insert_datastore, [datastore_params(datastore) for datastore in datastores])
            writes.add_audit([audit])

    def load_workspace(self, name: str) -> WorkspaceRecord | None:
        """Return one workspace."""
        table = tables.workspaces
        row = self._reader.first(select(table).where(table.c.name == name))
        return None if row is None else rows.workspace_of(row)

    def list_workspaces(self) -> Sequence[WorkspaceRecord]:
        """Return every workspace by name, registries included."""
        found = self._reader.all(select(tables.workspaces).order_by(tables.workspaces.c.name))
        return tuple(rows.workspace_of(row) for row in found)

    def change_workspace(self, name: str, values: Mapping[str, Any], audit: AuditEntry) -> None:
        """Give display name, description or tags new values; `NotFound` if there is no such workspace."""
        with self._transaction() as (_, writes):
            if not writes.change(tables.workspaces, rows.workspace_change_params(name, values)):
                raise NotFound(f"there is no workspace `{name}`")
            writes.add_audit([audit])

    def delete_workspace(self, name: str, audit: AuditEntry) -> None:
        """Forget a workspace and every row in it but its history; `Conflict` while it holds an unfinished job."""
        wanted = {"workspace": name}
        with self._transaction() as (transaction, writes):
            # First, so that no job can be put into it any more while we look.
            if not transaction.run(self._write.delete_workspace, [{"name": name}]):
                raise NotFound(f"there is no workspace `{name}`")
            unfinished = transaction.rows(self._write.find_unfinished_job, {**wanted, **unfinished_params()})
            if unfinished:
                job = unfinished[0][0]
                raise Conflict(
                    f"workspace `{name}` holds job `{job}`, which has not ended",
                    code="in-use",
                    hint=f"wait for it or cancel it: pipeyard job cancel -n {job} -w {name}",
                )
            _refuse_needed_from_outside(transaction, self._write, name)
            for statement in self._write.empty_workspace:
                transaction.run(statement, [wanted])
            writes.add_audit([audit])

    @contextmanager
    def _transaction(self) -> Iterator[tuple[Transaction, AssetWrites]]:
        with self._writer.transaction() as transaction:
            yield transaction, AssetWrites(transaction, self._write)


def _refuse_needed_from_outside(transaction: Transaction, write: AssetStatements, name: str) -> None:
    """Raise while another workspace's job or version needs something in this one, which then is a registry."""
    shown = registry_of(name) or name
    users = transaction.rows(write.find_unfinished_user_of_workspace, {"workspace": name, **unfinished_params()})
    if users:
        job, workspace = users[0]
        raise Conflict(
            f"`{shown}` is used by job `{job}`, which has not ended",
            code="in-use",
            hint=f"wait for it or cancel it: pipeyard job cancel -n {job} -w {workspace}",
        )
    needing = transaction.rows(write.find_needing_workspace, {"workspace": name})
    if needing:
        workspace, kind, asset, version = needing[0]
        raise Conflict(
            f"`{shown}` is needed by {kind} `{asset}` version {version} in `{registry_of(workspace) or workspace}`",
            code="in-use",
            hint="delete that version first",
        )


def _asset_or_none(row: Row[Any] | None) -> AssetVersion | None:
    return None if row is None else rows.asset_of(row)


def _container_of(row: Row[Any]) -> AssetContainer:
    return AssetContainer(
        workspace=row.container_workspace,
        kind=AssetKind(row.container_kind),
        name=row.container_name,
        created_at_ms=row.container_created_at_ms,
        created_by=row.container_created_by,
        next_version=str(row.container_highest_number + 1),
        latest=rows.asset_of(row[len(asset_containers.c) :]) if row.version is not None else None,
        is_archived=bool(row.container_is_archived),
    )
