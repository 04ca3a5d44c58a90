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

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from pipeyard.datastore.pool import WorkerPool
from pipeyard.datastore.seen import Seen, SeenFiles, files_of, looks_of, manifest_of, now_ns, read_files
from pipeyard.datastore.translate import disk_errors
from pipeyard.model.assets import DatastoreUri, FileLook, Manifest
from pipeyard.model.digest import manifest_digest
from pipeyard.ports import Datastores


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
        self._seen = SeenFiles(home)
        self._datastores = datastores
        self._pool = pool
        self._manifest_of = manifest_of

    def vouch(self, workspace: str, uri: DatastoreUri, manifest: Manifest) -> None:
        """Remember how files look that are known to be what the manifest says."""
        read_ns = now_ns()
        looks = looks_of(files_of(self._datastores.local_path(workspace, uri)))
        seen = {
            entry.path: Seen(entry.size, looks[entry.path][1] if entry.path in looks else None, entry.sha256)
            for entry in manifest.entries
        }
        self._seen.save(workspace, uri, manifest_digest(manifest), seen, read_ns)

    def describe(self, root: Path) -> Manifest:
        """Return what is at a place on this machine; worker processes read what takes long."""
        with disk_errors(f"`{root}`"):
            return self._read(root)[0]

    def take_in(self, workspace: str, uri: DatastoreUri) -> Manifest:
        """Return what is at a place, and remember how it looked: from here on it must not change."""
        with disk_errors(f"`{uri}`"):
            read_ns = now_ns()
            # Looks from before it was read: what is written meanwhile looks different then.
            manifest, looks = self._read(self._datastores.local_path(workspace, uri))
            seen = {entry.path: Seen(*looks[entry.path], entry.sha256) for entry in manifest.entries}
            self._seen.save(workspace, uri, manifest_digest(manifest), seen, read_ns)
        return manifest

    def changed(self, workspace: str, uri: DatastoreUri, digest: str) -> str | None:
        """Return what differs from what has this digest; None when nothing does, or nothing is there at all."""
        root = self._datastores.local_path(workspace, uri)
        if not root.exists():
            return None
        read_ns = now_ns()
        files = files_of(root)
        looks = looks_of(files)
        known, seen = self._seen.load(workspace, uri)
        if known != digest:
            seen = {}
        stale = [path for path in files if path not in seen or (seen[path].size, seen[path].look) != looks[path]]
        if not stale and len(seen) == len(files):
            return None
        read = read_files([files[path] for path in stale], sum(looks[path][0] for path in stale), self._pool)
        now = {path: entry.sha256 for path, entry in zip(stale, read, strict=True)}
        found = {path: Seen(*looks[path], now.get(path) or seen[path].sha256) for path in files}
        if manifest_digest(manifest_of(found, is_file=not root.is_dir())) == digest:
            self._seen.save(workspace, uri, digest, found, read_ns)
            return None
        return difference(self._expected(workspace, digest, seen), {path: one.sha256 for path, one in found.items()})

    def _read(self, root: Path) -> tuple[Manifest, Mapping[str, tuple[int, FileLook]]]:
        files = files_of(root)
        looks = looks_of(files)
        read = read_files(list(files.values()), sum(size for size, _ in looks.values()), self._pool)
        entries = (replace(entry, path=path) for path, entry in zip(files, read, strict=True))
        return Manifest(tuple(entries), is_file=not root.is_dir()), looks

    def _expected(self, workspace: str, digest: str, seen: Mapping[str, Seen]) -> Mapping[str, str]:
        """Return the SHA-256 of each file that belongs there; nothing when nobody knows."""
        if seen:
            return {path: one.sha256 for path, one in seen.items()}
        manifest = self._manifest_of(workspace, digest)
        return {} if manifest is None else {entry.path: entry.sha256 for entry in manifest.entries}


def difference(expected: Mapping[str, str], found: Mapping[str, str]) -> str:
    """Say in words that name a file what differs between SHA-256s by path."""
    if not expected:
        return "its files are not what they were"
    words = [
        *(f"`{path}` was changed" for path in expected if path in found and found[path] != expected[path]),
        *(f"`{path}` is gone" for path in expected if path not in found),
        *(f"`{path}` was added" for path in found if path not in expected),
    ]
    if not words:
        return "its files are not what they were"
    more = len(words) - 1
    return words[0] + (f", and {more} more {'file differs' if more == 1 else 'files differ'}" if more else "")
