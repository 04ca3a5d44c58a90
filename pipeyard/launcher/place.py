"""
Where a home's launcher lives: its folder, socket, lock and description.

In:       a home folder.
Out:      paths, a listening or a connected socket, the lock.
Not here: what is said on the socket (`wire.py`).

Invariant: works for a home path of any length, though a socket's name may have about 100 bytes only.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket

_NAME_BYTES_MAX = 100
# Forgotten staging folders are moved here at once and removed by whoever asked, at leisure.
FORGOTTEN_DIR = ".forgotten"


class LauncherPlace:
    """The paths of one home's launcher."""

    def __init__(self, home: str) -> None:
        self.home = os.path.abspath(home)
        self.folder = os.path.join(self.home, "launcher")
        self.socket = os.path.join(self.folder, "launcher.sock")
        self.lock = os.path.join(self.folder, "launcher.lock")
        # Who serves: pid, start time, protocol version, code digest.
        self.description = os.path.join(self.folder, "launcher.json")
        self.log = os.path.join(self.folder, "launcher.log")
        self.attempts = os.path.join(self.home, "attempts")

    def root_of(self, attempt_id: str) -> str:
        """Return an attempt's staging folder."""
        return os.path.join(self.attempts, attempt_id)

    def prepare(self) -> None:
        """Make the folders, for their owner only."""
        for folder in (self.folder, self.attempts):
            os.makedirs(folder, mode=0o700, exist_ok=True)

    def read_description(self) -> dict[str, object]:
        """Return what the last launcher wrote of itself; empty if there was none."""
        try:
            with open(self.description, encoding="utf-8") as file:
                value = json.load(file)
        except (OSError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}


def set_aside(place: LauncherPlace, attempt_id: str) -> str | None:
    """Move an ended attempt's folder out of the way; return where it is now, None if there was none."""
    folder = os.path.join(place.attempts, FORGOTTEN_DIR)
    target = os.path.join(folder, f"{attempt_id}.{os.getpid()}.{os.urandom(4).hex()}")
    for _ in range(2):
        try:
            os.rename(place.root_of(attempt_id), target)
        except FileNotFoundError:
            os.makedirs(folder, mode=0o700, exist_ok=True)
        else:
            return target
    return None


def take_lock(place: LauncherPlace) -> int | None:
    """Return the held lock as a descriptor, or None if another launcher serves this home."""
    fd = os.open(place.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    return fd


def listen(place: LauncherPlace) -> socket.socket:
    """Return a listening socket that only this user can reach. Call it with the lock held."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(place.socket)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with _short_name(place.socket) as name:
        server.bind(name)
    os.chmod(place.socket, 0o600)
    server.listen(64)
    server.setblocking(False)  # noqa: FBT003 - the standard library's own signature
    return server


def connect(place: LauncherPlace) -> socket.socket:
    """Return a socket to the launcher; raises `OSError` if none answers."""
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short_name(place.socket) as name:
            client.connect(name)
    except OSError:
        client.close()
        raise
    return client


@contextlib.contextmanager
def _short_name(path: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - naming Iterator would cost the launcher an import
    """Give a name for *path* that fits into a socket address, for as long as the block lasts."""
    if len(os.fsencode(path)) <= _NAME_BYTES_MAX:
        yield path
        return
    folder, name = os.path.split(path)
    if os.path.isdir("/proc/self/fd"):
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            yield f"/proc/self/fd/{fd}/{name}"
        finally:
            os.close(fd)
        return
    import tempfile  # noqa: PLC0415 - only for a long path on a system without /proc

    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        link = os.path.join(short, "l")
        os.symlink(folder, link)
        yield os.path.join(link, name)
