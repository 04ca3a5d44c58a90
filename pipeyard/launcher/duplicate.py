"""
Private copies of files and folders.

In:       a source and a target that does not exist yet.
Out:      the copy, and how it was made: `reflink` if every file shares its blocks, else `copy`.
Not here: choosing what to copy (`staging.py`).

Never hard links: a command that writes to its copy would write to the original.
Bits that let a file be executed are kept, and the owner may always write.
"""

from __future__ import annotations

import errno
import os
import stat

from pipeyard.launcher import system
from pipeyard.launcher.refusal import Refusal

_CHUNK_BYTES = 1 << 20
_CANNOT_COPY_RANGE = frozenset(
    {errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EBADF, errno.EPERM, errno.ETXTBSY}
)


def copy_any(source: str, target: str) -> str:
    """Copy a file or a folder; return the way."""
    copier = _Copier(os.path.realpath(source))
    copier.copy(source, target, os.stat(source), rings=())
    return "reflink" if copier.files and copier.files == copier.cloned else "copy"


def copy_into(source: str, folder: str) -> None:
    """Copy what a folder holds, or a single file, into an existing folder."""
    if not os.path.isdir(source):
        copy_any(source, os.path.join(folder, os.path.basename(source)))
        return
    copier = _Copier(os.path.realpath(source))
    copier.copy_entries(source, folder, rings=(_identity(os.stat(source)),))


class _Copier:
    """One copy in progress."""

    def __init__(self, top: str) -> None:
        # Links that stay below this folder are kept as links.
        self._top = top
        self._may_clone = system.IS_LINUX
        self._may_copy_range = hasattr(os, "copy_file_range")
        self.files = 0
        self.cloned = 0

    def copy(self, source: str, target: str, found: os.stat_result, rings: tuple[tuple[int, int], ...]) -> None:
        if stat.S_ISDIR(found.st_mode):
            os.mkdir(target, 0o755)
            self.copy_entries(source, target, (*rings, _identity(found)))
        elif stat.S_ISREG(found.st_mode):
            self._copy_file(source, target)
        else:
            # Reading a pipe would wait for ever.
            raise Refusal("unsupported-file", f"`{source}` is neither a file nor a folder and cannot be copied")

    def copy_entries(self, source: str, target: str, rings: tuple[tuple[int, int], ...]) -> None:
        with os.scandir(source) as entries:
            for entry in list(entries):
                inner = os.path.join(target, entry.name)
                if entry.is_symlink():
                    self._copy_link(entry.path, inner, rings)
                else:
                    self.copy(entry.path, inner, entry.stat(follow_symlinks=False), rings)

    def _copy_link(self, source: str, target: str, rings: tuple[tuple[int, int], ...]) -> None:
        text = os.readlink(source)
        try:
            found = os.stat(source)
        except OSError:
            os.symlink(text, target)  # It leads nowhere, and so does its copy.
            return
        if not text.startswith("/") and _is_below(os.path.realpath(source), self._top):
            os.symlink(text, target)
        elif _identity(found) in rings:
            raise Refusal("unsupported-file", f"`{source}` is a link to a folder that holds it")
        else:
            # What lies outside would not be a private copy if it stayed a link.
            self.copy(source, target, found, rings)

    def _copy_file(self, source: str, target: str) -> None:
        source_fd = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
        try:
            found = os.fstat(source_fd)
            mode = 0o644 | (found.st_mode & 0o111)
            target_fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
            try:
                self._copy_bytes(source_fd, target_fd)
                os.utime(target_fd, ns=(found.st_atime_ns, found.st_mtime_ns))
            except OSError as error:
                raise OSError(error.errno, error.strerror, target) from error
            finally:
                os.close(target_fd)
        finally:
            os.close(source_fd)
        self.files += 1

    def _copy_bytes(self, source_fd: int, target_fd: int) -> None:
        if self._may_clone:
            try:
                system.clone_file(source_fd, target_fd)
            except OSError:
                self._may_clone = False  # Of this tree; asking again for each file would only cost time.
            else:
                self.cloned += 1
                return
        if not (self._may_copy_range and self._copy_range(source_fd, target_fd)):
            while data := os.read(source_fd, _CHUNK_BYTES):
                while data:
                    data = data[os.write(target_fd, data) :]

    def _copy_range(self, source_fd: int, target_fd: int) -> bool:
        # In the kernel; False if it cannot, with both files where they were.
        copied = 0
        while True:
            try:
                count = os.copy_file_range(source_fd, target_fd, 1 << 30)
            except OSError as error:
                if copied == 0 and error.errno in _CANNOT_COPY_RANGE:
                    self._may_copy_range = False
                    return False
                raise
            if count == 0:
                # Some file systems answer 0 for files that are not empty; then it must be read.
                return copied > 0 or os.fstat(source_fd).st_size == 0
            copied += count


def _identity(found: os.stat_result) -> tuple[int, int]:
    return (found.st_dev, found.st_ino)


def _is_below(path: str, top: str) -> bool:
    return path == top or path.startswith(top.rstrip("/") + "/")
