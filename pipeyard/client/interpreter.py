"""
The Python of whoever types the command: what `environment: local` means.

In:       the trees of a job; PATH.
Out:      an absolute path, asked for only where some step needs it.
Not here: running steps with it (`environment/` of the server).
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

_NAMES = ("python", "python3")
_ASK = "import sys; print(sys.executable)"
_ASK_SECONDS = 5.0


def own_python(*trees: Any) -> str | None:
    """Return the interpreter that `python` is here; None when there is none, or no step says `environment: local`."""
    if not any(_names_local(tree) for tree in trees):
        return None
    for name in _NAMES:
        found = shutil.which(name)
        # What is found may be a link of a version manager, which depends on the folder.
        real = None if found is None else _asked(found)
        if real:
            return real
    return None


def _asked(python: str) -> str | None:
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
        return tree.get("environment") == "local" or any(_names_local(value) for value in tree.values())
    return isinstance(tree, list | tuple) and any(_names_local(value) for value in tree)
