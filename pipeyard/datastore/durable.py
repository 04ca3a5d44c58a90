"""
Make what was written survive a power cut, and change names in one step.

In:       paths.
Out:      nothing; when a function returns, its effect is on disk.
Not here: what to write where (`publish.py`, `receive.py`).
"""

from __future__ import annotations

import ctypes
import errno
import functools
import hashlib
import os
import shutil
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pipeyard.datastore.place import RESERVED_PREFIX

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_IN_THE_WAY = frozenset({errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR, errno.EISDIR})


def sync_file(path: str | Path) -> None:
    """Write a file's bytes to disk."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(path: str | Path) -> None:
    """Write a folder's names to disk. A file system that cannot do that for folders keeps them by itself."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError as problem:
        if problem.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def make_folders(path: Path) -> None:
    """Make a folder and those above it, durably; what exists stays as it is."""
    for folder in begin_folders(path):
        sync_folder(folder)


def begin_folders(path: Path) -> list[Path]:
    """
    Make a folder and those above it; return the folders that are to be synchronised for it to last.

    Whoever writes to disk next anyway does that afterwards: a journaling file system then
    writes all of it at once, and has nothing left to do for them.
    """
    missing = []
    while not path.is_dir():
        missing.append(path)
        path = path.parent
    for folder in reversed(missing):
        with suppress(FileExistsError):
            # Another worker may make the same parents.
            folder.mkdir()
    return [folder.parent for folder in reversed(missing)]


def write_file(path: Path, data: bytes) -> None:
    """Write a small file so that it is there whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    sync_folder(path.parent)


@functools.cache
def _renameat2() -> Callable[..., int] | None:
    """Return the C library's function; None where there is none (macOS, an old C library)."""
    if sys.platform != "linux":
        return None
    return getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)


def exchange(one: Path, other: Path) -> bool:
    """Give each of two existing files or folders the other's name, in one step; False if the system cannot."""
    call = _renameat2()
    if call is None:
        return False
    if call(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), os.fspath(other))


def near(target: Path) -> Path:
    """Return a name of our own beside *target*, the same in every process, short whatever the target's length."""
    key = hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]
    return target.with_name(f"{RESERVED_PREFIX}new-{key}")


def take_name(source: Path, target: Path) -> None:
    """
    Rename *source* to *target* in one step, whatever had that name until now, which is removed.

    On the same file system only; a caller makes it durable with `sync_folder`.
    """
    try:
        source.replace(target)
    except OSError as problem:
        if problem.errno not in _IN_THE_WAY:
            raise
        if exchange(source, target):
            # What has the old name now is what was in the way.
            remove(source)
            return
        remove(target)
        source.replace(target)


def remove(path: Path) -> None:
    """Remove a file or a whole folder, folders without write permission included; nothing there is no error."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    try:
        shutil.rmtree(path)
    except PermissionError:
        path.chmod(stat.S_IRWXU)
        for folder, names, _ in os.walk(path):
            for name in names:
                below = Path(folder, name)
                if not below.is_symlink():
                    below.chmod(stat.S_IRWXU)
        shutil.rmtree(path)
