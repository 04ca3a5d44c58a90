"""
An attempt's record: what is known of it, in its staging folder, believed before anything else.

In:       what the launcher knows.
Out:      `attempts/<id>/record.json`, whole or absent, and back again.
Not here: deciding what to write (`attempts.py`, `recover.py`).

The file is not synced: after a power cut a step whose end was not stored by the
server is lost anyway, and waiting for the disk would hold up every other step.
"""

from __future__ import annotations

import json
import os

from pipeyard.launcher import process

FILE = "record.json"
# States that nothing follows.
ENDED = frozenset({"exited", "refused", "lost"})
# A record takes a whole block of the disk, so that the last one fits in the place of the first, also when the disk is full.
_PADDED_BYTES = 4096

Record = dict[str, object]
_encode = json.JSONEncoder(separators=(",", ":")).encode


def new_record(attempt_id: str, pid: int | None, now_ms: int, boot: str) -> Record:
    """Return the record of a process that was just made and waits for its record, or is about to be made (None)."""
    return {
        "attempt_id": attempt_id,
        "state": "starting",
        "pid": pid,
        "process_start": None if pid is None else process.start_ticks(pid),
        "boot_id": boot,
        "started_at_ms": now_ms,
    }


def write_record(root: str, record: Record) -> None:
    """Store a record: over the one before if both are one block, which nobody sees half written; else write and rename."""
    text = _encode(record).encode().ljust(_PADDED_BYTES)
    path = os.path.join(root, FILE)
    if len(text) == _PADDED_BYTES and _overwrite(path, text):
        return
    try:
        fd = os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            _write_all(fd, text)
        finally:
            os.close(fd)
        os.rename(path + ".new", path)
    except OSError:
        if not os.path.exists(path):
            raise
        fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            _write_all(fd, text)
        finally:
            os.close(fd)


def read_record(root: str) -> Record | None:
    """Return a record; None if there is none or it cannot be read."""
    try:
        with open(os.path.join(root, FILE), "rb") as file:
            value = json.loads(file.read())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def is_running(record: Record, boot: str) -> bool:
    """Tell whether a record that names no end belongs to a process that still lives."""
    pid, ticks = record.get("pid"), record.get("process_start")
    return (
        record.get("boot_id") == boot
        and isinstance(pid, int)
        and isinstance(ticks, int)
        and process.is_same(pid, ticks)
    )


def _overwrite(path: str, text: bytes) -> bool:
    """Write one block in place; False if no record of one block is there."""
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return os.fstat(fd).st_size == _PADDED_BYTES and os.pwrite(fd, text, 0) == _PADDED_BYTES
    finally:
        os.close(fd)


def _write_all(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]
