"""
Send a large file in parts, so that an upload that was broken off goes on where it was.

In:       how a store takes parts, a local file and its digest, where to keep a note.
Out:      the file under its key.
Not here: the stores (`s3.py`, `azure.py`), which files are large (`send.py`).

The store keeps parts of an unfinished upload for days; the note says which upload that is
and of which bytes. Only the store's own list says what arrived.
"""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from pipeyard.datastore.durable import make_folders, remove
from pipeyard.datastore.remote.fault import is_missing
from pipeyard.datastore.remote.retry import persistently
from pipeyard.model.assets import FileEntry
from pipeyard.model.value import dataclass

PART_BYTES = 8 << 20
# No store takes more than 10,000 of them.
_PARTS_MAX = 9_000
_PARTS_AT_ONCE = 8
_NOTE = "upload.json"


@dataclass(frozen=True, slots=True)
class Part:
    """One part that a store has."""

    # From 1.
    number: int
    size: int
    # What the store wants to hear of it in the end.
    tag: str


class PartWriter(Protocol):
    """How one store takes a file in parts. Keys are relative to the container or bucket."""

    async def start(self, key: str) -> str:
        """Begin an upload; return the store's name for it."""

    async def arrived(self, key: str, upload: str) -> list[Part] | None:
        """Return the parts that are there; None: the store knows no such upload (any more)."""

    async def put(self, key: str, upload: str, number: int, data: bytes) -> Part:
        """Send one part; one that is there is replaced."""

    async def finish(self, key: str, upload: str, parts: list[Part]) -> None:
        """Make the parts, which are in order, the bytes of the key."""

    async def give_up(self, key: str, upload: str) -> None:
        """Let the store forget what arrived."""


@dataclass(frozen=True, slots=True)
class LargeFile:
    """A file on its way."""

    key: str
    source: Path
    entry: FileEntry
    # A folder of its own, the same at every try.
    notes: Path


async def send_in_parts(writer: PartWriter, file: LargeFile) -> None:
    """Bring a file to its key; parts that an earlier try sent are not sent again."""
    noted = await _noted(writer, file)
    if noted is not None:
        try:
            await _send_rest(writer, file, *noted)
        except Exception as problem:
            # Somebody else finished or dropped that very upload meanwhile.
            if not is_missing(problem):
                raise
        else:
            return
    upload = await persistently(lambda: writer.start(file.key))
    _note(file, upload)
    await _send_rest(writer, file, upload, [])


def part_size(size: int) -> int:
    """Return how large the parts of a file are, but for the last."""
    return max(PART_BYTES, -(-size // _PARTS_MAX))


async def _noted(writer: PartWriter, file: LargeFile) -> tuple[str, list[Part]] | None:
    """Return the unfinished upload of these very bytes, and what arrived of it."""
    try:
        note = json.loads((file.notes / _NOTE).read_bytes())
        upload, of = str(note["upload"]), note["of"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    if of != _identity(file):
        # What was sent then is not wanted any more; a store would keep it, and charge for it.
        with suppress(Exception):
            await writer.give_up(file.key, upload)
        return None
    parts = await persistently(lambda: writer.arrived(file.key, upload))
    return None if parts is None else (upload, parts)


def _note(file: LargeFile, upload: str) -> None:
    make_folders(file.notes)
    fresh = file.notes / f"{os.getpid()}.new"
    fresh.write_text(json.dumps({"upload": upload, "of": _identity(file)}), encoding="utf-8")
    fresh.replace(file.notes / _NOTE)


def _identity(file: LargeFile) -> list[object]:
    return [file.entry.sha256, file.entry.size, part_size(file.entry.size)]


async def _send_rest(writer: PartWriter, file: LargeFile, upload: str, there: list[Part]) -> None:
    step, size = part_size(file.entry.size), file.entry.size
    wanted = {number: min(step, size - start) for number, start in enumerate(range(0, size, step), start=1)}
    done = {part.number: part for part in there if wanted.get(part.number) == part.size}
    limit = asyncio.Semaphore(_PARTS_AT_ONCE)
    failures: list[Exception] = []
    handle = os.open(file.source, os.O_RDONLY | os.O_CLOEXEC)

    async def put(number: int) -> None:
        async with limit:
            if failures:
                return
            try:
                data = await asyncio.to_thread(os.pread, handle, wanted[number], (number - 1) * step)
                done[number] = await persistently(lambda: writer.put(file.key, upload, number, data))
            except Exception as problem:  # noqa: BLE001 - raised below, when no part is on its way any more
                failures.append(problem)

    try:
        await asyncio.gather(*(put(number) for number in wanted if number not in done))
    finally:
        os.close(handle)
    if failures:
        raise failures[0]
    await persistently(lambda: writer.finish(file.key, upload, [done[number] for number in sorted(done)]))
    remove(file.notes)
