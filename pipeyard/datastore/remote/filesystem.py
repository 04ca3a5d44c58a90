"""
A container or bucket through its fsspec library.

In:       an asynchronous file system of adlfs, s3fs or gcsfs.
Out:      a `RemoteFolder`.
Not here: making the file system (`azure.py`, `s3.py`, `gcs.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from pipeyard.datastore.place import check_name, split_path
from pipeyard.datastore.remote.fault import is_missing
from pipeyard.datastore.remote.folder import RemoteEntry, RemoteFile, RemoteListing, RemotePage
from pipeyard.datastore.remote.parts import PartWriter
from pipeyard.datastore.remote.place import RemotePlace
from pipeyard.model.errors import StoreError, UserError

_REMOVED_AT_ONCE = 16
# What tells versions of a file apart, best first; each library has its own names.
_TAGS = ("etag", "ETag", "generation", "last_modified", "LastModified", "updated")


class Lister(Protocol):
    """One request of a store's own: at most *limit* keys that begin with *prefix*, and the folders between them."""

    async def __call__(self, prefix: str, after: str | None, limit: int) -> tuple[list[RemoteEntry], str | None]:
        """Return keys with sizes, those of folders with a slash at the end and without; and how to go on."""


class FilesystemFolder:
    """Speaks to one container or bucket."""

    has_ranges = True

    def __init__(
        self,
        place: RemotePlace,
        filesystem: Any,
        *,
        check: Callable[[], Awaitable[Any]],
        close: Callable[[], Awaitable[Any]],
        listed: Lister,
        write_options: Mapping[str, Any],
        parts: PartWriter | None = None,
    ) -> None:
        """Take a connected file system, how to ask it for a sign of life, to let go of it, and to list by pages."""
        self.parts = parts
        self._place = place
        self._filesystem = filesystem
        self._check = check
        self._close = close
        self._listed = listed
        self._write_options = write_options

    async def find(self, path: str) -> RemoteListing | None:
        """Return what is at a path, None if there is nothing."""
        key = self._place.key_of(path)
        names = split_path(path)
        if names:
            try:
                info = await self._filesystem._info(key)  # noqa: SLF001 (fsspec's own name for its asynchronous side)
            except FileNotFoundError:
                return None
            if info["type"] == "file":
                return RemoteListing((RemoteFile(names[-1], int(info["size"]), _tag_of(info)),), is_file=True)
        found = await self._filesystem._find(key, detail=True)  # noqa: SLF001 (as above)
        files = [
            RemoteFile(self._relative(name, key), int(info["size"] or 0), _tag_of(info))
            for name, info in found.items()
            # Markers that some tools leave for folders.
            if info["type"] == "file" and not name.endswith("/")
        ]
        self._refuse_clashes(files)
        if not files and names:
            return None
        return RemoteListing(tuple(sorted(files, key=lambda file: file.path)), is_file=False)

    async def page(self, path: str, after: str | None, limit: int) -> RemotePage | None:
        """Return what is directly in a folder, after an earlier page's `next`; None if there is nothing."""
        names = split_path(path)
        prefix = "".join(f"{name}/" for name in names)
        found, more = await self._listed(prefix, after, limit)
        if not found and names and more is None and after is None:
            return None
        # What is called like the folder itself is the mark that some tools leave for it.
        below = [
            RemoteEntry(entry.name.removeprefix(prefix).removesuffix("/"), entry.size)
            for entry in found
            if entry.name != prefix and (entry.size is None or not entry.name.endswith("/"))
        ]
        entries = tuple(entry for entry in below if _may_be_name(entry.name))
        return RemotePage(entries, more, len(below) - len(entries))

    async def file_at(self, path: str) -> RemoteFile | None:
        """Return the file at a path; None for a folder, or nothing."""
        names = split_path(path)
        if not names:
            return None
        try:
            info = await self._filesystem._info(self._place.key_of(path))  # noqa: SLF001 (as above)
        except FileNotFoundError:
            return None
        return RemoteFile(names[-1], int(info["size"]), _tag_of(info)) if info["type"] == "file" else None

    async def tag_of(self, path: str) -> str | None:
        """Return the tag that a file has now; None if it is gone."""
        try:
            return _tag_of(await self._filesystem._info(self._place.key_of(path)))  # noqa: SLF001 (as above)
        except FileNotFoundError:
            return None

    async def read(self, path: str, start: int, end: int) -> bytes:
        """Return the bytes from *start* up to *end*."""
        if start == end:
            # No store answers a range of nothing.
            return b""
        data: bytes = await self._filesystem._cat_file(self._place.key_of(path), start=start, end=end)  # noqa: SLF001 (as above)
        return data

    async def save(self, path: str, target: str) -> None:
        """Write all of a file to a local one."""
        await self._filesystem._get_file(self._place.key_of(path), target)  # noqa: SLF001 (as above)

    async def write(self, path: str, source: str) -> None:
        """Make a local file's bytes the bytes of a path."""
        await self._filesystem._put_file(source, self._place.key_of(path), **self._write_options)  # noqa: SLF001 (as above)

    async def remove(self, paths: Sequence[str]) -> None:
        """Remove files; one that is gone already is no error."""
        limit = asyncio.Semaphore(_REMOVED_AT_ONCE)

        async def remove_one(path: str) -> None:
            async with limit:
                try:
                    await self._filesystem._rm_file(self._place.key_of(path))  # noqa: SLF001 (as above)
                except Exception as problem:
                    if not is_missing(problem):
                        raise

        await asyncio.gather(*(remove_one(path) for path in paths))

    async def check(self) -> None:
        """Return if the store is there and lets us in."""
        await self._check()

    async def close(self) -> None:
        """End the connection."""
        await self._close()

    def _relative(self, name: str, key: str) -> str:
        """Return a name below the key; one that could lead out of a folder on disk is refused."""
        relative = name[len(key) :].lstrip("/") if name.startswith(key) else name
        try:
            parts = split_path(relative)
        except UserError as problem:
            raise self._unfit(relative, problem.message) from problem
        if "/".join(parts) != relative or not parts:
            raise self._unfit(relative, "it has empty parts")
        return relative

    def _refuse_clashes(self, files: Sequence[RemoteFile]) -> None:
        paths = {file.path for file in files}
        for path in paths:
            parent = path.rpartition("/")[0]
            while parent:
                if parent in paths:
                    raise self._unfit(parent, "it is a file and a folder at once")
                parent = parent.rpartition("/")[0]

    def _unfit(self, name: str, reason: str) -> StoreError:
        return StoreError(
            f"datastore `{self._place.name}` holds `{name}`, which cannot be a file on a disk: {reason}",
            code="unfit-key",
            hint="rename it in the store, or name a folder that does not hold it",
        )


def _may_be_name(name: str) -> bool:
    try:
        check_name(name)
    except UserError:
        return False
    return True


def _tag_of(info: Mapping[str, Any]) -> str:
    for key in _TAGS:
        if info.get(key):
            return str(info[key])
    return ""
