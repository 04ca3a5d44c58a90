"""
The last lines of a log, for the error of a failed step.

In:       the path of a file that a user's process wrote.
Out:      a few lines of text, whatever the bytes are.
Not here: ranges and searches (`service/log.py`).
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

LINES = 20
_BYTES_MAX = 1 << 16
_LINE_CHARS_MAX = 1000


def read_last_lines(path: Path, count: int = LINES) -> list[str]:
    """Return up to *count* last lines, long ones cut; none when there is no such regular file."""
    try:
        start, data = _read_end(path)
    except OSError:
        return []
    lines = data.decode("utf-8", "replace").rstrip("\n").split("\n") if data.strip() else []
    if start and len(lines) > 1:
        # The first is the end of a longer line.
        del lines[0]
    return [_shortened(line) for line in lines[-count:]]


def _read_end(path: Path) -> tuple[int, bytes]:
    """Return where the last bytes of a regular file begin, and the bytes."""
    # Not to be led elsewhere by a link, nor to wait on a pipe, that the step put in the log's place.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return 0, b""
        start = max(0, status.st_size - _BYTES_MAX)
        return start, os.pread(descriptor, _BYTES_MAX, start)
    finally:
        os.close(descriptor)


def _shortened(line: str) -> str:
    # A progress bar rewrites its line; what stood there last is what was seen.
    line = line.rstrip().rpartition("\r")[2]
    return line if len(line) <= _LINE_CHARS_MAX else line[:_LINE_CHARS_MAX] + " ..."
