"""Bytes on their way in, and bytes that must never change."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from pipeyard.model.assets import DatastoreUri, Manifest
from pipeyard.model.record import (
    DEFAULT_DATASTORE,
    UploadRecord,
    WebCopy,
)
from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class UploadTicket:
    """What a sender has to do about an upload."""

    # Where the upload is or will be.
    uri: DatastoreUri
    # None: everything is here already and nothing has to be sent.
    id: str | None
    # SHA-256 of the contents that the server lacks.
    missing: tuple[str, ...] = ()
    # A folder where a sender on this machine, as this user, may put files named by their SHA-256.
    drop: Path | None = None


class Originals(Protocol):
    """Bytes that must never change once they are stored: uploads, and versions of assets."""

    def vouch(self, workspace: str, uri: DatastoreUri, manifest: Manifest) -> None:
        """Remember how the files of a place look while they are known to be what the manifest says."""

    def describe(self, root: Path) -> Manifest:
        """Return what is at a place on this machine; worker processes read what takes long."""

    def take_in(self, workspace: str, uri: DatastoreUri) -> Manifest:
        """Return what is at a place, and remember how it looked: from here on it must not change."""

    def changed(self, workspace: str, uri: DatastoreUri, digest: str) -> str | None:
        """
        Return what differs from what has this digest, in words that name a file; None when nothing does.

        Files that look as they did when they were right are not read again. None, too, when nothing is there.
        """


class Uploads(Protocol):
    """Folders and files on their way in. Raises `UserError` when what came is not what was announced."""

    def begin(self, workspace: str, name: str, manifest: Manifest, datastore: str = DEFAULT_DATASTORE) -> UploadTicket:
        """Announce an upload; one that is here already is done at once. Its digest is the manifest's."""

    def receive(self, upload_id: str, sha256: str, size: int, chunks: Iterable[bytes]) -> None:
        """Take one content, check its size and hash, and keep it until `complete`. `NotFound`: no such upload."""

    def complete(self, upload_id: str) -> UploadRecord:
        """Put the upload in its final place and remember it; `Conflict` names what is still missing."""


class WebSource(Protocol):
    """Data behind `http(s)` URLs, kept in the default datastore."""

    def fetch(self, workspace: str, url: str) -> WebCopy:
        """Return a copy that is as new as the URL is now; `OutsideError` if it cannot be had."""
