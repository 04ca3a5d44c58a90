"""
The few system calls that Python's standard library lacks.

In:       plain numbers and paths.
Out:      the call's effect, or `OSError`.
Not here: what they are used for (`mounts.py`, `log_cap.py`, `duplicate.py`).

Importing this works everywhere; calling works on Linux.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys

IS_LINUX = sys.platform == "linux"

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
MS_RDONLY = 1
MS_REMOUNT = 32
MS_BIND = 4096
MS_REC = 16384
MS_SLAVE = 1 << 19

_PR_SET_CHILD_SUBREAPER = 36
_FALLOC_KEEP_SIZE_PUNCH_HOLE = 0x01 | 0x02
# From <linux/fs.h>: _IOW(0x94, 9, int).
_FICLONE = 0x40049409
# The number is the same on every architecture; the call is younger than most C libraries.
_SYS_MOUNT_SETATTR = 442
_MNT_DETACH = 2
_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000
_MOUNT_ATTR_RDONLY = 1

_libc = ctypes.CDLL(None, use_errno=True)


class _MountAttributes(ctypes.Structure):
    _fields_ = (
        ("attr_set", ctypes.c_uint64),
        ("attr_clr", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns_fd", ctypes.c_uint64),
    )


def unshare(flags: int) -> None:
    """Give this process namespaces of its own."""
    _need_linux("unshare")
    _check(_libc.unshare(ctypes.c_int(flags)))


def mount(source: str | None, target: str, flags: int) -> None:
    """Bind or change a mount."""
    _need_linux("mount")
    source_bytes = None if source is None else os.fsencode(source)
    _check(_libc.mount(source_bytes, os.fsencode(target), None, ctypes.c_ulong(flags), None), target)


def unmount(target: str) -> None:
    """Take a mount away, as soon as nobody uses it."""
    _need_linux("umount2")
    _check(_libc.umount2(os.fsencode(target), ctypes.c_int(_MNT_DETACH)), target)


def set_read_only_below(target: str) -> None:
    """Make a mount and every mount below it read-only, keeping their other flags (Linux 5.12 and newer)."""
    _need_linux("mount_setattr")
    attributes = _MountAttributes(attr_set=_MOUNT_ATTR_RDONLY)
    result = _libc.syscall(
        ctypes.c_long(_SYS_MOUNT_SETATTR),
        ctypes.c_int(_AT_FDCWD),
        os.fsencode(target),
        ctypes.c_uint(_AT_RECURSIVE),
        ctypes.byref(attributes),
        ctypes.c_size_t(ctypes.sizeof(attributes)),
    )
    _check(result, target)


def enter_mounts(namespace_fd: int) -> None:
    """Give this process the mount namespace that a descriptor stands for."""
    _need_linux("setns")
    _check(_libc.setns(ctypes.c_int(namespace_fd), ctypes.c_int(CLONE_NEWNS)))


def become_subreaper() -> bool:
    """Become the parent of every descendant whose own parent has ended; False where that is unknown."""
    if not IS_LINUX:
        return False
    zero = ctypes.c_ulong(0)
    return bool(_libc.prctl(_PR_SET_CHILD_SUBREAPER, ctypes.c_ulong(1), zero, zero, zero) == 0)


def punch_hole(fd: int, start: int, length: int) -> None:
    """Give the bytes of a range back to the disk; the file keeps its size and reads as zeros there."""
    _need_linux("fallocate")
    if ctypes.sizeof(ctypes.c_long) < 8:  # noqa: PLR2004 - an offset would not fit
        raise OSError(errno.ENOSYS, "fallocate needs 64 bits")
    mode = ctypes.c_int(_FALLOC_KEEP_SIZE_PUNCH_HOLE)
    _check(_libc.fallocate(ctypes.c_int(fd), mode, ctypes.c_int64(start), ctypes.c_int64(length)))


def clone_file(source_fd: int, target_fd: int) -> None:
    """Make a file share the blocks of another until one of them is written (reflink)."""
    _need_linux("FICLONE")
    import fcntl  # noqa: PLC0415 - not on every platform that may import this file

    fcntl.ioctl(target_fd, _FICLONE, source_fd)


def _check(result: int, path: str | None = None) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)


def _need_linux(name: str) -> None:
    if not IS_LINUX:
        raise OSError(errno.ENOSYS, f"{name} exists on Linux only")
