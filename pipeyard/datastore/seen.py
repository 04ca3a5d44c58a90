"""
How the files of a place looked when their bytes were last read, kept beside the datastores.

In:       places in datastores.
Out:      for each file its size, look and SHA-256; a record that is gone or unreadable is no record.
Not here: what a difference means (`original.py`, `contents.py`).

Without a record files are read again, which is slow and not wrong: nothing here is synchronised.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from pipeyard.datastore.look import look_of, was_still
from pipeyard.datastore.manifest import describe_file
from pipeyard.datastore.pool import WorkerPool
from pipeyard.datastore.tree import walk
from pipeyard.model.assets import DatastoreUri, FileEntry, FileLook, Manifest
from pipeyard.model.value import dataclass

# Less is read sooner than it is handed to a worker process.
SMALL_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was when its bytes were read."""

    size: int
    # None: it was too young to be told from a later write.
    look: FileLook | None
    sha256: str


class SeenFiles:
    """The records of a home. May be used by several threads."""

    def __init__(self, home: Path) -> None:
        """Take the home; its folder is made at first use."""
        self._folder = home / "originals"

    def load(self, workspace: str, uri: DatastoreUri) -> tuple[str, dict[str, Seen]]:
        """Return the digest of what was there, and its files; nothing of a place that nobody read."""
        with suppress(OSError, ValueError, TypeError, LookupError):
            kept = json.loads(self._record(workspace, uri).read_bytes())
            files = {
                path: Seen(size, None if look is None else (look[0], look[1], look[2], look[3]), sha256)
                for path, size, look, sha256 in kept["files"]
            }
            return kept["digest"], files
        return "", {}

    def save(self, workspace: str, uri: DatastoreUri, digest: str, seen: Mapping[str, Seen], read_ns: int) -> None:
        """Keep what was read, not before *read_ns*."""
        files = [
            (path, one.size, None if one.look is None or not _is_settled(one.look, read_ns) else one.look, one.sha256)
            for path, one in seen.items()
        ]
        record = self._record(workspace, uri)
        scratch = record.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        with suppress(OSError):
            record.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            scratch.write_text(json.dumps({"digest": digest, "files": files}), "utf-8")
            scratch.replace(record)

    def _record(self, workspace: str, uri: DatastoreUri) -> Path:
        name = hashlib.sha256(f"{workspace}\0{uri}".encode("utf-8", "surrogatepass")).hexdigest()
        return self._folder / name[:2] / f"{name}.json"


def files_of(root: Path) -> dict[str, str]:
    """Return every file of a place by the path that a manifest gives it."""
    if not root.is_dir():
        return {root.name: str(root)} if root.exists() else {}
    tree = walk(root)
    # A link to a file counts as that file, as in a manifest.
    links = [link for link in tree.links if os.path.isfile(f"{tree.root}/{link}")]  # noqa: PTH113 (text, not paths)
    return {path: f"{tree.root}/{path}" for path in sorted([*tree.files, *links])}


def looks_of(files: Mapping[str, str]) -> dict[str, tuple[int, FileLook]]:
    """Return size and look of each file."""
    found = {}
    for path, place in files.items():
        status = os.stat(place)  # noqa: PTH116 (text, not paths)
        found[path] = (status.st_size, look_of(status))
    return found


def is_small(size: int) -> bool:
    """Return whether so many bytes are read in passing."""
    return size <= SMALL_BYTES


def read_files(places: Sequence[str], size: int, pool: WorkerPool) -> Sequence[FileEntry]:
    """Return size and SHA-256 of files; a worker process reads what takes long."""
    return describe_files(places) if is_small(size) else pool.run(describe_files, places)


def describe_files(places: Sequence[str]) -> list[FileEntry]:
    """Return size and SHA-256 of files; run by a worker process when they are large."""
    return [describe_file(place, place) for place in places]


def manifest_of(seen: Mapping[str, Seen], *, is_file: bool) -> Manifest:
    """Return the manifest of files that were read."""
    return Manifest(tuple(FileEntry(path, one.size, one.sha256) for path, one in seen.items()), is_file)


def now_ns() -> int:
    """Return the time against which files are young."""
    return time.time_ns()


def _is_settled(look: FileLook, read_ns: int) -> bool:
    return was_still(max(look[2], look[3]), read_ns)
