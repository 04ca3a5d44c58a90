"""
What worker processes do with stores that are elsewhere.

In:       a place, and plain values that are cheap to send.
Out:      plain values; `StoreError` that names the datastore.
Not here: starting workers (`pool.py`), outputs of steps (`store.py`).

Each call has an event loop and a connection of its own. Their libraries take a second to
import, once for each worker; the server never does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from pipeyard.datastore.cache import Cache, CachedTree
from pipeyard.datastore.durable import make_folders
from pipeyard.datastore.remote.connect import connected
from pipeyard.datastore.remote.fault import remote_error
from pipeyard.datastore.remote.fetch import fetch, listing_digest, remembered
from pipeyard.datastore.remote.folder import RemoteFolder
from pipeyard.datastore.remote.place import RemotePlace
from pipeyard.datastore.remote.retry import persistently
from pipeyard.datastore.remote.send import send
from pipeyard.model.assets import ENTITY_TAG, Manifest
from pipeyard.model.digest import manifest_digest
from pipeyard.model.errors import StoreError
from pipeyard.model.value import dataclass

T = TypeVar("T")

_NOTHING = Manifest(())


@dataclass(frozen=True, slots=True)
class Look:
    """What is at a place: see `ports.RemoteLook`."""

    is_file: bool
    size: int
    file_count: int
    listing_digest: str


@dataclass(frozen=True, slots=True)
class Brought:
    """A tree of the cache, and what had to be fetched for it."""

    digest: str
    fetched_bytes: int


def with_folder(place: RemotePlace, what: str, action: Callable[[RemoteFolder], Awaitable[T]]) -> T:
    """Return what *action* does with a connection; *what* says in messages what could not be done."""

    async def run() -> T:
        async with connected(place) as folder:
            return await action(folder)

    try:
        return asyncio.run(run())
    except Exception as problem:  # noqa: BLE001 - the libraries raise anything; all of it becomes an error of ours
        raise remote_error(problem, place, what) from None


def look(place: RemotePlace, path: str) -> Look | None:
    """Return what is at a path, None if there is nothing."""

    async def find(folder: RemoteFolder) -> Look | None:
        listing = await persistently(lambda: folder.find(path))
        if listing is None:
            return None
        return Look(listing.is_file, listing.size, len(listing.files), listing_digest(listing))

    return with_folder(place, f"look at `{path}`", find)


def bring(place: RemotePlace, path: str, cache: Path, digest: str | None = None) -> Brought | None:
    """
    Return the tree at a path, which is in the cache then; None if there is nothing.

    `StoreError` (`changed-data`) if it is not what this *digest* says, of the tree or of what its store lists.
    """
    kept = Cache(cache)
    fetched = with_folder(place, f"fetch `{path}`", lambda folder: fetch(folder, place, path, kept))
    if fetched is None:
        if digest != manifest_digest(_NOTHING):
            return None
        # No store knows empty folders.
        return Brought(_empty(kept).digest, 0)
    if digest is not None and digest not in (fetched.tree.digest, f"{ENTITY_TAG}{fetched.listing}"):
        raise StoreError(
            f"datastore `{place.name}`: what is at `{path}` was changed since it was written",
            code="changed-data",
            hint="run the step that wrote it again, or name the present data as an input of its own",
        )
    return Brought(fetched.tree.digest, fetched.fetched_bytes)


def send_tree(place: RemotePlace, source: Path, manifest: Manifest, path: str, cache: Path) -> str:
    """Bring an uploaded tree to its place, named by its digest; the tree itself moves into the cache."""
    kept = Cache(cache)
    listing = with_folder(
        place,
        f"store `{path}`",
        lambda folder: send(folder, place, source, manifest, path, cache=kept, merges=False, may_skip=True),
    )
    tree = kept.adopt(as_folder(source, manifest, kept), manifest)
    kept.remember(place.memory_key(path), remembered(listing, tree.manifest, tree.digest))
    return tree.digest


def as_folder(source: Path, manifest: Manifest, cache: Cache) -> Path:
    """Return a folder that holds exactly a tree: a single file gets one of its own."""
    if not manifest.is_file:
        return source
    holder = cache.fresh()
    make_folders(holder)
    source.rename(holder / manifest.entries[0].path)
    return holder


def _empty(cache: Cache) -> CachedTree:
    folder = cache.fresh()
    make_folders(folder)
    return cache.adopt(folder, _NOTHING)
