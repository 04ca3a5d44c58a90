"""
The Python of whoever types the command: what `environment: local` means.

In:       the trees of a job; PATH.
Out:      an absolute path, asked for only where some step needs it.
Not here: running steps with it (`environment/` of the server).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_NAMES = ("python", "python3")
_ASK = "import sys; print(sys.executable)"
_ASK_SECONDS = 5.0
# How a program begins on Linux; a script, and a program of another system, is asked.
_ELF = b"\x7fELF"
_PROGRAM_NAME = re.compile(r"python[0-9.]*")


def own_python(*trees: Any) -> str | None:
    """Return the interpreter that `python` is here; None when there is none, or no step says `environment: local`."""
    if not any(_names_local(tree) for tree in trees):
        return None
    for name in _NAMES:
        found = shutil.which(name)
        real = None if found is None else found if _is_itself(found) else _asked(found)
        if real:
            return real
    return None


def _is_itself(python: str) -> bool:
    """Return whether this is an interpreter, not a version manager's stand-in that chooses one by the folder."""
    real = Path(python).resolve()
    if not _PROGRAM_NAME.fullmatch(real.name):
        return False
    try:
        with real.open("rb") as file:
            return file.read(len(_ELF)) == _ELF
    except OSError:
        return False


def _asked(python: str) -> str | None:
    # Imported here: most interpreters are seen to be one.
    import subprocess  # noqa: PLC0415

    try:
        done = subprocess.run(
            [python, "-c", _ASK],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_ASK_SECONDS,
            check=True,
            text=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


def _names_local(tree: Any) -> bool:
    if isinstance(tree, Mapping):
        if tree.get("environment") == "local" or _runs_spark(tree):
            return True
        return any(_names_local(value) for value in tree.values())
    return isinstance(tree, list | tuple) and any(_names_local(value) for value in tree)


def _runs_spark(tree: Mapping[str, Any]) -> bool:
    # Without an environment of its own a Spark step runs with the pyspark that is here.
    return str(tree.get("type")).lower() == "spark" and not tree.get("environment")
