"""
What is in a datastore, folder by folder, wherever it is.

In:       a datastore's name and a path that somebody asked for.
Out:      entries by pages, places on this machine to read from, or pieces of what is elsewhere.
Not here: sending bytes (`api/datastores.py`), files of jobs (`files.py`) and of assets (`asset_files.py`).

Invariant: as in `files.py`, no path leads out of the datastore, by `..` or by a symbolic link.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pipeyard.model.assets import DatastoreUri
from pipeyard.model.errors import NotFound, StoreError, UserError
from pipeyard.model.value import dataclass
from pipeyard.ports import FolderEntry, FolderPage, RemoteFile
from pipeyard.service.datastores import show_datastore
from pipeyard.service.elsewhere import is_elsewhere
from pipeyard.service.files import below
from pipeyard.service.world import World

# Of one folder, in one answer.
ENTRIES_MAX = 1000
# Of a file elsewhere, fetched at a time: what a preview wants is less.
_PIECE_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class FileElsewhere:
    """A file that is not on this machine, to be read piece by piece."""

    world: World
    workspace: str
    uri: DatastoreUri
    file: RemoteFile

    @property
    def name(self) -> str:
        """Return what it is called, without its folder."""
        return self.uri.path.rpartition("/")[2]

    def pieces(self, first: int, count: int) -> Iterator[bytes]:
        """Yield so many bytes from the first on; `StoreError` when the file is changed meanwhile."""
        assert self.world.transfers is not None  # Made only after `is_elsewhere`.
        end = first + count
        while first < end:
            until = min(first + _PIECE_BYTES, end)
            piece = self.world.transfers.read(self.workspace, self.uri, self.file, first, until)
            yield piece
            first = until


def list_folder(
    world: World, workspace: str, name: str, path: str, *, limit: int = ENTRIES_MAX, before: str | None = None
) -> FolderPage:
    """Return what is directly in a folder, by pages: folders first, then files, each by name; elsewhere page by page."""
    uri = _uri_of(world, workspace, name, path)
    limit = max(1, min(limit, ENTRIES_MAX))
    if not is_elsewhere(world, workspace, uri):
        return _page_here(_place(world, workspace, uri), uri, limit, before)
    assert world.transfers is not None
    found = world.transfers.list_folder(workspace, uri, limit=limit, after=before)
    if found is None:
        raise _nothing(uri)
    return FolderPage(sorted(found.entries, key=_order), found.next, found.left_out)


def find_file(world: World, workspace: str, name: str, path: str) -> Path | FileElsewhere | None:
    """Return a file of a datastore; None for what is a folder, or, elsewhere, is not there."""
    uri = _uri_of(world, workspace, name, path)
    if not is_elsewhere(world, workspace, uri):
        place = _place(world, workspace, uri)
        return place if place.is_file() else None
    assert world.transfers is not None
    file = world.transfers.file_at(workspace, uri)
    return None if file is None else FileElsewhere(world, workspace, uri, file)


def _uri_of(world: World, workspace: str, name: str, path: str) -> DatastoreUri:
    show_datastore(world, workspace, name)
    path = path.strip("/")
    if "\0" in path or any(part in ("", ".", "..") for part in path.split("/") if path):
        raise UserError(
            f"`{path}` is no path in a datastore", code="bad-path", hint="leave out `.`, `..` and empty parts"
        )
    return DatastoreUri(name, path)


def _place(world: World, workspace: str, uri: DatastoreUri) -> Path:
    place = below(world.datastores.local_path(workspace, DatastoreUri(uri.datastore, "")), uri.path)
    if place is None:
        raise _nothing(uri)
    return place


def _nothing(uri: DatastoreUri) -> NotFound:
    return NotFound(f"datastore `{uri.datastore}` has nothing at `{uri.path}`")


def _page_here(folder: Path, uri: DatastoreUri, limit: int, before: str | None) -> FolderPage:
    if folder.is_file():
        raise UserError(f"`{uri.path}` is a file", code="bad-path")
    try:
        with os.scandir(folder) as entries:
            found = [row for entry in entries if (row := _row(entry, folder)) is not None]
    except OSError as problem:
        raise StoreError(
            f"`{uri.path}` in datastore `{uri.datastore}` cannot be listed: {problem.strerror}"
        ) from problem
    found.sort(key=_order)
    left = found if before is None else [row for row in found if _mark(row) > before]
    return FolderPage(left[:limit], _mark(left[limit - 1]) if len(left) > limit else None)


def _order(entry: FolderEntry) -> tuple[bool, str]:
    return entry.size is not None, entry.name


def _mark(entry: FolderEntry) -> str:
    """Return how a page says where it ended: in the same order as the entries."""
    return f"{int(entry.size is not None)}{entry.name}"


def _row(entry: os.DirEntry[str], folder: Path) -> FolderEntry | None:
    """Return an entry; None for links that lead out of the folder, and for odd things."""
    try:
        if entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(folder.resolve()):
            return None
        if entry.is_dir():
            return FolderEntry(entry.name, None)
        return FolderEntry(entry.name, entry.stat().st_size) if entry.is_file() else None
    except OSError:
        # Somebody may remove it while we look.
        return None
