"""
What `job run-step` leaves on this machine: folders that were kept, and those of callers who were killed.

In:       the home.
Out:      each folder, and whether somebody is at it; one removed.
Not here: which are old enough (`service/tidy.py`), making them (`client/rehearse.py`).

Invariant: a folder goes only while its lock is ours and no process has it for its own.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeyard.compute.local.remove import remove_tree, tree_bytes
from pipeyard.launcher import process
from pipeyard.model.tidy import Leftover

# Below the home.
FOLDER = "rehearsals"
# Held by the caller and its helper for as long as one of them lives; taken away from what is kept on purpose.
_LOCK = "lock"


class LocalLeftovers:
    """Folders of scratch attempts in one home."""

    def __init__(self, home: Path) -> None:
        """Look below *home*."""
        self._folder = home / FOLDER

    def left(self) -> Sequence[Leftover]:
        """Return those that are still there."""
        try:
            folders = sorted(path for path in self._folder.iterdir() if path.is_dir() and not path.is_symlink())
        except OSError:
            return ()
        busy = _places_in_use() if folders else set()
        found = []
        for folder in folders:
            with suppress(OSError):  # Its caller may have come to its end.
                changed_at_ms = int(folder.stat().st_mtime * 1000)
                with _lock_of(folder) as is_ours:
                    is_in_use = not is_ours or _is_at(folder, busy)
                found.append(Leftover(folder.name, tree_bytes(str(folder)), changed_at_ms, is_in_use))
        return found

    def forget(self, name: str) -> bool:
        """Remove one, unless somebody is at it; return whether it is gone."""
        folder = self._folder / name
        with _lock_of(folder) as is_ours:
            if not is_ours or _is_at(folder, _places_in_use()):
                return False
            remove_tree(folder)
        return not folder.exists()


@contextmanager
def _lock_of(folder: Path) -> Iterator[bool]:
    """Hold the lock of a folder for a moment, if it has one; yield False when somebody else has it."""
    try:
        file = (folder / _LOCK).open("r")
    except FileNotFoundError:
        yield True
        return
    except OSError:
        yield False
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def _places_in_use() -> set[str]:
    """Return staging folders that processes were given, and folders in which processes are."""
    found = set()
    for pid in process.all_processes():
        root = process.attempt_root_of(pid)
        if root is not None and process.start_ticks(pid) is not None:
            found.add(root)
        with suppress(OSError):
            found.add(str(Path(f"/proc/{pid}/cwd").readlink()))
    return found


def _is_at(folder: Path, places: set[str]) -> bool:
    own = {str(folder), os.path.realpath(folder)}
    return any(place == one or place.startswith(f"{one}/") for one in own for place in places)
