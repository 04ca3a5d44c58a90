"""
`server.json`: who serves this home and where, for the command line.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from pipeyard import API_VERSION, __version__
from pipeyard.server.home import write_whole

_NAME = "server.json"


def write_note(home: Path, *, port: int, started_at: str) -> None:
    """Say that this process serves the home."""
    note = {
        "pid": os.getpid(),
        "start_time": process_start(),
        "port": port,
        "version": __version__,
        "api_version": API_VERSION,
        "started_at": started_at,
    }
    write_whole(home / _NAME, json.dumps(note, indent=2) + "\n")


def remove_note(home: Path) -> None:
    """Take the note back, unless somebody else has written another one meanwhile."""
    with suppress(OSError, ValueError, KeyError):
        if json.loads((home / _NAME).read_text("utf-8"))["pid"] == os.getpid():
            (home / _NAME).unlink()


def process_start() -> int | None:
    """Return when this process began, in the kernel's ticks: with the pid it is unique until the machine restarts."""
    with suppress(OSError, ValueError, IndexError):
        # The name in brackets may hold blanks and brackets itself.
        return int(Path("/proc/self/stat").read_text("utf-8").rpartition(")")[2].split()[19])
    return None
