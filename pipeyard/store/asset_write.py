"""
Versions, uses and entries of the history, put into a transaction that somebody else ends.

In:       a transaction, records.
Out:      rows; `Conflict` and `NotFound` when the caller asked for what cannot be.
Not here: who begins and ends it (`assets.py`, `sql.py`).

Invariant: whoever takes a number holds the row of the name until the end of the
transaction, so no two versions ever get the same one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeyard.model.asset_record import (
    AssetKey,
    AssetNeed,
    AssetUse,
    AssetVersion,
    AuditEntry,
    OutputUse,
    registry_of,
)
from pipeyard.model.errors import Bug, Conflict, NotFound
from pipeyard.store import asset_rows as rows
from pipeyard.store.asset_statement import AssetStatements
from pipeyard.store.rows import Params
from pipeyard.store.writer import Transaction

# `azureml/<job>/<output>`.
_OUTPUT_PARTS = 3


class VersionTaken(Conflict):
    """The version is there, or was until it was deleted."""


class AssetWrites:
    """Puts what belongs to assets into one transaction."""

    def __init__(self, transaction: Transaction, statements: AssetStatements) -> None:
        """Take a transaction that has begun."""
        self._transaction = transaction
        self._write = statements

    def hold_workspace(self, workspace: str) -> None:
        """Keep a workspace from being deleted until the end; `NotFound` if it is gone."""
        if not self._transaction.rows(self._write.lock_workspace, {"workspace": workspace}):
            registry = registry_of(workspace)
            what = f"workspace `{workspace}`" if registry is None else f"registry `{registry}`"
            raise NotFound(f"there is no {what}")

    def hold_versions(self, keys: Iterable[AssetKey]) -> None:
        """Keep versions from being deleted until the end; `NotFound` if one is gone."""
        # In one order for all writers, so that no two wait for each other in a ring.
        for key in sorted(set(keys), key=_order):
            if not self._transaction.rows(self._write.hold_version, rows.key_params(key)):
                raise NotFound(f"`{key.reference(None)}` was deleted", code="asset-not-found")

    def add_version(self, asset: AssetVersion, needs: Sequence[AssetNeed] = ()) -> AssetVersion:
        """Insert a version under its number, or under the next one; `VersionTaken` if it is there."""
        name = rows.container_params(asset.workspace, asset.kind, asset.name)
        self._transaction.run(self._write.insert_container, [_new_container(asset, name)])
        ((highest, serial),) = self._transaction.rows(self._write.lock_container, name)
        numbered = asset.with_(version=asset.version or str(highest + 1), serial=serial + 1)
        self._refuse_deleted(numbered.key)
        self._refuse_freed(asset)
        if not self._transaction.run(self._write.insert_version, [rows.asset_params(numbered)]):
            raise VersionTaken(f"version {numbered.version} of `{asset.name}` exists already", code="version-exists")
        highest = max(highest, rows.number_of(numbered.version))
        counted = {**name, "highest_number": highest, "last_serial": numbered.serial}
        self._transaction.run(self._write.count_container, [counted])
        self._transaction.run(self._write.insert_need, [rows.need_params(numbered.key, need) for need in needs])
        return numbered

    def add_parts(self, parts: Sequence[AssetVersion]) -> None:
        """Insert anonymous components; those that are there are the same, since their version is their digest."""
        self._transaction.run(
            self._write.insert_version,
            [rows.asset_params(part) for part in sorted(parts, key=lambda part: _order(part.key))],
        )

    def add_outputs(self, assets: Sequence[AssetVersion]) -> None:
        """Insert what steps wrote, each with its entry; a version that is taken is left as it is."""
        for asset in sorted(assets, key=lambda asset: _order(asset.key)):
            try:
                added = self.add_version(asset)
            except VersionTaken:
                # The step has completed, which cannot be undone; its job shows that nothing was registered.
                continue
            self.add_audit([_entry_of(added)])

    def add_uses(self, uses: Sequence[AssetUse]) -> None:
        """Insert what a job uses, while none of it can go."""
        self.hold_versions(use.asset for use in uses)
        params = [rows.use_params(use) for use in uses]
        if self._transaction.run(self._write.insert_use, params) != len(params):
            raise Bug("a use of an asset was to be written for a job that is not stored")

    def add_output_uses(self, uses: Sequence[OutputUse]) -> None:
        """Insert what a job reads that steps of other jobs wrote."""
        params = [rows.output_use_params(use) for use in uses]
        if self._transaction.run(self._write.insert_output_use, params) != len(params):
            raise Bug("a use of an output was to be written for a job that is not stored")

    def add_audit(self, entries: Sequence[AuditEntry]) -> None:
        """Append to the history."""
        self._transaction.run(self._write.insert_audit, [rows.audit_params(entry) for entry in entries])

    def change(self, table: Any, params: Mapping[str, Any]) -> int:
        """Update one row; return how many there were."""
        columns = tuple(sorted(name for name in params if not name.startswith("of_")))
        return self._transaction.run(self._write.change(table, columns), [dict(params)])

    def _refuse_freed(self, asset: AssetVersion) -> None:
        """Refuse what lies in an output that was freed, also a moment ago: one of the two transactions is the first."""
        if asset.uri is None:
            return
        parts = asset.uri.path.strip("/").split("/")
        if len(parts) < _OUTPUT_PARTS or parts[0] != "azureml":
            return
        own = f"{'/'.join(parts)}/"
        for datastore, path in self._transaction.rows(self._write.find_freed, {"job_name": parts[1]}):
            if datastore == asset.uri.datastore and own.startswith(f"{path.strip('/')}/"):
                raise Conflict(
                    f"what `{asset.name}` would stand for was freed by `pipeyard gc`",
                    code="output-freed",
                    hint="run the job that wrote it again",
                )

    def _refuse_deleted(self, key: AssetKey) -> None:
        if self._transaction.rows(self._write.find_tombstone, rows.key_params(key)):
            raise VersionTaken(
                f"version {key.version} of `{key.name}` was deleted, and its number is never used again",
                code="version-deleted",
                hint="choose another version, or leave it out to get the next number",
            )


def _order(key: AssetKey) -> tuple[str, str, str, str]:
    return (key.workspace, key.kind.value, key.name, key.version)


def _new_container(asset: AssetVersion, name: Mapping[str, Any]) -> Params:
    return {
        **name,
        "created_at_ms": asset.created_at_ms,
        "created_by": asset.created_by,
        "is_archived": False,
        "highest_number": 0,
        "last_serial": 0,
    }


def _entry_of(asset: AssetVersion) -> AuditEntry:
    return AuditEntry(
        workspace=asset.workspace,
        at_ms=asset.created_at_ms,
        by=asset.created_by,
        action="create",
        kind=asset.kind.value,
        name=asset.name,
        version=asset.version,
        detail={"job": asset.produced_by, "output": asset.produced_output},
    )
