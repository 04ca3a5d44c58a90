"""
Routes of uploads: announce a tree, send what is missing, complete it.

Not here: keeping the bytes (`Uploads`, a port).
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from anyio import from_thread
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from pipeyard.api.address import HOME
from pipeyard.api.allow import Body, TheDesk, UserOnly
from pipeyard.api.answer import Answer
from pipeyard.api.desk import Desk
from pipeyard.model.assets import FileEntry, Manifest
from pipeyard.model.digest import manifest_digest
from pipeyard.model.errors import UserError
from pipeyard.model.record import DEFAULT_DATASTORE

router = APIRouter()
_UPLOADS = HOME + "/uploads"
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_HEAD_BYTES_MAX = 4096


@router.post(_UPLOADS, dependencies=[UserOnly])
def begin(workspace: str, body: Body, desk: TheDesk) -> Answer:
    """Announce a tree of files and learn which contents are missing."""
    desk.world.known_workspace(workspace)
    name, manifest = _announced(body)
    ticket = desk.uploads.begin(workspace, name, manifest, _datastore(body))
    return Answer(
        {
            "uri": str(ticket.uri),
            "upload": ticket.id,
            "missing": list(ticket.missing),
            "drop": None if ticket.drop is None else str(ticket.drop),
        }
    )


@router.put(_UPLOADS + "/{upload}/content", dependencies=[UserOnly])
async def content(workspace: str, upload: str, request: Request, desk: TheDesk) -> Answer:
    """Take contents, each after one line of JSON that names it."""
    desk.world.known_workspace(workspace)
    body = _Body(request.stream())
    count = 0
    while (head := await body.line()) is not None:
        sha256, size = _head_of(head)
        await _receive(desk, upload, sha256, size, body)
        count += 1
    return Answer({"received": count})


@router.post(_UPLOADS + "/{upload}/complete", dependencies=[UserOnly])
def complete(workspace: str, upload: str, desk: TheDesk) -> Answer:
    """Have everything checked and kept."""
    desk.world.known_workspace(workspace)
    return Answer({"uri": str(desk.uploads.complete(upload).uri)})


class _Body:
    """A request's body, read piece by piece."""

    def __init__(self, stream: AsyncIterator[bytes]) -> None:
        self._stream = stream
        self._held = b""

    async def line(self) -> bytes | None:
        """Return the next line without its end, None when the body is over."""
        while b"\n" not in self._held:
            if len(self._held) > _HEAD_BYTES_MAX or not await self._more():
                break
        if not self._held:
            return None
        line, ends, self._held = self._held.partition(b"\n")
        if not ends or len(line) > _HEAD_BYTES_MAX:
            raise UserError("a line that names a content has to end", code="bad-request")
        return line

    async def piece(self, size: int) -> bytes:
        """Return some of the next *size* bytes; empty only when the body is over."""
        if not self._held:
            await self._more()
        piece, self._held = self._held[:size], self._held[size:]
        return piece

    async def _more(self) -> bool:
        async for data in self._stream:
            if data:
                self._held += data
                return True
        return False


async def _receive(desk: Desk, upload: str, sha256: str, size: int, body: _Body) -> None:
    """Hand one content to a thread that asks back for its bytes, so that no content is ever whole in memory."""

    def chunks() -> Iterator[bytes]:
        left = size
        while left:
            piece = from_thread.run(body.piece, left)
            if not piece:
                raise UserError(f"the body ended {left} bytes before content `{sha256}` did", code="bad-request")
            left -= len(piece)
            yield piece

    await run_in_threadpool(desk.uploads.receive, upload, sha256, size, chunks())


def _head_of(line: bytes) -> tuple[str, int]:
    try:
        head = json.loads(line)
        sha256, size = head["sha256"], head["size"]
    except (ValueError, TypeError, KeyError) as error:
        raise UserError("a content begins with a line of JSON: sha256, size", code="bad-request") from error
    return _checked_sha256(sha256), _checked_size(size)


def _announced(body: Any) -> tuple[str, Manifest]:
    if not isinstance(body, Mapping) or not isinstance(body.get("files"), list):
        raise UserError("an upload is a JSON object with `digest`, `name`, `is_file` and `files`", code="bad-request")
    name = body.get("name")
    if not isinstance(name, str) or not name or name in (".", "..") or "/" in name or "\0" in name:
        raise UserError("`name` has to be the name of one file or folder", code="bad-request")
    entries = tuple(sorted((_entry(item) for item in body["files"]), key=lambda entry: entry.path))
    manifest = Manifest(entries, is_file=body.get("is_file") is True)
    _check_paths(manifest)
    if body.get("digest") != manifest_digest(manifest):
        raise UserError("`digest` is not the digest of `files`", code="bad-request")
    return name, manifest


def _datastore(body: Mapping[str, Any]) -> str:
    datastore = body.get("datastore") or DEFAULT_DATASTORE
    if not isinstance(datastore, str):
        raise UserError("`datastore` has to be the name of a datastore", code="bad-request")
    return datastore


def _entry(item: Any) -> FileEntry:
    if not isinstance(item, Mapping) or not isinstance(item.get("path"), str):
        raise UserError("each of `files` has to have `path`, `size` and `sha256`", code="bad-request")
    return FileEntry(
        item["path"],
        _checked_size(item.get("size")),
        _checked_sha256(item.get("sha256")),
        item.get("executable") is True,
    )


def _check_paths(manifest: Manifest) -> None:
    seen: set[str] = set()
    for entry in manifest.entries:
        if "\0" in entry.path or any(part in ("", ".", "..") for part in entry.path.split("/")):
            raise UserError(f"`{entry.path}` is no path of a file inside a folder", code="bad-path")
        if entry.path in seen:
            raise UserError(f"`{entry.path}` is announced twice", code="bad-path")
        seen.add(entry.path)
    if manifest.is_file and (len(manifest.entries) != 1 or "/" in manifest.entries[0].path):
        raise UserError("a file is one entry without folders", code="bad-path")


def _checked_sha256(value: Any) -> str:
    if not isinstance(value, str) or not _SHA256.match(value):
        raise UserError("`sha256` has to be 64 hexadecimal digits", code="bad-request")
    return value


def _checked_size(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise UserError("`size` has to be a number of bytes", code="bad-request")
    return value
