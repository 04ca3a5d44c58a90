"""
Bytes of files on their way out: one file, a range of it, a folder as a tar or a zip.

Invariant: never more bytes than were announced, also when a step writes to the file meanwhile.
"""

from __future__ import annotations

import io
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePath
from typing import Any, BinaryIO
from urllib.parse import quote

from fastapi import Request, Response
from starlette.responses import StreamingResponse

from pipeyard.model.errors import NotFound, UserError
from pipeyard.service.files import JobFile

_PIECE_BYTES = 1 << 18
_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")
# Shown by a browser as they are. Anything that could run there is sent as plain text or saved.
_TEXT = frozenset(
    ".txt .log .md .csv .tsv .json .jsonl .yml .yaml .py .sh .r .html .htm .xml .svg .js .css .toml .cfg .ini".split()  # noqa: SIM905
)
_IMAGES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp"}


class BadRangeError(UserError):
    """A range that the file does not have."""

    code = "bad-range"
    http_status = 416


def send_file(request: Request, place: Path) -> Response:
    """Return a file as an answer; one `Range` is honoured."""
    try:
        file = place.open("rb")
    except FileNotFoundError as error:
        raise NotFound(f"`{place.name}` is gone") from error
    try:
        return send_bytes(request, place, place.stat().st_size, lambda first, count: _pieces(file, first, count))
    except UserError:
        file.close()
        raise


def send_bytes(request: Request, place: PurePath, size: int, pieces: Callable[[int, int], Iterator[bytes]]) -> Response:
    """Return what is called like *place* as an answer; *pieces* yields so many bytes from a first one on."""
    header = request.headers.get("range")
    first, last = (0, size - 1) if header is None else _range_of(header, size)
    headers = {
        "content-length": str(last - first + 1),
        "accept-ranges": "bytes",
        "content-disposition": _disposition(place),
    }
    if header is not None:
        headers["content-range"] = f"bytes {first}-{last}/{size}"
    return StreamingResponse(
        pieces(first, last - first + 1),
        status_code=200 if header is None else 206,
        headers=headers,
        media_type=_media_type(place),
    )


def send_tar(files: Sequence[JobFile], name: str) -> Response:
    """Return files as one tar, made while it is sent."""
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name or 'files', safe='', errors='replace')}.tar"
    }
    return StreamingResponse(_tar(files), headers=headers, media_type="application/x-tar")


def send_zip(files: Sequence[JobFile], name: str) -> Response:
    """Return files as one zip, made while it is sent."""
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name or 'files', safe='', errors='replace')}.zip"
    }
    return StreamingResponse(_zip(files), headers=headers, media_type="application/zip")


def _range_of(header: str, size: int) -> tuple[int, int]:
    match = _RANGE.match(header.strip())
    if match is None or match.groups() == ("", ""):
        raise BadRangeError("this server answers one range of bytes, such as `bytes=0-99` or `bytes=-100`")
    begin, end = match.groups()
    first = int(begin) if begin else max(0, size - int(end))
    last = min(int(end), size - 1) if begin and end else size - 1
    if first > last or first >= size:
        raise BadRangeError(f"the file has {size} bytes")
    return first, last


def _pieces(file: BinaryIO, first: int, left: int) -> Iterator[bytes]:
    with file:
        file.seek(first)
        while left > 0 and (piece := file.read(min(left, _PIECE_BYTES))):
            left -= len(piece)
            yield piece


def _tar(files: Sequence[JobFile]) -> Iterator[bytes]:
    for file in files:
        try:
            opened = file.place.open("rb")
        except OSError:
            # A running step removed it after it was listed.
            continue
        with opened:
            status = file.place.stat()
            entry = tarfile.TarInfo(file.path)
            entry.size, entry.mtime, entry.mode = status.st_size, int(status.st_mtime), status.st_mode & 0o777
            yield entry.tobuf(tarfile.PAX_FORMAT)
            sent = 0
            for piece in _pieces(opened, 0, entry.size):
                sent += len(piece)
                yield piece
            # A file that shrank meanwhile is filled up: its size was announced.
            padded = -(-entry.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
            yield from _zeros(padded - sent)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _zeros(count: int) -> Iterator[bytes]:
    while count > 0:
        yield bytes(min(count, _PIECE_BYTES))
        count -= _PIECE_BYTES


def _zip(files: Sequence[JobFile]) -> Iterator[bytes]:
    made = _Pipe()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in files:
            try:
                opened = file.place.open("rb")
            except OSError:
                # A running step removed it after it was listed.
                continue
            with opened:
                # Names that are no UTF-8 cannot stand in a zip as they are.
                entry = zipfile.ZipInfo(file.path.encode("utf-8", "replace").decode())
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = (file.place.stat().st_mode & 0o777) << 16
                with archive.open(entry, "w", force_zip64=True) as target:
                    while piece := opened.read(_PIECE_BYTES):
                        target.write(piece)
                        yield made.take()
            yield made.take()
    yield made.take()


class _Pipe(io.RawIOBase):
    """What a zip is written to: it cannot go back, and gives away what it has."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        return len(piece)

    def take(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _media_type(place: PurePath) -> str:
    suffix = place.suffix.lower()
    if suffix in _TEXT:
        return "text/plain; charset=utf-8"
    return _IMAGES.get(suffix, "application/octet-stream")


def _disposition(place: PurePath) -> str:
    shown = place.suffix.lower() in _TEXT or place.suffix.lower() in _IMAGES
    return f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(place.name, safe='', errors='replace')}"
