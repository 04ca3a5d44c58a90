"""
Digests of files, each read once and not again while it does not change.

In:       files on this machine.
Out:      size, SHA-256 and executable bit of each.
Not here: which files (`snapshot.py`, `tree.py`), the digest of a tree (`model/digest.py`).

Invariant: a remembered digest is used only for the same device, inode, size and both
times in nanoseconds, and is not remembered while the file is so young that a second
write could leave those unchanged.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from pipeyard.client.tree import FoundFile, unreadable
from pipeyard.model.assets import FileEntry
from pipeyard.model.value import dataclass

# Called with the number of bytes just dealt with, from any thread.
Advance = Callable[[int], None]

_READ_BYTES = 1 << 20
_YOUNG_NS = 2_000_000_000
# Starting threads costs more than reading this many small files.
_FEW_FILES = 16


@dataclass(frozen=True, slots=True)
class HashedFile:
    """A file of a tree, and where its bytes are."""

    entry: FileEntry
    source: Path


class HashMemory:
    """
    What is remembered of the files below one root, in a file of its own in the cache folder.

    A memory that cannot be read or written is no memory, and no error.
    """

    def __init__(self, cache: Path, root: Path) -> None:
        """Read what was remembered of *root*."""
        name = hashlib.sha256(os.fsencode(root.absolute())).hexdigest()[:32]
        self._file = cache / "hashes" / f"{name}.json"
        self._known: dict[str, str] = {}
        self._seen: dict[str, str] = {}
        with suppress(OSError, ValueError):
            known = json.loads(self._file.read_text("utf-8"))
            if isinstance(known, dict):
                self._known = known

    def look(self, status: os.stat_result) -> str | None:
        """Return the digest of an unchanged file."""
        key = _key(status)
        digest = self._known.get(key)
        if digest is not None:
            self._seen[key] = digest
        return digest

    def keep(self, status: os.stat_result, digest: str) -> None:
        """Remember the digest of a file as it was before it was read."""
        if time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) > _YOUNG_NS:
            self._seen[_key(status)] = digest

    def save(self) -> None:
        """Write down what was seen this time and forget the rest."""
        if self._seen == self._known:
            return
        scratch = self._file.with_suffix(f".{os.getpid()}")
        with suppress(OSError):
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            scratch.write_text(json.dumps(self._seen), "utf-8")
            scratch.replace(self._file)


def hash_files(
    files: Sequence[FoundFile], memory: HashMemory | None = None, advance: Advance | None = None
) -> tuple[HashedFile, ...]:
    """Return the same files with their digests, in the same order."""
    step = advance or (lambda _count: None)
    # Looked at here: handing a file to a thread costs more than its look.
    looks = [_look(found, memory, step) for found in files]
    unknown = [number for number, (_, digest) in enumerate(looks) if digest is None]

    def one(number: int) -> HashedFile:
        return _hash_one(files[number], looks[number][0], memory, step)

    if len(unknown) <= _FEW_FILES:
        read = list(map(one, unknown))
    else:
        # A few files are hashed sooner than this is imported.
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

        with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
            read = list(pool.map(one, unknown))
    if memory is not None:
        memory.save()
    hashed = dict(zip(unknown, read, strict=True))
    return tuple(
        hashed[number] if digest is None else _hashed(found, status, digest, status.st_size)
        for number, (found, (status, digest)) in enumerate(zip(files, looks, strict=True))
    )


def _look(found: FoundFile, memory: HashMemory | None, advance: Advance) -> tuple[os.stat_result, str | None]:
    try:
        status = found.source.stat()
    except OSError as error:
        raise unreadable(found.source, error) from error
    digest = memory.look(status) if memory is not None else None
    if digest is not None:
        advance(status.st_size)
    return status, digest


def _hash_one(found: FoundFile, status: os.stat_result, memory: HashMemory | None, advance: Advance) -> HashedFile:
    try:
        digest, size = _read(found.source, advance)
    except OSError as error:
        raise unreadable(found.source, error) from error
    if memory is not None and size == status.st_size:
        memory.keep(status, digest)
    return _hashed(found, status, digest, size)


def _hashed(found: FoundFile, status: os.stat_result, digest: str, size: int) -> HashedFile:
    executable = bool(status.st_mode & stat.S_IXUSR)
    return HashedFile(FileEntry(found.path, size, digest, executable), found.source)


def _read(source: Path, advance: Advance) -> tuple[str, int]:
    whole, size = hashlib.sha256(), 0
    with source.open("rb", buffering=0) as file:
        while piece := file.read(_READ_BYTES):
            whole.update(piece)
            size += len(piece)
            advance(len(piece))
    return whole.hexdigest(), size


def _key(status: os.stat_result) -> str:
    return f"{status.st_dev}.{status.st_ino}.{status.st_size}.{status.st_mtime_ns}.{status.st_ctime_ns}"
