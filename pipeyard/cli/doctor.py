"""
`pipeyard doctor`: what a bug report needs.

In:       this machine, the home, and the server if one runs.
Out:      facts, and findings that somebody should act on. Nothing secret.
Not here: mending anything.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pipeyard import API_VERSION, __version__
from pipeyard.cli import notice
from pipeyard.cli.command import command
from pipeyard.cli.connection import chosen_workspace, connected_if_running
from pipeyard.cli.server_verbs import server_problems
from pipeyard.client.defaults import defaults_file
from pipeyard.client.home import HOME_VARIABLE, cache_path, home_path
from pipeyard.client.workspace import Workspace
from pipeyard.model.errors import PipeyardError

_LIBRARIES = ("click", "fastapi", "jmespath", "pathspec", "pyyaml", "rich", "sqlalchemy", "starlette", "uv", "uvicorn")


@command(
    "doctor",
    short_help="Print what a bug report needs.",
    help="Print what a bug report needs: versions, the home, the server, and anything that looks wrong. "
    "Starts nothing and prints no secret.",
    examples=(
        ("For a report:", "pipeyard doctor -o yaml"),
        ("Only what looks wrong:", "pipeyard doctor --query findings -o tsv"),
    ),
)
def doctor() -> None:
    """Print facts and findings."""
    home = home_path()
    workspace = connected_if_running()
    server = _server(workspace)
    notice.show(
        {
            "pipeyard": __version__,
            "api_version": API_VERSION,
            "python": {"version": platform.python_version(), "executable": sys.executable},
            "system": {
                "platform": platform.platform(),
                "cpus": os.cpu_count(),
                "locale": sys.stdout.encoding,
                "git": shutil.which("git"),
                "bash": shutil.which("bash"),
            },
            "libraries": {name: _version_of(name) for name in _LIBRARIES},
            "libyaml": _has_libyaml(),
            "home": {
                "path": str(home),
                "from_environment": HOME_VARIABLE in os.environ,
                "exists": home.is_dir(),
                "free_bytes": _free_bytes(home),
            },
            "cache": str(cache_path()),
            "defaults": {"file": str(defaults_file()), "workspace": chosen_workspace()},
            "server": server,
            "findings": list(_findings(home, server)),
        }
    )


def _server(workspace: Workspace | None) -> Mapping[str, Any] | None:
    if workspace is None:
        return None
    try:
        health: Mapping[str, Any] = workspace.health()
    except PipeyardError as error:
        return {"error": error.message}
    return health


def _version_of(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _has_libyaml() -> bool:
    # Imported here: only this command asks.
    import yaml  # noqa: PLC0415

    return hasattr(yaml, "CSafeLoader")


def _free_bytes(home: Path) -> int | None:
    for folder in (home, *home.parents):
        if folder.exists():
            return shutil.disk_usage(folder).free
    return None


def _is_writable(home: Path) -> bool:
    """Return whether the home, or the folder that it would be made in, takes files."""
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    return there.is_dir() and os.access(there, os.W_OK)


_FREE_BYTES_MIN = 1_000_000_000
_PRIVATE = 0o077


def _findings(home: Path, server: Mapping[str, Any] | None) -> Iterator[str]:
    if not _has_libyaml():
        yield "PyYAML was built without libyaml: reading large files is slow"
    if not _is_writable(home):
        yield f"the home `{home}` cannot be written"
    if home.exists() and home.stat().st_mode & _PRIVATE:
        yield f"the home `{home}` can be read by others: chmod 700 it"
    free = _free_bytes(home)
    if free is not None and free < _FREE_BYTES_MIN:
        yield f"less than 1 GB is free where the home `{home}` is"
    if shutil.which("bash") is None:
        yield "there is no bash: steps cannot run"
    yield from server_problems(server or {})
    if server is not None and server.get("version") not in {None, __version__}:
        yield f"the running server is version {server['version']}, this command line is {__version__}"
