"""
Move a folder's files into another folder, one by one.

In:       a tree whose files are on disk already.
Out:      the same files under another folder; what else is there stays.
Not here: describing them (`manifest.py`).

Invariant: each file appears whole, by a rename. Repeating a merge moves what is left.
"""

from __future__ import annotations

import errno
from pathlib import Path

from pipeyard.datastore.duplicate import copy_file
from pipeyard.datastore.durable import make_folders, remove, sync_file, sync_folder
from pipeyard.datastore.place import RESERVED_PREFIX, check_inside
from pipeyard.datastore.tree import Tree
from pipeyard.model.errors import StoreError


def merge_tree(tree: Tree, target: Path) -> None:
    """Move everything in *tree* below *target*; a file that is there already under the same path is replaced."""
    make_folders(target)
    source = Path(tree.root)
    for folder in tree.folders:
        place = target / folder
        _refuse_file(place, folder)
        check_inside(target, place)
        make_folders(place)
    touched = {target}
    for path in (*tree.files, *tree.links):
        place = target / path
        _move_file(source / path, place, path)
        touched.add(place.parent)
    for parent in touched:
        sync_folder(parent)


def _refuse_file(place: Path, path: str) -> None:
    if place.exists() and not place.is_dir():
        raise _in_the_way(path, "a folder", "a file")


def _move_file(source: Path, place: Path, path: str) -> None:
    if place.is_dir() and not place.is_symlink():
        raise _in_the_way(path, "a file", "a folder")
    try:
        source.replace(place)
    except OSError as problem:
        if problem.errno != errno.EXDEV:
            raise
        near = place.with_name(f"{RESERVED_PREFIX}merge")
        remove(near)
        if source.is_symlink():
            near.symlink_to(source.readlink())
        else:
            copy_file(source, near)
            sync_file(near)
        near.replace(place)
        source.unlink()


def _in_the_way(path: str, wanted: str, found: str) -> StoreError:
    return StoreError(
        f"the output has {wanted} at `{path}`, but its place holds {found} of that name",
        code="output-in-the-way",
        hint="remove what is there, or write the output to another path",
    )
