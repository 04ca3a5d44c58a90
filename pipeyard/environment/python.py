"""
The Python interpreters of this machine.

In:       the usual places: PATH, pyenv, uv's own, and what a person has set.
Out:      interpreters that virtual environments can be made with.
Not here: choosing one (`means.py`).

uv looks too, but stops at the first link that pyenv made for a version that is not
active, and takes most of a second to list what there is.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from pipeyard.environment.means import Interpreter

# uv makes no environments for older ones.
_OLDEST = (3, 7)
_ASK = "import sys; print('%d.%d.%d' % sys.version_info[:3])"
_ASK_SECONDS = 5.0
_NAME = re.compile(r"python3\.\d+\Z")
_IN_FOLDER = re.compile(r"(?:cpython-)?(\d+)\.(\d+)\.(\d+)(?:-.*)?\Z")


class Interpreters:
    """What was found once is not looked for again; what comes later is seen by the next server."""

    def __init__(self, environment: Mapping[str, str], extra: Iterable[str] = ()) -> None:
        """Look where *environment* points, and at *extra* paths first."""
        self._environment = environment
        self._extra = tuple(extra)
        self._lock = threading.Lock()
        self._found: tuple[Interpreter, ...] | None = None
        self._asked: dict[str, Interpreter | None] = {}

    def all(self) -> tuple[Interpreter, ...]:
        """Return every interpreter, one for each file."""
        with self._lock:
            if self._found is None:
                self._found = tuple(self._look())
            return self._found

    def one(self, path: str) -> Interpreter | None:
        """Return what a path is; None when it is no Python."""
        if path == sys.executable:
            return Interpreter(path, tuple(sys.version_info[:3]))
        key = f"{path}\0{_stamp(path)}"
        if key not in self._asked:
            self._asked[key] = _ask(path)
        return self._asked[key]

    def _look(self) -> Iterator[Interpreter]:
        seen: set[str] = set()
        paths = []
        for path in self._candidates():
            real = os.path.realpath(path)
            if real not in seen and os.access(real, os.X_OK):
                seen.add(real)
                paths.append(path)
        with ThreadPoolExecutor(8, "pipeyard-python") as threads:
            for found in threads.map(_known_or_asked, paths):
                if found is not None and found.version >= _OLDEST:
                    yield found

    def _candidates(self) -> Iterator[str]:
        yield from self._extra
        home = Path(self._environment.get("HOME") or Path.home())
        pyenv = Path(self._environment.get("PYENV_ROOT") or home / ".pyenv")
        data = Path(self._environment.get("XDG_DATA_HOME") or home / ".local/share")
        uv = Path(self._environment.get("UV_PYTHON_INSTALL_DIR") or data / "uv/python")
        for root in (pyenv / "versions", uv):
            with suppress(OSError):
                for folder in sorted(root.iterdir()):
                    yield str(folder / "bin" / "python3")
        for place in (self._environment.get("PATH") or "").split(os.pathsep):
            # Those of pyenv are links to a program of its own, which may refuse.
            if place and Path(place).name != "shims":
                yield from _in_folder(place)
        for place in ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"):
            yield from _in_folder(place)


def _in_folder(place: str) -> Iterator[str]:
    with suppress(OSError):
        yield from (str(path) for path in sorted(Path(place).iterdir()) if _NAME.match(path.name))


def _known_or_asked(path: str) -> Interpreter | None:
    """Return what an interpreter is, from the name of its folder if that says it."""
    match = _IN_FOLDER.match(Path(path).parent.parent.name)
    if match is not None:
        return Interpreter(path, (int(match[1]), int(match[2]), int(match[3])))
    return _ask(path)


def _ask(path: str) -> Interpreter | None:
    try:
        done = subprocess.run(
            [path, "-I", "-S", "-c", _ASK],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_ASK_SECONDS,
            check=True,
            text=True,
        )
        return Interpreter(path, tuple(int(part) for part in done.stdout.strip().split(".")))
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def _stamp(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116 - as cheap as can be
    except OSError:
        return 0
