"""
The user's key to the server, kept in the home so that links and scripts survive a restart.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from pipeyard.server.fault import in_words
from pipeyard.server.home import write_whole

_LENGTH_MIN = 32


def load_token(home: Path) -> str:
    """Return the home's token, made at first use; only the user may read the file."""
    path = home / "token"
    try:
        if path.exists():
            path.chmod(0o600)
            text = path.read_text("utf-8").strip()
            # A file that was emptied or cut short would let anybody in who guesses it.
            if len(text) >= _LENGTH_MIN:
                return text
        text = secrets.token_urlsafe(32)
        write_whole(path, f"{text}{os.linesep}")
    except OSError as problem:
        raise in_words(problem, f"the token `{path}` cannot be kept") from problem
    return text
