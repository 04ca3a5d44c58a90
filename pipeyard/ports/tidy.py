"""What may be freed, as the database and the folders of a home know it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from pipeyard.model.asset_record import AuditEntry
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.tidy import AttemptEnd, Mentions, RegisteredPlaces, RootUse, StoredOutput, StoredUpload


class TidyStore(Protocol):
    """The database, as far as freeing goes. Raises `StoreError`."""

    def roots(self) -> Sequence[RootUse]:
        """Return every submitted job of every workspace."""

    def outputs(self) -> Sequence[StoredOutput]:
        """Return every row about an output."""

    def uploads(self) -> Sequence[StoredUpload]:
        """Return every upload."""

    def registered(self) -> RegisteredPlaces:
        """Return what registered versions need, archived ones too."""

    def drafted(self) -> Mentions:
        """Return what drafts speak of that were not put away, in any state that is kept of them."""

    def free_outputs(self, outputs: Sequence[StoredOutput], at_ms: int, audit: AuditEntry) -> Sequence[StoredOutput]:
        """
        Mark rows as `removed` and return those that were; all in one transaction.

        Left out are those in whose place a registered version lies, or that a job which
        has not ended has too.
        """

    def forget_uploads(self, uploads: Sequence[StoredUpload], audit: AuditEntry) -> Sequence[StoredUpload]:
        """Forget uploads and return those that were forgotten: their files are to be sent again."""

    def removed_outputs(self) -> Sequence[StoredOutput]:
        """Return the rows that were marked as removed."""

    def attempt_ends(self, attempt_ids: Collection[str]) -> Mapping[str, AttemptEnd]:
        """Return what is known of attempts; of one that nobody knows there is nothing."""


class Trash(Protocol):
    """Takes bytes out of sight at once, and away at leisure."""

    def discard(self, workspace: str, uri: DatastoreUri) -> Path | None:
        """Move what is at a place out of it, in one step; return where it is now, None if nothing was there."""

    def strays(self, known: Collection[tuple[str, str, str]]) -> Sequence[tuple[str, DatastoreUri, int, int]]:
        """
        Return the folders of uploads that no row tells of: (workspace, place, bytes, last change in milliseconds).

        *known* are (workspace, datastore, digest). One that is on its way to its row looks the same.
        """

    def empty(self, places: Sequence[Path]) -> int:
        """Remove what was moved away; return the bytes that were freed."""

    def empty_all(self) -> None:
        """Remove everything that an earlier server moved away and did not come to remove."""


class EngineHold(Protocol):
    """The engine, as far as freeing goes."""

    def hold_back(self, job_names: frozenset[str]) -> frozenset[str]:
        """
        Return those of the jobs whose outputs nothing that is under way has or may read.

        Until `let_go`, no step takes their results, and no job that speaks of them is accepted.
        """

    def let_go(self) -> None:
        """End what the last `hold_back` began."""
