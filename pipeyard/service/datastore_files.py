"""
What is in a datastore, folder by folder.

In:       a datastore's name and a path that somebody asked for.
Out:      entries, and places on this machine to read from.
Not here: sending bytes (`api/datastores.py`), files of jobs (`files.py`) and of assets (`asset_files.py`).

Invariant: as in `files.py`, no path leads out of the datastore, by `..` or by a symbolic link.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pipeyard.model.assets import DatastoreUri
from pipeyard.model.errors import NotFound, StoreError, UserError
from pipeyard.service.datastores import show_datastore
from pipeyard.service.elsewhere import is_elsewhere
from pipeyard.service.files import below
from pipeyard.service.world import World

# Of one folder, in one answer.
ENTRIES_MAX = 1000


def list_folder(world: World, workspace: str, name: str, path: str) -> dict[str, Any]:
    """Return what is directly in a folder: folders first, then files, each by name."""
    folder = find_place(world, workspace, name, path)
    if folder.is_file():
        raise UserError(f"`{path}` is a file", code="bad-path")
    try:
        with os.scandir(folder) as entries:
            found = [row for entry in entries if (row := _row(entry, folder)) is not None]
    except OSError as problem:
        raise StoreError(f"`{path}` in datastore `{name}` cannot be listed: {problem.strerror}") from problem
    found.sort(key=lambda row: (row["size"] is not None, row["name"]))
    return {"path": path, "value": found[:ENTRIES_MAX], "count": len(found)}


def find_place(world: World, workspace: str, name: str, path: str) -> Path:
    """Return where a file or folder of a datastore is; `UserError` when the datastore is elsewhere."""
    record = show_datastore(world, workspace, name)
    uri = DatastoreUri(name, "")
    if is_elsewhere(world, workspace, uri):
        raise UserError(
            f"what is in a datastore of type `{record.type}` is not listed here",
            code="files-elsewhere",
            hint="its own tools list it; a path in it can be registered: pipeyard data create --path",
        )
    place = below(world.datastores.local_path(workspace, uri), path.strip("/"))
    if place is None:
        raise NotFound(f"datastore `{name}` has nothing at `{path}`")
    return place


def _row(entry: os.DirEntry[str], folder: Path) -> dict[str, Any] | None:
    """Return an entry; None for links that lead out of the folder, and for odd things."""
    try:
        if entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(folder.resolve()):
            return None
        if entry.is_dir():
            return {"name": entry.name, "size": None}
        return {"name": entry.name, "size": entry.stat().st_size} if entry.is_file() else None
    except OSError:
        # Somebody may remove it while we look.
        return None
