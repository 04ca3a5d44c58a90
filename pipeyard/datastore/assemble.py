"""
Make a tree out of contents that arrived one by one; run in a worker process.

In:       a folder of contents named by their SHA-256, and the manifest they are for.
Out:      the tree under its final name, or the contents that are missing.
Not here: receiving contents (`receive.py`).

Invariant: every byte of the tree was hashed after it was written and before the tree
got its name.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from pipeyard.datastore.duplicate import copy_file
from pipeyard.datastore.durable import make_folders, remove, sync_folder, take_name
from pipeyard.datastore.manifest import copy_near, describe_file, scan
from pipeyard.model.assets import FileEntry, Manifest
from pipeyard.model.digest import manifest_digest
from pipeyard.model.errors import UserError

CONTENT, DROP, TREE = "content", "drop", "tree"


def take_known(folder: Path, known: Sequence[tuple[str, int, str]]) -> None:
    """
    Copy contents that other uploads hold, given as (sha256, size, path), into the content folder.

    One that is gone, or is no longer what it was, is left out and will be asked for.
    """
    for sha256, size, path in known:
        target = folder / CONTENT / sha256
        partial = folder / CONTENT / f"{sha256}.known"
        remove(partial)
        with suppress(OSError):
            source = Path(path)
            if not target.exists() and source.is_file() and source.stat().st_size == size:
                copy_file(source, partial)
                if describe_file(partial, "").sha256 == sha256:
                    partial.replace(target)
        remove(partial)


def assemble(folder: Path, manifest: Manifest, target: Path) -> list[str]:
    """Put the tree at *target* and return nothing, or return the SHA-256 of what is missing and change nothing."""
    _take_dropped(folder, manifest)
    missing = missing_contents(folder, manifest)
    if missing:
        return missing
    if target.exists() and holds(target, manifest):
        # Another upload of the same tree was faster, or this one is repeated after a crash.
        return []
    tree = folder / TREE
    remove(tree)
    fresh = _build(folder, manifest, tree, target.name)
    found = scan(fresh, sync=True)
    wrong = _differences(manifest, found)
    if wrong:
        for sha256 in wrong:
            remove(folder / CONTENT / sha256)
        return wrong
    make_folders(target.parent)
    try:
        take_name(fresh, target)
    except OSError as problem:
        if problem.errno != errno.EXDEV:
            raise
        take_name(copy_near(fresh, target, found), target)
    sync_folder(target.parent)
    return []


def holds(place: Path, manifest: Manifest) -> bool:
    """Return whether a place has exactly the files of a manifest."""
    try:
        return manifest_digest(scan(place)) == manifest_digest(manifest)
    except UserError:
        # A pipe or a device, which no upload makes.
        return False


def missing_contents(folder: Path, manifest: Manifest) -> list[str]:
    """Return the SHA-256 of each content that has not arrived, in the manifest's order."""
    sizes = {entry.sha256: entry.size for entry in manifest.entries}
    return [sha256 for sha256, size in sizes.items() if _size_of(folder / CONTENT / sha256) != size]


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _take_dropped(folder: Path, manifest: Manifest) -> None:
    """Move what a sender on this machine put into the drop folder; what it holds is verified with the rest."""
    for sha256 in missing_contents(folder, manifest):
        dropped = folder / DROP / sha256
        try:
            status = dropped.lstat()
        except OSError:
            continue
        if not stat.S_ISREG(status.st_mode):
            continue
        if status.st_nlink > 1:
            # A hard link would change with the user's file.
            partial = folder / CONTENT / f"{sha256}.drop"
            remove(partial)
            copy_file(dropped, partial)
            partial.replace(folder / CONTENT / sha256)
        else:
            dropped.replace(folder / CONTENT / sha256)


def _build(folder: Path, manifest: Manifest, tree: Path, name: str) -> Path:
    tree.mkdir()
    taken: set[str] = set()
    for entry in manifest.entries:
        place = tree / (name if manifest.is_file else entry.path)
        place.parent.mkdir(parents=True, exist_ok=True)
        _put(folder / CONTENT / entry.sha256, place, is_first=entry.sha256 not in taken)
        taken.add(entry.sha256)
        place.chmod(0o755 if entry.executable else 0o644)
    return tree / name if manifest.is_file else tree


def _put(content: Path, place: Path, *, is_first: bool) -> None:
    if is_first:
        # Two names for a moment only: the content's own name goes with the incoming folder.
        try:
            os.link(content, place)
        except OSError:
            # A file system without hard links.
            copy_file(content, place)
    else:
        copy_file(content, place)


def _differences(manifest: Manifest, found: Manifest) -> list[str]:
    """Return the contents that are not what the manifest says."""
    if manifest.is_file:
        is_same = [entry.sha256 for entry in found.entries] == [manifest.entries[0].sha256]
        return [] if is_same else [manifest.entries[0].sha256]
    actual = {entry.path: _bytes_of(entry) for entry in found.entries}
    return [entry.sha256 for entry in manifest.entries if actual.get(entry.path) != _bytes_of(entry)]


def _bytes_of(entry: FileEntry) -> tuple[int, str]:
    return entry.size, entry.sha256
