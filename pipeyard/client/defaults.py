"""
What is used where a flag is not given: for now, the workspace.

In:       the environment, and a small file in the home.
Out:      names.
Not here: the flags themselves (`cli/`), what becomes of a name that no workspace has (`cli/connection.py`).

The flag wins over the variable, the variable over the file. The file lies in the home,
because the workspaces of one home are not those of another.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from pipeyard.client.home import home_path
from pipeyard.model.default import DEFAULT_WORKSPACE
from pipeyard.model.errors import OutsideError, UserError

WORKSPACE_VARIABLE = "PIPEYARD_WORKSPACE"
_FILE = "defaults.json"


def defaults_file() -> Path:
    """Return where defaults are kept, whether or not the file exists."""
    return home_path() / _FILE


def read_defaults() -> dict[str, str]:
    """Return what was set; nothing when nothing was."""
    place = defaults_file()
    try:
        value = json.loads(place.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise OutsideError(f"`{place}` cannot be read: {error.strerror}", code="defaults-unreadable") from error
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise UserError(
            f"`{place}` does not hold defaults",
            code="defaults-unreadable",
            hint="delete the file and set them again: pipeyard configure --defaults workspace=NAME",
        )
    return {str(key): str(item) for key, item in value.items()}


def write_defaults(changes: Mapping[str, str]) -> dict[str, str]:
    """Change defaults and return all that are set now; an empty text takes one away."""
    known = {key: value for key, value in {**read_defaults(), **changes}.items() if value}
    place = defaults_file()
    scratch = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        # The home may not be there yet, and stays closed to others when a server comes to it.
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        scratch.write_text(json.dumps(known, ensure_ascii=False, indent=2, sort_keys=True) + "\n", "utf-8")
        scratch.replace(place)
    except OSError as error:
        raise OutsideError(f"`{place}` cannot be written: {error.strerror}", code="defaults-unwritable") from error
    return known


def workspace_name(given: str | None) -> str:
    """Return the workspace to work in: as *given*, else from the environment, else as set, else `default`."""
    return given or os.environ.get(WORKSPACE_VARIABLE) or read_defaults().get("workspace") or DEFAULT_WORKSPACE
