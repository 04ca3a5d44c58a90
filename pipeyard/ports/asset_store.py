"""The database, as far as versions of assets, workspaces and the history of changes go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

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
)
from pipeyard.model.assets import AssetKind
from pipeyard.model.record import (
    DatastoreRecord,
)


class AssetStore(Protocol):
    """
    Versions of assets, who uses them, workspaces, and the history of changes.

    Where an `AuditEntry` is taken, it is stored in the same transaction as the change it
    tells of. The rules (which change is allowed) are in `registry/`; what is held here is
    that numbers are given once, whoever asks at the same moment.
    """

    def create_asset(
        self,
        asset: AssetVersion,
        audit: AuditEntry,
        *,
        needs: Sequence[AssetNeed] = (),
        parts: Sequence[AssetVersion] = (),
    ) -> AssetVersion:
        """
        Store a version and return it with its number and serial.

        A version "" becomes the integer after the highest that the name ever had, deleted ones
        included; the entry gets that number too. `Conflict` with code `version-exists` or
        `version-deleted`, nothing stored. *parts* are anonymous components; one that is there is left alone.
        """

    def load_asset(self, key: AssetKey) -> AssetVersion | None:
        """Return one version, archived or not."""

    def was_deleted(self, key: AssetKey) -> bool:
        """Return whether a version was there and is gone, so that its number is never used again."""

    def load_labeled(self, workspace: str, kind: AssetKind, name: str, label: str) -> AssetVersion | None:
        """Return what a label stands for: `latest` is created last and not archived; so is `default` unless set."""

    def set_label(self, key: AssetKey, label: str, audit: AuditEntry) -> None:
        """Let a label stand for a version from now on; `NotFound` if there is no such version."""

    def load_container(self, workspace: str, kind: AssetKind, name: str) -> AssetContainer | None:
        """Return what is known of a name; None when it has no version."""

    def list_containers(
        self, workspace: str, kind: AssetKind, which: AssetFilter, *, limit: int, after: str | None = None
    ) -> Sequence[AssetContainer]:
        """Return names by name; *after* is the last one seen. Anonymous ones are left out."""

    def list_versions(
        self, workspace: str, kind: AssetKind, name: str, which: AssetFilter, *, limit: int, before: int | None = None
    ) -> Sequence[AssetVersion]:
        """Return the versions of a name, created last first, without bodies; *before* is the last serial seen."""

    def version_names(self, workspace: str, kind: AssetKind, name: str) -> Sequence[str]:
        """Return some hundred versions of a name, created last first: for saying what is near."""

    def asset_names(self, workspace: str, kind: AssetKind) -> Sequence[str]:
        """Return some thousand names: for saying what is near."""

    def change_asset(self, key: AssetKey, values: Mapping[str, Any], audit: AuditEntry) -> None:
        """Give fields of `MUTABLE`, or `is_archived`, new values; `NotFound` if there is no such version."""

    def archive_container(
        self, workspace: str, kind: AssetKind, name: str, audit: AuditEntry, *, is_archived: bool
    ) -> None:
        """Hide a name and all its versions, or show them again; `NotFound` if there is no such name."""

    def delete_asset(self, key: AssetKey, audit: AuditEntry) -> None:
        """Forget a version for good; `NotFound`, or `Conflict` (`asset-in-use`) for a job or version that needs it."""

    def users_of(self, key: AssetKey, *, limit: int, unfinished_only: bool = False) -> Sequence[AssetUse]:
        """Return the jobs that use a version, newest first, one use for each role of each record."""

    def uses_of(self, workspace: str, root_name: str) -> Sequence[AssetUse]:
        """Return what a root job and everything below it use."""

    def needed_by(self, key: AssetKey, *, limit: int) -> Sequence[AssetKey]:
        """Return the versions that need this one."""

    def needs_of(self, key: AssetKey) -> Sequence[AssetNeed]:
        """Return what a version needs."""

    def produced_by(self, workspace: str, root_name: str) -> Sequence[AssetVersion]:
        """Return the versions that the steps of a root job wrote, without bodies."""

    def list_audit(self, which: AuditFilter, *, limit: int, before: int | None = None) -> Sequence[AuditEntry]:
        """Return changes, newest first; *before* is the last `seq` seen."""

    def create_workspace(
        self, workspace: WorkspaceRecord, datastores: Sequence[DatastoreRecord], audit: AuditEntry
    ) -> None:
        """Store a workspace (or registry) and its datastores; `Conflict` with code `workspace-exists` if it is there."""

    def load_workspace(self, name: str) -> WorkspaceRecord | None:
        """Return one workspace."""

    def list_workspaces(self) -> Sequence[WorkspaceRecord]:
        """Return every workspace by name, registries included."""

    def change_workspace(self, name: str, values: Mapping[str, Any], audit: AuditEntry) -> None:
        """Give display name, description or tags new values; `NotFound` if there is no such workspace."""

    def delete_workspace(self, name: str, audit: AuditEntry) -> None:
        """Forget a workspace and all rows but its history; `NotFound`, or `Conflict` (`in-use`) for who needs it."""
