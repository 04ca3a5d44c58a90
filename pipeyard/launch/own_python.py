"""
Commands that install packages, and the Python of their own that they get for it.

In:       a command as it is written, and as it is run.
Out:      whether it installs; the command that first changes to a Python of its own.
Not here: making that (`pipeyard/drivers/own_python.py`).
"""

from __future__ import annotations

import re

from pipeyard.launch.shell_text import ShellReader

PROGRAM = "own_python.py"
_FOLDER = "own_python"
# `pip install`, `pip3 -q install`, `python -m pip install`; not a word of a longer name.
_INSTALL = re.compile(r"(?<![\w./-])(?:pip[\d.]*|\S*/pip[\d.]*)(?:[ \t]+-[^\s;|&]+)*[ \t]+install(?![\w-])")


def installs(command: str) -> bool:
    """Return whether a command installs packages by pip."""
    return _INSTALL.search(command) is not None


def with_own_python(command: str, root: str) -> str:
    """Return what `bash -c` runs; where no Python can be had, the command runs as it is."""
    reader = ShellReader()
    program, folder = reader.spell(f"{root}/{PROGRAM}"), reader.spell(f"{root}/{_FOLDER}")
    return f'eval "$("$(command -v python || command -v python3)" {program} {folder})"\n{command}'
