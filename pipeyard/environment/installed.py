"""
Which packages an interpreter finds.

In:       absolute paths of interpreters.
Out:      `name==version` of each, sorted.
Not here: what a virtual environment of ours has: that is its lock (`store.py`).

Names of folders are read, no metadata: what two hundred packages are is known in a
millisecond, and again in some microseconds while no folder has changed. A package that is
installed as a link to somebody's folder counts by its version alone.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress

from pipeyard.model.value import dataclass

_ASK = "import json, sys; print(json.dumps([path for path in sys.path if path]))"
_ASK_SECONDS = 10.0
_FOLDER = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+?)(?:-py\d.*)?\.(?:dist|egg)-info\Z")
_NOT_INHERITED = ("PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE")
# How a name is written does not matter (PEP 503).
_SEPARATORS = re.compile(r"[-_.]+")


@dataclass(frozen=True, slots=True)
class _Seen:
    stamps: tuple[int, ...]
    packages: tuple[str, ...]


class Installed:
    """What interpreters find. May be used by several threads."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Ask interpreters in *environment*, but for what says where Python finds more: no step inherits that."""
        self._is_plain = not any(name in environment for name in _NOT_INHERITED)
        self._environment = {name: value for name, value in environment.items() if name not in _NOT_INHERITED}
        self._lock = threading.Lock()
        self._paths: dict[tuple[str, int], tuple[str, ...]] = {}
        self._seen: dict[str, _Seen] = {}

    def packages(self, python: str) -> tuple[str, ...]:
        """Return the packages of an interpreter; none of one that does not run."""
        with self._lock:
            places = self._places(python)
            stamps = tuple(map(_stamp, places))
            seen = self._seen.get(python)
            if seen is None or seen.stamps != stamps:
                seen = self._seen[python] = _Seen(stamps, _packages(places))
            return seen.packages

    def _places(self, python: str) -> tuple[str, ...]:
        key = (python, _stamp(python))
        if key not in self._paths:
            if python == sys.executable and self._is_plain:
                self._paths[key] = tuple(path for path in sys.path if path)
            else:
                self._paths[key] = _ask(python, self._environment)
        return self._paths[key]


def _ask(python: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    try:
        done = subprocess.run(
            [python, "-c", _ASK],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_ASK_SECONDS,
            check=True,
            # Not the folder that the server stands in.
            cwd="/",
            env=environment or None,
        )
        return tuple(path for path in json.loads(done.stdout) if path != "/")
    except (OSError, ValueError, subprocess.SubprocessError):
        return ()


def _packages(places: Sequence[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for place in places:
        names: list[str] = []
        with suppress(OSError):
            names = os.listdir(place)  # noqa: PTH208 - text; two hundred of them
        for name in names:
            match = _FOLDER.match(name)
            if match is not None:
                # The first one on the path is the one that is imported.
                found.setdefault(_SEPARATORS.sub("-", match["name"]).lower(), match["version"])
    return tuple(f"{name}=={found[name]}" for name in sorted(found))


def _stamp(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116 - as cheap as can be
    except OSError:
        return 0
