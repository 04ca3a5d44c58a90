"""
One server per home.

The lock is the kernel's, on an open file: it ends with the process however that
ends, so a stale lock cannot be left behind.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from pipeyard.model.errors import Conflict
from pipeyard.server.fault import in_words

IN_USE = "home-in-use"


class HomeLock:
    """The right to serve a home, held until it is closed or the process ends."""

    def __init__(self, home: Path) -> None:
        """Take the lock, or raise `Conflict` naming who has it."""
        self._path = home / "server.lock"
        try:
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as problem:
            raise in_words(problem, f"`{self._path}` cannot be opened") from problem
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            holder = os.read(self._handle, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(self._handle)
            raise Conflict(
                f"another server (process {holder}) serves the home `{home}`",
                code=IN_USE,
                hint="to stop it: pipeyard server stop; or set PIPEYARD_HOME to another folder",
            ) from problem
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, f"{os.getpid()}\n".encode(), 0)

    def close(self) -> None:
        """Let another server have the home."""
        os.close(self._handle)
