"""
Files behind one Web address, to read only.

In:       paths below the address.
Out:      a `RemoteFolder` that finds single files: the Web lists no folders.
Not here: URLs in jobs (`datastore/web.py`).
"""

from __future__ import annotations

import asyncio
import base64
import shutil
import urllib.error
import urllib.request
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from pipeyard import __version__
from pipeyard.datastore.download import open_safely
from pipeyard.datastore.place import split_path
from pipeyard.datastore.remote.folder import RemoteFile, RemoteListing, RemotePage
from pipeyard.datastore.remote.parts import PartWriter
from pipeyard.datastore.remote.place import RemotePlace
from pipeyard.model.errors import StoreError

_TIMEOUT_SECONDS = 30.0
_CHUNK_BYTES = 1 << 20
_MISSING = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
# Servers that know no HEAD answer so.
_NO_HEAD = (HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.FORBIDDEN)


class WebFolder:
    """Asks one Web server."""

    def __init__(self, place: RemotePlace) -> None:
        """Take the datastore; nothing is sent yet."""
        # Until the server says so of a file.
        self.has_ranges = False
        # Nothing is written to the Web.
        self.parts: PartWriter | None = None
        self._place = place
        self._base = str(place.settings["url"]).rstrip("/") + "/"

    async def find(self, path: str) -> RemoteListing | None:
        """Return the file at a path, None if there is none."""
        if not split_path(path):
            raise self._no_folders()
        file = await self.file_at(path)
        return None if file is None else RemoteListing((file,), is_file=True)

    async def page(self, path: str, after: str | None, limit: int) -> RemotePage | None:
        """Refuse: the Web lists no folders."""
        del path, after, limit
        raise self._no_folders()

    async def file_at(self, path: str) -> RemoteFile | None:
        """Return the file at a path; None if there is none."""
        names = split_path(path)
        facts = await asyncio.to_thread(self._look, path) if names else None
        return None if facts is None else RemoteFile(names[-1], *facts)

    async def tag_of(self, path: str) -> str | None:
        """Return the tag that a file has now; None if it is gone."""
        facts = await asyncio.to_thread(self._look, path)
        return None if facts is None else facts[1]

    async def read(self, path: str, start: int, end: int) -> bytes:
        """Return the bytes from *start* up to *end*."""
        return await asyncio.to_thread(self._read, path, start, end)

    async def save(self, path: str, target: str) -> None:
        """Write all of a file to a local one."""
        await asyncio.to_thread(self._save, path, target)

    async def write(self, path: str, source: str) -> None:
        """Refuse: the Web is there to read."""
        del path, source
        raise self._read_only()

    async def remove(self, paths: Sequence[str]) -> None:
        """Refuse: the Web is there to read."""
        if paths:
            raise self._read_only()

    async def check(self) -> None:
        """Return if the server answers and lets us in; what it has at the address itself does not matter."""
        await asyncio.to_thread(self._look, "")

    async def close(self) -> None:
        """Do nothing: each request has a connection of its own."""

    def _look(self, path: str) -> tuple[int, str] | None:
        try:
            headers = self._headers_of(path)
        except urllib.error.HTTPError as problem:
            with problem:
                if problem.code in _MISSING:
                    return None
                raise
        self.has_ranges = headers.get("Accept-Ranges", "").lower() == "bytes" or "Content-Range" in headers
        size = headers.get("Content-Length", "")
        if "/" in headers.get("Content-Range", ""):
            size = headers["Content-Range"].rpartition("/")[2]
        if not size.isdigit():
            if not path:
                return 0, ""
            raise StoreError(
                f"datastore `{self._place.name}`: the server does not say how long `{path}` is",
                code="datastore-http",
                hint="give the whole address as the input's path; it is then fetched as it comes",
            )
        return int(size), headers.get("ETag") or headers.get("Last-Modified") or ""

    def _headers_of(self, path: str) -> Any:
        try:
            with self._open(path, method="HEAD") as answer:
                return answer.headers
        except urllib.error.HTTPError as problem:
            if problem.code not in _NO_HEAD:
                raise
            problem.close()
        with self._open(path, range_="bytes=0-0") as answer:
            return answer.headers

    def _read(self, path: str, start: int, end: int) -> bytes:
        if start == end:
            return b""
        with self._open(path, range_=f"bytes={start}-{end - 1}") as answer:
            if answer.status != HTTPStatus.PARTIAL_CONTENT:
                # It changed its mind; what it sends now is everything.
                answer.read(start)
            data: bytes = answer.read(end - start)
            return data

    def _save(self, path: str, target: str) -> None:
        with self._open(path) as answer, open(target, "wb") as file:  # noqa: PTH123 (text, as all local paths here)
            shutil.copyfileobj(answer, file, _CHUNK_BYTES)

    def _open(self, path: str, *, method: str = "GET", range_: str | None = None) -> Any:
        headers = {"User-Agent": f"pipeyard/{__version__}", "Accept-Encoding": "identity"}
        given = self._place.credentials
        if "token" in given:
            headers["Authorization"] = f"Bearer {given['token']}"
        elif "username" in given:
            pair = f"{given['username']}:{given.get('password', '')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        if range_ is not None:
            headers["Range"] = range_
        url = self._base + "/".join(quote(name, safe="") for name in split_path(path))
        request = urllib.request.Request(url, headers=headers, method=method)  # noqa: S310 (http(s) only, see decoding)
        return open_safely(request, _TIMEOUT_SECONDS)

    def _no_folders(self) -> StoreError:
        return StoreError(
            f"datastore `{self._place.name}` is of type `http`, which cannot list a folder",
            code="datastore-http",
            hint="name one file in it",
        )

    def _read_only(self) -> StoreError:
        return StoreError(
            f"datastore `{self._place.name}` is of type `http`, which can only be read",
            code="datastore-http",
            hint="write to another datastore",
        )
