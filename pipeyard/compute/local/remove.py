"""
Removing staging folders, whatever a command has left in them.

In:       a folder.
Out:      nothing of it is left.
Not here: deciding that it may go (`compute.py`).

Links are removed, never followed: they may lead to the user's data.
"""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path


def remove_tree(folder: Path) -> None:
    """Remove a folder and everything in it, also what is not writable. A missing one is no error."""
    try:
        _remove(str(folder))
    except FileNotFoundError:
        # It was not there, or somebody else removes it too and was faster somewhere in it.
        shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        # Without permission somewhere, or something was added meanwhile.
        with suppress(OSError):
            _permit(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _remove(folder: str) -> None:
    # `shutil.rmtree` guards against others who swap folders for links meanwhile. Nobody else
    # can enter a staging folder, and its own processes are gone; this takes a third of the time.
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                _remove(entry.path)
            else:
                os.unlink(entry.path)  # noqa: PTH108 (text, not paths)
    os.rmdir(folder)  # noqa: PTH106 (as above)


def _permit(folder: Path) -> None:
    # Entries can be removed from folders that their owner may read, write and search.
    folders = [folder]
    while folders:
        present = folders.pop()
        if stat.S_IMODE(present.lstat().st_mode) & stat.S_IRWXU != stat.S_IRWXU:
            present.chmod(stat.S_IRWXU)
        with os.scandir(present) as entries:
            folders.extend(Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False))


def tree_bytes(folder: str) -> int:
    """Return the bytes of all files below a folder, as far as it can be looked into."""
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                size += os.lstat(f"{place}/{name}").st_size
    return size
