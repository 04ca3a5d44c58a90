"""
Data in place: bound into a private mount namespace, read-only where it must be.

In:       a source and a target below the staging folder.
Out:      a bind mount that only this process and its children see.
Not here: what to do where the system forbids it (`guard.py`).

Runs in a forked child only: a namespace cannot be left again.
"""

from __future__ import annotations

import contextlib
import os
import re

from pipeyard.launcher import system

# How a namespace may be had: as root; by a user namespace of one's own; not at all.
ROOT, USER, NONE = "root", "user", "none"
# Flags that a remount must repeat, as `statvfs` names them and as `mount` does. Leaving
# one out would ask to lift it, which a user namespace forbids.
_KEPT_FLAGS = {
    os.ST_NOSUID: 2,
    getattr(os, "ST_NODEV", 4): 4,
    getattr(os, "ST_NOEXEC", 8): 8,
    getattr(os, "ST_NOATIME", 1024): 1024,
    getattr(os, "ST_NODIRATIME", 2048): 2048,
    getattr(os, "ST_RELATIME", 4096): 1 << 21,
}


def probe(folder: str) -> str:
    """Return how namespaces may be had here, by trying on an existing folder in a child."""
    if not system.IS_LINUX:
        return NONE
    for way in (ROOT, USER):
        pid = os.fork()
        if pid == 0:
            os._exit(_try(way, folder))
        if os.waitpid(pid, 0)[1] == 0:
            return way
    return NONE


def enter_namespace(way: str) -> None:
    """Give this process a mount namespace; nothing mounted in it reaches the rest of the machine."""
    if way == USER:
        user, group = os.geteuid(), os.getegid()
        system.unshare(system.CLONE_NEWUSER | system.CLONE_NEWNS)
        # The same numbers inside: the command is still itself, and loses its new powers when it is executed.
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{user} {user} 1")
        _write("/proc/self/gid_map", f"{group} {group} 1")
    else:
        system.unshare(system.CLONE_NEWNS)
    # Slave, not private: a disk that is unmounted outside must not stay busy in here.
    system.mount(None, "/", system.MS_REC | system.MS_SLAVE)


def bind(source: str, target: str, *, is_read_only: bool) -> None:
    """Show *source* at *target*, with everything mounted below it."""
    make_mount_point(source, target)
    # Recursive: in a user namespace part of a tree of mounts may not be shown without the rest.
    system.mount(source, target, system.MS_BIND | system.MS_REC)
    if is_read_only:
        _set_read_only(target)


def unbind_only(target: str) -> None:
    """Take a bind away again, and leave what is below it; nothing is mounted: no error."""
    with contextlib.suppress(OSError):
        system.unmount(target)


def unbind(target: str) -> None:
    """Take a bind away again, with its mount point, as far as it got."""
    unbind_only(target)
    with contextlib.suppress(FileNotFoundError):  # It was not made.
        (os.rmdir if os.path.isdir(target) else os.unlink)(target)


def _set_read_only(target: str) -> None:
    try:
        system.set_read_only_below(target)
    except OSError:
        # An older kernel, or a filter that does not know the newer call.
        for path in _mounts_below(target):
            flags = os.statvfs(path).f_flag
            kept = sum(mount_flag for stat_flag, mount_flag in _KEPT_FLAGS.items() if flags & stat_flag)
            system.mount(None, path, system.MS_REMOUNT | system.MS_BIND | system.MS_RDONLY | kept)


def _mounts_below(target: str) -> list[str]:
    top = os.path.realpath(target)
    with open("/proc/self/mountinfo", "rb") as file:
        points = [_unescape(line.split()[4]) for line in file]
    return [point for point in points if point == top or point.startswith(top + "/")]


def _unescape(text: bytes) -> str:
    # Blanks and line ends are written as `\040`.
    return os.fsdecode(re.sub(rb"\\([0-7]{3})", lambda match: bytes([int(match[1], 8)]), text))


def make_mount_point(source: str, target: str) -> None:
    """Make a folder or an empty file for a bind to cover."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        try:
            fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        os.close(fd)


def _try(way: str, folder: str) -> int:
    try:
        enter_namespace(way)
        bind(folder, folder, is_read_only=True)
    except OSError:
        return 1
    return 0 if os.statvfs(folder).f_flag & os.ST_RDONLY else 1


def _write(path: str, text: str) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, text.encode())
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from error
    finally:
        os.close(fd)
