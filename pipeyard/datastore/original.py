"""
Whether bytes that must never change did: uploads, and versions of assets.

In:       a place in a datastore, and the digest of what belongs there.
Out:      what differs, in words; None when nothing does.
Not here: which places are read (`engine/originals.py`).

How each file looked when it was last known to be right is kept beside the datastores:
size, times and inode. While these stay, a file is not read again. A home that was moved
looks different as a whole, and is read once.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from pipeyard.datastore.manifest import describe_file
from pipeyard.datastore.pool import WorkerPool
from pipeyard.datastore.tree import walk
from pipeyard.model.assets import DatastoreUri, FileEntry, Manifest
from pipeyard.model.digest import manifest_digest
from pipeyard.model.value import dataclass
from pipeyard.ports import Datastores

# A write that follows so soon may leave a file's times as they are.
_YOUNG_NS = 50_000_000
# Less is read sooner than it is handed to a worker process.
_SMALL_BYTES = 1 << 20

# Size, both times in nanoseconds, inode.
_Look = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file as it was when it was known to be right."""

    # None: it was too young to be told from a later write.
    look: _Look | None
    sha256: str


class LocalOriginals:
    """Watches over the bytes of a home. May be used by several threads."""

    def __init__(
        self,
        home: Path,
        datastores: Datastores,
        pool: WorkerPool,
        manifest_of: Callable[[str, str], Manifest | None] = lambda _workspace, _digest: None,
    ) -> None:
        """Take who reads much, and who knows the files of an upload by its digest (`Store.load_upload_manifest`)."""
        self._folder = home / "originals"
        self._datastores = datastores
        self._pool = pool
        self._manifest_of = manifest_of

    def vouch(self, workspace: str, uri: DatastoreUri, manifest: Manifest) -> None:
        """Remember how files look that are known to be what the manifest says."""
        looks = {path: _look(place) for path, place in _files(self._datastores.local_path(workspace, uri)).items()}
        seen = {entry.path: _Seen(looks.get(entry.path), entry.sha256) for entry in manifest.entries}
        self._save(workspace, uri, manifest_digest(manifest), seen)

    def changed(self, workspace: str, uri: DatastoreUri, digest: str) -> str | None:
        """Return what differs from what has this digest; None when nothing does, or nothing is there at all."""
        root = self._datastores.local_path(workspace, uri)
        if not root.exists():
            return None
        files = _files(root)
        looks = {path: _look(place) for path, place in files.items()}
        seen = self._load(workspace, uri, digest)
        stale = [path for path in files if path not in seen or seen[path].look != looks[path]]
        if not stale and len(seen) == len(files):
            return None
        read = self._read([files[path] for path in stale], sum(looks[path][0] for path in stale))
        now = {path: entry.sha256 for path, entry in zip(stale, read, strict=True)}
        found = {path: _Seen(looks[path], now.get(path) or seen[path].sha256) for path in files}
        if manifest_digest(_manifest(found, is_file=not root.is_dir())) == digest:
            self._save(workspace, uri, digest, found)
            return None
        return _difference(self._expected(workspace, digest, seen), found)

    def _expected(self, workspace: str, digest: str, seen: Mapping[str, _Seen]) -> Mapping[str, str]:
        """Return the SHA-256 of each file that belongs there; nothing when nobody knows."""
        if seen:
            return {path: one.sha256 for path, one in seen.items()}
        manifest = self._manifest_of(workspace, digest)
        return {} if manifest is None else {entry.path: entry.sha256 for entry in manifest.entries}

    def _read(self, places: Sequence[str], size: int) -> Sequence[FileEntry]:
        return describe_files(places) if size <= _SMALL_BYTES else self._pool.run(describe_files, places)

    def _load(self, workspace: str, uri: DatastoreUri, digest: str) -> dict[str, _Seen]:
        # A record that cannot be read is no record: everything is read once more.
        with suppress(OSError, ValueError, TypeError, LookupError):
            kept = json.loads(self._record(workspace, uri).read_bytes())
            if kept["digest"] == digest:
                return {
                    path: _Seen(None if look is None else (look[0], look[1], look[2], look[3]), sha256)
                    for path, look, sha256 in kept["files"]
                }
        return {}

    def _save(self, workspace: str, uri: DatastoreUri, digest: str, seen: Mapping[str, _Seen]) -> None:
        now_ns = time.time_ns()
        files = [
            (path, None if one.look is None or _is_young(one.look, now_ns) else one.look, one.sha256)
            for path, one in seen.items()
        ]
        record = self._record(workspace, uri)
        scratch = record.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        # Without a record the files are read again, which is slow and not wrong.
        with suppress(OSError):
            record.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            scratch.write_text(json.dumps({"digest": digest, "files": files}), "utf-8")
            scratch.replace(record)

    def _record(self, workspace: str, uri: DatastoreUri) -> Path:
        name = hashlib.sha256(f"{workspace}\0{uri}".encode("utf-8", "surrogatepass")).hexdigest()
        return self._folder / name[:2] / f"{name}.json"


def describe_files(places: Sequence[str]) -> list[FileEntry]:
    """Return size and SHA-256 of files; run by a worker process when they are large."""
    return [describe_file(place, place) for place in places]


def _files(root: Path) -> dict[str, str]:
    """Return every file of a place by the path that a manifest gives it."""
    if not root.is_dir():
        return {root.name: str(root)} if root.exists() else {}
    tree = walk(root)
    # A link to a file counts as that file, as in a manifest.
    links = [link for link in tree.links if os.path.isfile(f"{tree.root}/{link}")]  # noqa: PTH113 (text, not paths)
    return {path: f"{tree.root}/{path}" for path in sorted([*tree.files, *links])}


def _look(place: str) -> _Look:
    status = os.stat(place)  # noqa: PTH116 (text, not paths)
    return (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def _is_young(look: _Look, now_ns: int) -> bool:
    return now_ns - max(look[1], look[2]) < _YOUNG_NS


def _manifest(found: Mapping[str, _Seen], *, is_file: bool) -> Manifest:
    entries = (FileEntry(path, one.look[0] if one.look is not None else 0, one.sha256) for path, one in found.items())
    return Manifest(tuple(entries), is_file)


def _difference(expected: Mapping[str, str], found: Mapping[str, _Seen]) -> str:
    if not expected:
        return "its files are not what they were"
    words = [
        *(f"`{path}` was changed" for path in expected if path in found and found[path].sha256 != expected[path]),
        *(f"`{path}` is gone" for path in expected if path not in found),
        *(f"`{path}` was added" for path in found if path not in expected),
    ]
    if not words:
        return "its files are not what they were"
    more = len(words) - 1
    return words[0] + (f", and {more} more {'file differs' if more == 1 else 'files differ'}" if more else "")
