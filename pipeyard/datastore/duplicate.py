"""
Copy bytes inside this machine, sharing disk blocks where the file system can.

In:       a file; where its copy goes.
Out:      a copy of its own: changing one never changes the other. Never a hard link.
Not here: copying between machines (`receive.py`).
"""

from __future__ import annotations

import errno
import fcntl
import os
import sys
from pathlib import Path

# linux/fs.h: _IOW(0x94, 9, int).
_FICLONE = 0x40049409
_CHUNK_BYTES = 1 << 20
# One call copies at most this much, so that a worker can be stopped in between.
_RANGE_BYTES = 1 << 30
_CANNOT = frozenset(
    {errno.EOPNOTSUPP, errno.ENOTTY, errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EPERM, errno.EBADF, errno.ETXTBSY}
)


def copy_file(source: str | Path, target: str | Path) -> str:
    """
    Copy one file's bytes and permissions; return how: `reflink`, `range` or `bytes`.

    The target must not exist. Nothing is synchronised to disk.
    """
    with open(source, "rb", buffering=0) as reader:  # noqa: PTH123 (bytes or text paths)
        mode = os.fstat(reader.fileno()).st_mode & 0o777
        handle = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb", buffering=0) as writer:
            way = _copy(reader.fileno(), writer.fileno())
            os.fchmod(writer.fileno(), mode | 0o600)
    return way


def _copy(source: int, target: int) -> str:
    if _reflink(source, target):
        return "reflink"
    if _copy_range(source, target):
        return "range"
    os.lseek(source, 0, os.SEEK_SET)
    os.lseek(target, 0, os.SEEK_SET)
    os.ftruncate(target, 0)
    while chunk := os.read(source, _CHUNK_BYTES):
        view = memoryview(chunk)
        while view:
            view = view[os.write(target, view) :]
    return "bytes"


def _reflink(source: int, target: int) -> bool:
    if sys.platform != "linux":
        return False
    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError as problem:
        if problem.errno in _CANNOT:
            return False
        raise
    return True


def _copy_range(source: int, target: int) -> bool:
    """Let the kernel copy; False when it cannot between these two, whatever it had done by then."""
    if not hasattr(os, "copy_file_range"):
        return False
    total = 0
    try:
        while done := os.copy_file_range(source, target, _RANGE_BYTES):
            total += done
    except OSError as problem:
        if problem.errno in _CANNOT:
            return False
        raise
    # Some special file systems answer 0 for a file that is not empty.
    return total > 0 or os.fstat(source).st_size == 0
