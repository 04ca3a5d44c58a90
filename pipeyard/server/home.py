"""
The folder that holds everything of one server.

In:       a path that may not exist yet.
Out:      a folder of this user's, closed to others; small files written whole or not at all.
Not here: the database (`store/`), datastores (`datastore/`), whether another server has it (`lock.py`).
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from pipeyard.model.errors import NotAllowed
from pipeyard.server.fault import in_words

_OPEN_TO_OTHERS = 0o077


def prepare_home(home: Path) -> Path:
    """Return the home as an absolute path, made and closed to others; raise if it cannot be used."""
    home = home.expanduser().absolute()
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError as problem:
        raise NotAllowed(
            f"the home `{home}` is not a folder",
            code="home-not-writable",
            hint="set PIPEYARD_HOME to a folder that you may write to",
        ) from problem
    except OSError as problem:
        raise in_words(problem, f"the home `{home}` cannot be made") from problem
    try:
        if home.stat().st_mode & _OPEN_TO_OTHERS:
            home.chmod(0o700)
        # Asking for permission is not enough: a full or read-only disk shows only when written to.
        with tempfile.TemporaryFile(dir=home) as file:
            file.write(b"\0")
    except OSError as problem:
        raise in_words(problem, f"the home `{home}` cannot be written") from problem
    return home


def write_whole(path: Path, text: str) -> None:
    """Write a small file that only this user may read, so that readers see the old text or the new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
