"""
What is shown where a part of a log is not.

In:       a log: its middle may have been given back to the disk while its step still writes, and reads as zeros.
Out:      where such a hole ends, and the line that stands for it; of a long log that has ended, both ends.
Not here: dropping the middle (`launcher/log_cap.py`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

# A shorter log is shown whole.
_WHOLE_BYTES_MAX = 4 << 20
_END_BYTES_MAX = 1 << 20
END_LINES = 2_000
_BLOCK_BYTES = 1 << 20


def hole_end(fd: int, offset: int) -> int:
    """Return where the hole at *offset* ends; *offset* itself when there is none. The file's position stays."""
    found = _looked(fd, offset, os.SEEK_DATA)
    return offset if found is None else found


def data_end(fd: int, offset: int) -> int:
    """Return where the data at *offset* ends: at a hole, or at the end of the file."""
    found = _looked(fd, offset, os.SEEK_HOLE)
    # A file system that knows no holes has none.
    return sys.maxsize if found is None else found


def dropped_text(count: int) -> str:
    """Return what stands for a hole, as it will stand in the log when its step has ended."""
    return f"[pipeyard: {count} bytes of this log were dropped here]"


def is_empty(path: Path) -> bool:
    """Return whether nothing was written to a log that is there."""
    try:
        return path.stat().st_size == 0
    except OSError:
        return False


def ends_of(path: Path) -> Iterator[str] | None:
    """Return the first and last lines of a long log that has ended, with a line between; None for one to show whole."""
    try:
        if path.stat().st_size <= _WHOLE_BYTES_MAX:
            return None
    except OSError:
        return None
    return _ends(path)


def _ends(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        head = file.read(_END_BYTES_MAX)
        head = b"".join(head.splitlines(keepends=True)[:END_LINES])
        # Whole lines, unless one is longer than all that is shown.
        head = head[: head.rfind(b"\n") + 1] or head
        file.seek(size - _END_BYTES_MAX)
        tail = file.read(_END_BYTES_MAX)
        tail = tail[tail.find(b"\n") + 1 :]
        tail = b"".join(tail.splitlines(keepends=True)[-END_LINES:])
        file.seek(len(head))
        left, count = size - len(tail) - len(head), 0
        while left > 0 and (block := file.read(min(left, _BLOCK_BYTES))):
            left -= len(block)
            count += block.count(b"\n")
    yield head.decode("utf-8", "replace")
    before = "" if head.endswith(b"\n") else "\n"
    yield f"{before}[pipeyard: {count} lines left out; the whole log is at {path}]\n"
    yield tail.decode("utf-8", "replace")


def _looked(fd: int, offset: int, whence: int) -> int | None:
    position = os.lseek(fd, 0, os.SEEK_CUR)
    try:
        return os.lseek(fd, offset, whence)
    except OSError:
        # At the end of the file, too, where somebody may be writing on meanwhile: that is no hole.
        return None
    finally:
        os.lseek(fd, position, os.SEEK_SET)
