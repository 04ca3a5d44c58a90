"""
What a person looks at in a store that is elsewhere: a folder by pages, and files by pieces.

In:       a place, a path in it.
Out:      plain values; `StoreError` that names the datastore.
Not here: what steps need (`work.py`), which keeps what it fetched.

Somebody waits for each answer and can ask again, so nothing is tried for long: the worker
process is wanted by steps too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from pipeyard.datastore.remote.folder import RemoteFile, RemoteFolder, RemotePage
from pipeyard.datastore.remote.place import RemotePlace
from pipeyard.datastore.remote.work import with_folder
from pipeyard.model.errors import StoreError

T = TypeVar("T")

WAIT_SECONDS = 20.0


def probe(place: RemotePlace) -> None:
    """Return if the store can be reached and lets us in."""
    what = f"reach `{place.root or place.settings.get('url', '')}`"
    with_folder(place, what, lambda folder: _soon(folder.check()))


def list_page(place: RemotePlace, path: str, after: str | None, limit: int) -> RemotePage | None:
    """Return some of what is directly in a folder; None if there is nothing."""
    what = f"list `{path or place.root}`"
    return with_folder(place, what, lambda folder: _soon(folder.page(path, after, limit)))


def file_at(place: RemotePlace, path: str) -> RemoteFile | None:
    """Return the file at a path; None for a folder, or nothing."""
    return with_folder(place, f"look at `{path}`", lambda folder: _soon(folder.file_at(path)))


def read_piece(place: RemotePlace, path: str, start: int, end: int, tag: str) -> bytes:
    """Return the bytes from *start* up to *end* of a file that still has its *tag*; `StoreError` if it was changed."""

    async def read(folder: RemoteFolder) -> bytes:
        if await folder.tag_of(path) != tag:
            raise StoreError(
                f"datastore `{place.name}`: `{path}` was changed while it was read",
                code="changed-while-read",
                hint="read it again",
                may_retry=True,
            )
        return await folder.read(path, start, end)

    return with_folder(place, f"read `{path}`", lambda folder: _soon(read(folder)))


async def _soon(answer: Awaitable[T]) -> T:
    try:
        return await asyncio.wait_for(answer, WAIT_SECONDS)
    except asyncio.TimeoutError as problem:
        raise TimeoutError(str(problem) or f"no answer within {WAIT_SECONDS:.0f} seconds") from problem
