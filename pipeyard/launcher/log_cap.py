"""
Logs that grow too long lose their middle.

In:       a log that a process appends to, and its limit.
Out:      a hole while the process still writes; at the end a shorter file with a line in the hole's place.
Not here: when to look (`attempts.py`).

Invariant: what is dropped is one range of the bytes that the process wrote: `(from, to)`.
"""

from __future__ import annotations

import os

from pipeyard.launcher import system

_BLOCK_BYTES = 4096
# How far a cut may move to fall on the end of a line.
_LINE_BYTES_MAX = 64 << 10


def excess(size: int, limit: int) -> tuple[int, int] | None:
    """Return the range to drop of a log of *size* bytes: what is neither in the first nor the last half of *limit*."""
    return (limit // 2, size - limit // 2) if size > limit else None


def punch_middle(path: str, limit: int, dropped: tuple[int, int] | None) -> tuple[int, int] | None:
    """
    Give the middle of a log that is written right now back to the disk; return all that was dropped so far.

    Raises `OSError` where the file system cannot do it.
    """
    fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        wanted = excess(os.fstat(fd).st_size, limit)
        if wanted is None:
            return dropped
        start = dropped[0] if dropped else -(-wanted[0] // _BLOCK_BYTES) * _BLOCK_BYTES
        # Only whole blocks are given back, and none twice.
        done, end = dropped[1] if dropped else start, wanted[1] // _BLOCK_BYTES * _BLOCK_BYTES
        if end <= done:
            return dropped
        system.punch_hole(fd, done, end - done)
        return (start, end)
    finally:
        os.close(fd)


def compact(path: str, limit: int, dropped: tuple[int, int] | None) -> tuple[int, int] | None:
    """Shorten a log that nobody writes to any more; return the range of bytes that is gone, or None."""
    with open(path, "rb", buffering=0) as source:
        size = os.fstat(source.fileno()).st_size
        wanted = excess(size, limit)
        if wanted is None:
            return dropped
        if dropped is not None:
            # The hole, and what was written since it was last made larger.
            wanted = (dropped[0], max(dropped[1], wanted[1]))
        start, end = _line_end_before(source.fileno(), wanted[0]), _line_end_after(source.fileno(), wanted[1], size)
        temporary = path + ".new"
        with open(temporary, "wb", buffering=0) as target:
            _copy_range(source.fileno(), target.fileno(), 0, start)
            target.write(_marker(source.fileno(), start, end))
            _copy_range(source.fileno(), target.fileno(), end, size)
    os.rename(temporary, path)
    return (start, end)


def _marker(fd: int, start: int, end: int) -> bytes:
    # A line of its own, also where the cut fell into the middle of a very long line.
    before = b"" if start == 0 or os.pread(fd, 1, start - 1) == b"\n" else b"\n"
    return before + b"[pipeyard: %d bytes of this log were dropped here]\n" % (end - start)


def _line_end_before(fd: int, offset: int) -> int:
    start = max(0, offset - _LINE_BYTES_MAX)
    found = os.pread(fd, offset - start, start).rfind(b"\n")
    return offset if found < 0 else start + found + 1


def _line_end_after(fd: int, offset: int, size: int) -> int:
    found = os.pread(fd, min(_LINE_BYTES_MAX, size - offset), offset).find(b"\n")
    return offset if found < 0 else offset + found + 1


def _copy_range(source_fd: int, target_fd: int, start: int, end: int) -> None:
    while start < end:
        data = os.pread(source_fd, min(1 << 20, end - start), start)
        if not data:
            return
        start += len(data)
        while data:
            data = data[os.write(target_fd, data) :]
