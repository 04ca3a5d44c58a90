"""
Copies of remote data on this machine, each kept once under the digest of its content.

In:       trees that were fetched or written here; the digests of those that are needed.
Out:      `<cache>/trees/<digest>/data`, and what a store listed when a tree was fetched.
Not here: fetching (`remote/fetch.py`), what is in use (`transfer.py`).

Invariant: a tree gets its name whole. One whose files changed since then, in size or
time, is not given out again. The least recently used go first when space is needed.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

from pipeyard.datastore.durable import make_folders, remove, sync_folder
from pipeyard.model.assets import FileEntry, Manifest
from pipeyard.model.digest import manifest_digest
from pipeyard.model.value import dataclass

DATA = "data"
_FILES = "files.json"
_FACTS = "facts.json"
_STALE_SECONDS = 7 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class CachedTree:
    """A tree that is here: a folder, or the one file itself."""

    digest: str
    path: Path
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a store listed at a place, and the tree that it was."""

    digest: str
    # (path, size, tag, sha256) of each file.
    files: tuple[tuple[str, int, str, str], ...]


class Cache:
    """The folder `cache/` of a home. Used by the server and its workers at once."""

    def __init__(self, root: Path) -> None:
        """Take the folder; it is made at first use."""
        self.root = root
        self._trees = root / "trees"
        self._known = root / "known"

    def find(self, digest: str) -> CachedTree | None:
        """Return a tree by its digest if it is here and nobody changed it."""
        folder = self._trees / digest
        try:
            is_file, rows = json.loads((folder / _FILES).read_bytes())
            for path, size, _, _, mtime_ns in rows:
                status = os.stat(f"{folder}/{DATA}/{path}")  # noqa: PTH116 (text; ten thousand of them)
                if (status.st_size, status.st_mtime_ns) != (size, mtime_ns):
                    return None
            os.utime(folder / _FACTS)
        except (OSError, ValueError):
            return None
        manifest = Manifest(tuple(FileEntry(*row[:4]) for row in rows), is_file)
        return CachedTree(digest, _path_of(folder, manifest), manifest)

    def adopt(self, data: Path, manifest: Manifest) -> CachedTree:
        """Take over a folder of files that were described by *manifest* and synchronised; they move."""
        digest = manifest_digest(manifest)
        found = self.find(digest)
        if found is not None:
            remove(data)
            return found
        fresh = self.fresh()
        make_folders(fresh)
        data.rename(fresh / DATA)
        rows = [
            [entry.path, entry.size, entry.sha256, entry.executable, (fresh / DATA / entry.path).stat().st_mtime_ns]
            for entry in manifest.entries
        ]
        (fresh / _FILES).write_text(json.dumps([manifest.is_file, rows]), encoding="ascii")
        (fresh / _FACTS).write_text(json.dumps({"size": manifest.size}), encoding="ascii")
        sync_folder(fresh)
        target = self._trees / digest
        make_folders(self._trees)
        self._give_name(fresh, target)
        return CachedTree(digest, _path_of(target, manifest), manifest)

    def fresh(self) -> Path:
        """Return a name for something that is being made, on the same file system."""
        return self.root / "incoming" / uuid.uuid4().hex

    def partial(self, key: str) -> Path:
        """Return the folder of a file that arrives piece by piece, the same at every try."""
        return self.root / "partial" / key

    def remembered(self, key: str) -> Remembered | None:
        """Return what was at a place when it was last fetched."""
        try:
            digest, files = json.loads((self._known / key).read_bytes())
            return Remembered(digest, tuple((path, size, tag, sha256) for path, size, tag, sha256 in files))
        except (OSError, ValueError):
            return None

    def remember(self, key: str, remembered: Remembered) -> None:
        """Keep what a place held; a lost note costs one more download, so it is not synchronised."""
        make_folders(self._known)
        partial = self._known / f"{key}.{uuid.uuid4().hex}"
        partial.write_text(json.dumps([remembered.digest, remembered.files]), encoding="ascii")
        partial.replace(self._known / key)

    def evict(self, bytes_max: int, kept: Collection[str]) -> list[Path]:
        """
        Take the names of trees away, longest unused first, until the rest fits; those in *kept* stay.

        Returns what is left of them, for `remove`: that takes long, and need not be waited for.
        """
        found = self._by_age()
        total = sum(size for _, size, _ in found)
        gone = []
        for _, size, folder in found:
            if total <= bytes_max:
                break
            if folder.name not in kept:
                target = self.fresh()
                make_folders(target.parent)
                with suppress(OSError):
                    folder.rename(target)
                    gone.append(target)
                    total -= size
        return gone

    def listed(self) -> list[tuple[str, int, int]]:
        """Return (digest, bytes, last used in UTC milliseconds) of each tree, longest unused first."""
        return [(folder.name, size, int(used_at * 1000)) for used_at, size, folder in self._by_age()]

    def take_away(self, digests: Collection[str]) -> list[Path]:
        """Take the names of some trees away; return what is left of them, for `remove`."""
        gone = []
        for digest in digests:
            target = self.fresh()
            make_folders(target.parent)
            with suppress(OSError):
                (self._trees / digest).rename(target)
                gone.append(target)
        return gone

    def sweep(self, now: float) -> None:
        """Remove what was left unfinished: trees in the making at once, partial files after a week."""
        for folder in _listed(self.root / "incoming"):
            remove(folder)
        for folder in _listed(self.root / "partial"):
            with suppress(OSError):
                if now - folder.stat().st_mtime > _STALE_SECONDS:
                    remove(folder)

    def _by_age(self) -> list[tuple[float, int, Path]]:
        found = []
        for folder in _listed(self._trees):
            try:
                facts = folder / _FACTS
                found.append((facts.stat().st_mtime, int(json.loads(facts.read_bytes())["size"]), folder))
            except (OSError, ValueError, KeyError):  # noqa: PERF203 (each folder for itself)
                # Nobody can say what it is.
                found.append((0.0, 0, folder))
        return sorted(found)

    def _give_name(self, fresh: Path, target: Path) -> None:
        try:
            fresh.rename(target)
        except OSError:
            # There is one: another worker was faster, or its files were changed and it is of no use.
            if self.find(target.name) is None:
                remove(target)
                fresh.rename(target)
            else:
                remove(fresh)
        sync_folder(target.parent)


def key_text(files: Sequence[tuple[str, int, str]]) -> str:
    """Return a text that is equal exactly for equal listings of (path, size, tag)."""
    return json.dumps([list(file) for file in files])


def _path_of(folder: Path, manifest: Manifest) -> Path:
    data = folder / DATA
    return data / manifest.entries[0].path if manifest.is_file else data


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []
