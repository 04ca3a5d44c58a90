"""
Take bytes out of sight at once, and away at leisure.

In:       datastore URIs of folders and files that nobody needs any more.
Out:      their places, empty.
Not here: deciding that nobody needs them (`service/tidy.py`).

Invariant: a place is whole or empty: what goes is renamed first, on the same file system. What a
dying server left in the trash, the next one removes.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from pipeyard.datastore.durable import remove, sync_folder
from pipeyard.datastore.local import LocalDatastores
from pipeyard.datastore.place import RESERVED_PREFIX
from pipeyard.datastore.translate import disk_errors
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.record import UPLOADS_FOLDER

TRASH = f"{RESERVED_PREFIX}trash"


class LocalTrash:
    """`ports.Trash` over the folders of a home's datastores."""

    def __init__(self, datastores: LocalDatastores, folders: Callable[[], Iterable[tuple[str, str]]]) -> None:
        """Take the datastores, and what lists (workspace, datastore) of all that are folders here."""
        self._datastores = datastores
        self._folders = folders

    def discard(self, workspace: str, uri: DatastoreUri) -> Path | None:
        """Move what is at a place out of it, in one step; return where it is now, None if nothing was there."""
        with disk_errors("a place that is freed"):
            place = self._datastores.local_path(workspace, uri)
            trash = self._datastores.folder(workspace, uri.datastore) / TRASH
            trash.mkdir(exist_ok=True)
            target = trash / uuid.uuid4().hex
            try:
                place.rename(target)
            except FileNotFoundError:
                return None
            sync_folder(place.parent)
            self._remove_empty(place.parent, self._datastores.folder(workspace, uri.datastore))
            return target

    def strays(self, known: Collection[tuple[str, str, str]]) -> list[tuple[str, DatastoreUri, int, int]]:
        """
        Return the folders of uploads that no row tells of: (workspace, place, bytes, last change in milliseconds).

        *known* are (workspace, datastore, digest). One that is on its way to its row looks the same.
        """
        found = []
        for workspace, datastore in self._folders():
            with (
                suppress(FileNotFoundError),
                os.scandir(self._datastores.folder(workspace, datastore) / UPLOADS_FOLDER) as entries,
            ):
                for entry in entries:
                    if (workspace, datastore, entry.name) not in known and entry.is_dir(follow_symlinks=False):
                        uri = DatastoreUri(datastore, f"{UPLOADS_FOLDER}/{entry.name}")
                        found.append((workspace, uri, _size(Path(entry.path)), int(entry.stat().st_mtime * 1000)))
        return found

    def empty(self, places: Sequence[Path]) -> int:
        """Remove what was moved away; return the bytes that were freed."""
        freed = 0
        with disk_errors("what was freed"):
            for place in places:
                freed += _size(place)
                remove(place)
        return freed

    def empty_all(self) -> None:
        """Remove everything that an earlier server moved away and did not come to remove."""
        for workspace, datastore in self._folders():
            trash = self._datastores.folder(workspace, datastore) / TRASH
            with suppress(FileNotFoundError):
                self.empty(list(trash.iterdir()))

    def _remove_empty(self, folder: Path, datastore: Path) -> None:
        """Remove folders around a place that have become empty, but for the datastore's own."""
        while folder not in (datastore, datastore / "azureml", datastore / UPLOADS_FOLDER):
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent


def _size(place: Path) -> int:
    if place.is_symlink() or not place.is_dir():
        return place.lstat().st_size
    return sum(
        os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118 (text; it may be many)
        for folder, _, names in os.walk(place)
        for name in names
    )
