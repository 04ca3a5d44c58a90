"""
Bring a tree of this machine to a place in a store.

In:       a connection, a folder or file, its manifest, where it goes.
Out:      what the store lists there afterwards.
Not here: describing the tree (`work.py`).

These stores cannot rename a folder in one step, so what says that a tree is whole comes
last: the row of our own database, written after everything was found in its place.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from pipeyard.datastore.cache import Cache
from pipeyard.datastore.place import split_path
from pipeyard.datastore.remote.folder import RemoteFile, RemoteFolder, RemoteListing
from pipeyard.datastore.remote.parts import LargeFile, send_in_parts
from pipeyard.datastore.remote.place import AZURE_TYPES, RemotePlace
from pipeyard.datastore.remote.retry import persistently
from pipeyard.model.assets import FileEntry, Manifest
from pipeyard.model.errors import StoreError, UserError

_FILES_AT_ONCE = 16
# Larger files are sent in parts, several at a time, which are in memory meanwhile.
LARGE_BYTES = 16 << 20
_LARGE_AT_ONCE = 2
_ODD = re.compile("[\0-\x1f\x7f\ud800-\udfff]")


async def send(
    folder: RemoteFolder,
    place: RemotePlace,
    source: Path,
    manifest: Manifest,
    path: str,
    *,
    cache: Cache,
    merges: bool,
    may_skip: bool = False,
) -> RemoteListing:
    """
    Return what is at a path once the tree is there; the cache keeps notes of what was broken off.

    Unless it *merges*, what was there and is not part of the tree is removed. With
    *may_skip*, a file of the same size counts as sent: for places named by a digest.
    """
    _refuse_odd_names(place, manifest)
    there = await persistently(lambda: folder.find(path)) if may_skip else None
    sizes = {file.path: file.size for file in there.files} if there is not None else {}
    limit, large = asyncio.Semaphore(_FILES_AT_ONCE), asyncio.Semaphore(_LARGE_AT_ONCE)

    async def send_one(entry: FileEntry) -> None:
        local = source if manifest.is_file else source / entry.path
        to = remote_path(path, manifest, entry.path)
        async with large if entry.size > LARGE_BYTES else limit:
            if folder.parts is not None and entry.size > LARGE_BYTES:
                notes = cache.partial(f"{place.memory_key(to)}.up")
                await send_in_parts(folder.parts, LargeFile("/".join(split_path(to)), local, entry, notes))
            else:
                await persistently(lambda: folder.write(to, str(local)))

    todo = [send_one(entry) for entry in manifest.entries if sizes.get(entry.path) != entry.size]
    await _all_or_first_failure([asyncio.ensure_future(one) for one in todo])
    found = await persistently(lambda: folder.find(path))
    return await _settled(folder, place, manifest, path, found, merges=merges)


def _refuse_odd_names(place: RemotePlace, manifest: Manifest) -> None:
    """Refuse names that a store would change without a word: control characters, and in Azure backslashes."""
    for entry in manifest.entries:
        odd = _ODD.search(entry.path) or (place.type in AZURE_TYPES and "\\" in entry.path)
        if odd:
            raise UserError(
                f"datastore `{place.name}` cannot keep a file called {entry.path!a}",
                code="unfit-key",
                hint="rename it: no control characters, no backslash in Azure, valid Unicode only",
            )


def remote_path(path: str, manifest: Manifest, entry_path: str) -> str:
    """Return where one file of a tree goes."""
    return path if manifest.is_file else "/".join(part for part in (path.strip("/"), entry_path) if part)


async def _settled(
    folder: RemoteFolder,
    place: RemotePlace,
    manifest: Manifest,
    path: str,
    found: RemoteListing | None,
    *,
    merges: bool,
) -> RemoteListing:
    listed = {file.path: file for file in found.files} if found is not None else {}
    ours: list[RemoteFile] = []
    for entry in manifest.entries:
        file = listed.pop(path.rpartition("/")[2] if manifest.is_file else entry.path, None)
        if file is None or file.size != entry.size:
            raise StoreError(
                f"datastore `{place.name}`: `{remote_path(path, manifest, entry.path)}` was sent and is not there whole",
                code="not-stored",
                hint="let nothing else write to that place, and try again",
                may_retry=True,
            )
        ours.append(file)
    if not merges and not manifest.is_file and listed:
        # Of an earlier attempt; it would pass for this one's.
        await folder.remove([remote_path(path, manifest, name) for name in listed])
    return RemoteListing(tuple(ours), is_file=manifest.is_file)


async def _all_or_first_failure(tasks: list[asyncio.Future[None]]) -> None:
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
