"""
Describe files by path, size and SHA-256.

In:       a file or folder of this machine.
Out:      a `Manifest`.
Not here: the digest over a manifest (`model/digest.py`), snapshots of code (`client/`).

Invariant: an entry describes bytes that the file held at one moment; a file that
changes while it is read is read again, and in the end refused.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from pathlib import Path

from pipeyard.datastore.duplicate import copy_file
from pipeyard.datastore.durable import near, remove, sync_folder
from pipeyard.datastore.tree import Tree, walk
from pipeyard.model.assets import FileEntry, Manifest
from pipeyard.model.digest import manifest_digest
from pipeyard.model.errors import StoreError, UserError

_CHUNK_BYTES = 1 << 20
_TRIES = 3


def scan(path: Path, *, follow: bool = False, sync: bool = False, name: str | None = None) -> Manifest:
    """
    Return the manifest of a file or folder.

    With *follow*, links are what they point to; else a link to a file is that file
    and other links are left out. With *sync*, every file and folder is also written
    to disk, while it is open anyway. A single file is listed as *name*. `UserError` names sockets, pipes and devices.
    """
    if not path.is_dir():
        return Manifest((describe_file(path, name or path.name, sync=sync),), is_file=True)
    return scan_tree(walk(path, follow=follow), sync=sync)


def scan_tree(tree: Tree, *, sync: bool = False) -> Manifest:
    """Return the manifest of a folder that was walked already."""
    tree.refuse_specials("the folder")
    links = [link for link in tree.links if os.path.isfile(f"{tree.root}/{link}")]  # noqa: PTH113 (text, not paths)
    names = sorted(tree.files + links) if links else tree.files
    entries = tuple(describe_file(f"{tree.root}/{name}", name, sync=sync) for name in names)
    if sync:
        # From the leaves up: a name is on disk only after what it names.
        for folder in reversed(tree.folders):
            sync_folder(f"{tree.root}/{folder}")
        sync_folder(tree.root)
    return Manifest(entries)


def describe_file(path: str | Path, name: str, *, sync: bool = False) -> FileEntry:
    """Return one file's entry under the given name; `StoreError` if it will not stay as it is."""
    handle = _open(path)
    try:
        for _ in range(_TRIES):
            before = os.fstat(handle)
            if not stat.S_ISREG(before.st_mode):
                raise UserError(
                    f"`{name}` is no file but a pipe, a socket or a device",
                    code="special-file",
                    hint="only files and folders can be kept; write a file there",
                )
            sha256 = _hash(handle)
            if sync:
                os.fsync(handle)
            after = os.fstat(handle)
            if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns):
                return FileEntry(name, after.st_size, sha256, bool(after.st_mode & stat.S_IXUSR))
    finally:
        os.close(handle)
    raise StoreError(
        f"`{name}` changes while it is read",
        code="changed-while-read",
        hint="let no process write to it after the step has ended",
        may_retry=True,
    )


def copy_near(source: Path, target: Path, manifest: Manifest) -> Path:
    """Copy to the target's file system, synchronised, under a name of our own; `StoreError` if it differs."""
    copied = near(target)
    remove(copied)
    if source.is_dir():
        shutil.copytree(source, copied, symlinks=True, copy_function=copy_file)
    else:
        copy_file(source, copied)
    if manifest_digest(scan(copied, sync=True, name=target.name)) != manifest_digest(manifest):
        raise StoreError(f"the copy of `{source.name}` differs from it", code="copy-differs", may_retry=True)
    return copied


def _open(path: str | Path) -> int:
    # Opening a pipe would otherwise wait for somebody to write to it.
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
    try:
        return os.open(path, flags)
    except PermissionError:
        # It is the user's own file, without the permission to read it.
        os.chmod(path, stat.S_IRUSR | stat.S_IWUSR)  # noqa: PTH101 (text or path)
        return os.open(path, flags)


def _hash(handle: int) -> str:
    digest = hashlib.sha256()
    os.lseek(handle, 0, os.SEEK_SET)
    while chunk := os.read(handle, _CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()
