"""
Where this user's server keeps everything, and what it says of itself there.

In:       the environment (`PIPEYARD_HOME`) and small files in the home.
Out:      paths, a `ServerNote`, the token.
Not here: starting a server (`server.py`), making the home's folders (the server does).
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from pipeyard.model.errors import NotAllowed, OutsideError
from pipeyard.model.value import dataclass

HOME_VARIABLE = "PIPEYARD_HOME"


@dataclass(frozen=True, slots=True)
class ServerNote:
    """What `server.json` says: who serves this home and where."""

    pid: int
    port: int
    version: str
    api_version: int
    started_at: str | None = None


def home_path() -> Path:
    """Return the absolute path of the home, whether or not it exists."""
    chosen = os.environ.get(HOME_VARIABLE)
    if chosen:
        return Path(os.path.abspath(os.path.expanduser(chosen)))  # noqa: PTH100, PTH111 - keeps symlinks as typed.
    # Imported here because every test and every server sets the variable.
    from platformdirs import user_data_path  # noqa: PLC0415

    return user_data_path("pipeyard", appauthor=False)


def cache_path() -> Path:
    """Return the folder for what may be deleted at any time."""
    from platformdirs import user_cache_path  # noqa: PLC0415 - only hashing needs it.

    return user_cache_path("pipeyard", appauthor=False)


def read_server_note(home: Path) -> ServerNote | None:
    """Return what the last server wrote, or None; it may have died since."""
    try:
        text = (home / "server.json").read_text("utf-8")
        value = json.loads(text)
        return ServerNote(
            pid=int(value["pid"]),
            port=int(value["port"]),
            version=str(value["version"]),
            api_version=int(value["api_version"]),
            started_at=value.get("started_at"),
        )
    except PermissionError as error:
        raise _unreadable(home, error) from error
    except (OSError, ValueError, KeyError, TypeError):
        # Absent, or half written by a server that was killed: nobody serves this home.
        return None


def read_token(home: Path) -> str:
    """Return the token that the home's server asks for."""
    try:
        return (home / "token").read_text("utf-8").strip()
    except PermissionError as error:
        raise _unreadable(home, error) from error
    except OSError as error:
        raise OutsideError(
            f"the server's token in `{home}` cannot be read: {error.strerror}",
            code="no-token",
            hint="stop the server and start it again: pipeyard server stop; pipeyard server start",
        ) from error


def _unreadable(home: Path, error: OSError) -> NotAllowed:
    return NotAllowed(
        f"the home `{home}` belongs to somebody else: {error.strerror}",
        code="home-not-readable",
        hint=f"set {HOME_VARIABLE} to a folder of your own",
    )
