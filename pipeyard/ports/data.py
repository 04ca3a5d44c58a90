"""Bytes by URI: on this machine, in datastores elsewhere, and as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from pipeyard.model.assets import DatastoreUri
from pipeyard.model.record import (
    DatastoreRecord,
)
from pipeyard.model.value import dataclass


class Datastores(Protocol):
    """Bytes by datastore URI. Everything here refuses a path that would leave its datastore."""

    def local_path(self, workspace: str, uri: DatastoreUri) -> Path:
        """Return where on this machine a URI's bytes are or would be."""

    def check_folder(self, record: DatastoreRecord) -> None:
        """Return if a folder of the user's can be used as a datastore; `OSError` if not."""

    def forget(self, workspace: str, datastore: str) -> None:
        """Forget what was known of a datastore: it was created, changed or removed."""


@dataclass(frozen=True, slots=True)
class RemoteLook:
    """What is at a place that is not on this machine, as its server lists it."""

    is_file: bool
    size: int
    file_count: int
    # Over paths, sizes and entity tags: equal ones mean equal bytes.
    listing_digest: str


@dataclass(frozen=True, slots=True)
class FolderEntry:
    """One thing directly in a folder: a file with its size, or a folder without one."""

    name: str
    size: int | None


@dataclass(frozen=True, slots=True)
class FolderPage:
    """Some of what is directly in a folder."""

    entries: Sequence[FolderEntry]
    # How to go on behind them; None: that was all.
    next: str | None = None
    # Names that no path can say, such as `..`.
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file of a store that is elsewhere, as it is now."""

    size: int
    # What changes with the bytes.
    tag: str


@dataclass(frozen=True, slots=True)
class TableFile:
    """One file of an MLTable."""

    # Where a step sees it, below the input's folder.
    path: str
    # Where it is on this machine, not to be written to.
    source: Path
    # What it is called by: a short datastore URI, or an address in the Web.
    uri: str


@dataclass(frozen=True, slots=True)
class LocalCopy:
    """Bytes of a remote datastore that are on this machine, not to be written to; or the files of a table."""

    path: Path
    is_file: bool
    # Of its manifest, as for every tree.
    digest: str
    size: int
    file_count: int
    # What had to be fetched for it; the rest was here already.
    fetched_bytes: int = 0
    # Of an MLTable that is evaluated: the files that take the folder's place.
    table: tuple[TableFile, ...] = ()
    # Of a table whose rows a driver reads: how, as plain data; None: it is a list of files.
    recipe: Mapping[str, Any] | None = None


class Transfers(Protocol):
    """
    Datastores that are not folders of this machine; worker processes move their bytes.

    Raises `StoreError` that names the datastore, `may_retry` when trying again may help.
    """

    def is_remote(self, workspace: str, datastore: str) -> bool:
        """Return whether a datastore's bytes have to be fetched; False for one that does not exist."""

    def probe(self, record: DatastoreRecord, credentials: Mapping[str, str]) -> None:
        """Return if the datastore can be reached and lets these credentials in."""

    def look(self, workspace: str, uri: DatastoreUri) -> RemoteLook | None:
        """Return what is at a URI, None if there is nothing."""

    def list_folder(self, workspace: str, uri: DatastoreUri, *, limit: int, after: str | None) -> FolderPage | None:
        """Return what is directly in a folder, behind an earlier page's `next`; None if there is nothing."""

    def file_at(self, workspace: str, uri: DatastoreUri) -> RemoteFile | None:
        """Return the file at a URI; None for a folder, or nothing."""

    def read(self, workspace: str, uri: DatastoreUri, file: RemoteFile, start: int, end: int) -> bytes:
        """Return the bytes from *start* up to *end* of a file; `StoreError` if it is another one by now."""

    def bring(
        self, workspace: str, uri: DatastoreUri, *, holder: str | None = None, digest: str | None = None
    ) -> LocalCopy:
        """
        Return a copy of what is at a URI, fetching what is not here yet.

        With a *holder* (an attempt) it stays until `release`, or until that attempt's
        folder is gone. *digest* is what must be there; `StoreError` if it is not.
        """

    def forget(self, workspace: str) -> None:
        """Forget which datastores a workspace has: one was created, changed or removed."""

    def release(self, holder: str) -> None:
        """Let what was brought for a holder be removed when space is needed."""


class Tables(Protocol):
    """MLTables: which files they stand for. Raises `UserError` for a table that cannot be understood."""

    def files_of(
        self, workspace: str, uri: DatastoreUri, folder: Path, *, holder: str | None = None
    ) -> Sequence[TableFile]:
        """
        Return the files of the table in *folder*, which is what is at *uri*; at least one.

        What is in remote datastores is brought, and with a *holder* stays as long as `Transfers` says.
        """

    def recipe_of(self, uri: DatastoreUri, folder: Path) -> Mapping[str, Any] | None:
        """Return how the rows of a table are read, as plain data; None for a table that is a list of files."""

    def head(self, workspace: str, uri: DatastoreUri, place: Path, *, rows_max: int) -> Mapping[str, Any]:
        """
        Return the first rows of a table, or of a file that is one, as plain values.

        `{"columns": [{name, type}], "rows": [{name: value}], "is_complete", "is_cut", "file_count"}`.
        """


class CredentialStore(Protocol):
    """Secrets of datastores, apart from everything that is shown or logged."""

    def save(self, workspace: str, datastore: str, credentials: Mapping[str, str]) -> None:
        """Keep a datastore's credentials; empty ones remove what was kept."""

    def load(self, workspace: str, datastore: str) -> Mapping[str, str]:
        """Return a datastore's credentials; empty when it has none."""
