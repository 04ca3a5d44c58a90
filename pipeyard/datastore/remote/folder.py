"""
What a transfer asks of a store: list, read a range, write, remove.

In:       paths relative to the container or bucket.
Out:      bytes, and what is listed.
Not here: who answers (`filesystem.py` for the libraries, `web.py` for plain HTTP).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pipeyard.datastore.remote.parts import PartWriter
from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file as its store lists it."""

    # Relative to what was asked for; the last part of that for a single file.
    path: str
    size: int
    # What changes with the bytes: an entity tag, else the time of the last change.
    tag: str


@dataclass(frozen=True, slots=True)
class RemoteListing:
    """Everything at a place, sorted by path."""

    files: tuple[RemoteFile, ...]
    is_file: bool

    @property
    def size(self) -> int:
        """Return the bytes in all files together."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True)
class RemoteEntry:
    """One thing directly in a folder: a file with its size, or a folder without one."""

    name: str
    size: int | None


@dataclass(frozen=True, slots=True)
class RemotePage:
    """Some of what is directly in a folder, in the store's own order."""

    entries: tuple[RemoteEntry, ...]
    # What the store wants to hear to go on; None: that was all.
    next: str | None
    # Names of the store that no path here can say, such as `..`.
    left_out: int


class RemoteFolder(Protocol):
    """A connection to one container or bucket. Raises whatever its library raises."""

    # Whether a part of a file can be read: then a broken download goes on where it was.
    has_ranges: bool
    # Takes large files in parts; None: only whole ones.
    parts: PartWriter | None

    async def find(self, path: str) -> RemoteListing | None:
        """Return what is at a path, None if there is nothing."""

    async def page(self, path: str, after: str | None, limit: int) -> RemotePage | None:
        """Return what is directly in a folder, after an earlier page's `next`; None if there is nothing."""

    async def file_at(self, path: str) -> RemoteFile | None:
        """Return the file at a path; None for a folder, or nothing."""

    async def tag_of(self, path: str) -> str | None:
        """Return the tag that a file has now; None if it is gone."""

    async def read(self, path: str, start: int, end: int) -> bytes:
        """Return the bytes from *start* up to *end*."""

    async def save(self, path: str, target: str) -> None:
        """Write all of a file to a local one: for stores without ranges."""

    async def write(self, path: str, source: str) -> None:
        """Make a local file's bytes the bytes of a path."""

    async def remove(self, paths: Sequence[str]) -> None:
        """Remove files."""

    async def check(self) -> None:
        """Return if the store is there and lets us in."""

    async def close(self) -> None:
        """End the connection."""
