"""
Bring what is at a place into the cache.

In:       a connection, a path, the cache.
Out:      a tree of the cache; how many bytes had to be fetched.
Not here: which copies are in use (`transfer.py`).

What an earlier copy of the same place holds, by the store's own tags, is linked and
not fetched. Large files arrive in pieces, several at a time; what arrived before a
failure, or before the worker was killed, is not asked for again.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path

from pipeyard.datastore.cache import Cache, CachedTree, Remembered, key_text
from pipeyard.datastore.durable import make_folders, remove
from pipeyard.datastore.manifest import scan
from pipeyard.datastore.remote.folder import RemoteFile, RemoteFolder, RemoteListing
from pipeyard.datastore.remote.place import RemotePlace
from pipeyard.datastore.remote.retry import persistently
from pipeyard.model.assets import Manifest
from pipeyard.model.errors import StoreError
from pipeyard.model.value import dataclass

PIECE_BYTES = 8 << 20
_PIECES_AT_ONCE = 16
_PIECE_DATA = "data"
_PIECE_NOTES = "pieces"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A tree that is here now."""

    tree: CachedTree
    fetched_bytes: int
    # Of what the store listed, as `listing_digest` says it.
    listing: str


def listing_digest(listing: RemoteListing) -> str:
    """Return a text that is equal for equal listings."""
    rows = [(file.path, file.size, file.tag) for file in listing.files]
    return hashlib.sha256(f"{listing.is_file}{key_text(rows)}".encode()).hexdigest()


async def fetch(folder: RemoteFolder, place: RemotePlace, path: str, cache: Cache) -> Fetched | None:
    """Return the tree at a path, None if there is nothing."""
    listing = await persistently(lambda: folder.find(path))
    if listing is None:
        return None
    key = place.memory_key(path)
    earlier = cache.remembered(key)
    known = _known_contents(earlier)
    tree = None if earlier is None else cache.find(earlier.digest)
    is_whole = tree is not None and tree.manifest.is_file == listing.is_file
    if tree is not None and is_whole and len(known) == len(listing.files) and all(map(known.get, listing.files)):
        return Fetched(tree, 0, listing_digest(listing))
    fresh = cache.fresh()
    try:
        data, count = fresh / "data", 0
        make_folders(data)
        wanted = []
        for file in listing.files:
            if tree is None or not is_whole or file not in known or not _link(tree, file, data):
                wanted.append(file)
                count += file.size
        await _fetch_all(_Download(folder, place, path, cache, data, is_file=listing.is_file), wanted)
        manifest = await asyncio.to_thread(_described, listing, data)
        kept = cache.adopt(data, manifest)
    finally:
        remove(fresh)
    cache.remember(key, remembered(listing, kept.manifest, kept.digest))
    return Fetched(kept, count, listing_digest(listing))


def remembered(listing: RemoteListing, manifest: Manifest, digest: str) -> Remembered:
    """Return the note that ties a store's listing to the bytes that it stands for."""
    sha256s = {entry.path: entry.sha256 for entry in manifest.entries}
    return Remembered(
        digest, tuple((file.path, file.size, file.tag, sha256s[file.path]) for file in listing.files if file.tag)
    )


def _known_contents(earlier: Remembered | None) -> dict[RemoteFile, str]:
    if earlier is None:
        return {}
    return {RemoteFile(path, size, tag): sha256 for path, size, tag, sha256 in earlier.files}


def _described(listing: RemoteListing, data: Path) -> Manifest:
    return scan(data / listing.files[0].path if listing.is_file else data, sync=True)


def _link(tree: CachedTree, file: RemoteFile, data: Path) -> bool:
    """Give a file of an earlier tree a name in the new one; False if its file system cannot."""
    source = tree.path if tree.manifest.is_file else tree.path / file.path
    target = data / file.path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(source, target)
    except OSError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Download:
    """Files of one place on their way into one folder."""

    folder: RemoteFolder
    place: RemotePlace
    path: str
    cache: Cache
    data: Path
    is_file: bool

    def remote(self, file: RemoteFile) -> str:
        return self.path if self.is_file else "/".join(part for part in (self.path.strip("/"), file.path) if part)


async def _fetch_all(download: _Download, files: list[RemoteFile]) -> None:
    limit = asyncio.Semaphore(_PIECES_AT_ONCE)
    tasks = [asyncio.ensure_future(_fetch_file(download, file, limit)) for file in files]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _fetch_file(download: _Download, file: RemoteFile, limit: asyncio.Semaphore) -> None:
    target = download.data / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    remote = download.remote(file)
    if not download.folder.has_ranges:
        async with limit:
            await persistently(lambda: download.folder.save(remote, str(target)))
        _check_size(download, file, target.stat().st_size)
    elif file.size <= PIECE_BYTES:
        async with limit:
            content = await persistently(lambda: download.folder.read(remote, 0, file.size))
        _check_size(download, file, len(content))
        target.write_bytes(content)
    else:
        await _fetch_in_pieces(download, file, target, limit)


async def _fetch_in_pieces(download: _Download, file: RemoteFile, target: Path, limit: asyncio.Semaphore) -> None:
    remote = download.remote(file)
    # A file that changes has another tag, and so begins anew.
    key = hashlib.sha256(f"{download.place.memory_key(remote)}\0{file.size}\0{file.tag}".encode()).hexdigest()
    partial = download.cache.partial(key if file.tag else download.cache.fresh().name)
    make_folders(partial)
    done = _pieces_of(partial)
    starts = [start for start in range(0, file.size, PIECE_BYTES) if start not in done]
    failures: list[Exception] = []
    handle = os.open(partial / _PIECE_DATA, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        with (partial / _PIECE_NOTES).open("a", encoding="ascii") as notes:

            async def fetch_piece(start: int) -> None:
                end = min(start + PIECE_BYTES, file.size)
                async with limit:
                    if failures:
                        return
                    try:
                        content = await persistently(lambda: download.folder.read(remote, start, end))
                        _check_size(download, file, len(content), end - start)
                    except Exception as problem:  # noqa: BLE001 - raised below, when no piece is on its way any more
                        failures.append(problem)
                        return
                    os.pwrite(handle, content, start)
                    # Only after the bytes: a note must never promise what is not there.
                    notes.write(f"{start}\n")
                    notes.flush()

            await asyncio.gather(*(fetch_piece(start) for start in starts))
    finally:
        os.close(handle)
    if failures:
        raise failures[0]
    if file.tag and await persistently(lambda: download.folder.tag_of(remote)) != file.tag:
        remove(partial)
        raise _changed(download, file)
    (partial / _PIECE_DATA).rename(target)
    remove(partial)


def _pieces_of(partial: Path) -> set[int]:
    try:
        lines = (partial / _PIECE_NOTES).read_text(encoding="ascii").split("\n")
        # Behind the last line end stands nothing, or the half of a number.
        return {int(line) for line in lines[:-1]} if (partial / _PIECE_DATA).exists() else set()
    except (OSError, ValueError):
        return set()


def _check_size(download: _Download, file: RemoteFile, size: int, wanted: int | None = None) -> None:
    if size != (file.size if wanted is None else wanted):
        raise _changed(download, file)


def _changed(download: _Download, file: RemoteFile) -> StoreError:
    return StoreError(
        f"datastore `{download.place.name}`: `{download.remote(file)}` changed while it was fetched",
        code="changed-while-read",
        hint="let nothing write to it meanwhile, and try again",
        may_retry=True,
    )
