"""
`ports.Environments` on this machine: a virtual environment for a pip list, else the server's own Python.

In:       an environment as a step names it.
Out:      folders for PATH, variables, and one plain warning when it is less than what was asked for.
Not here: running anything in it (`compute/`).
"""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

from pipeyard.environment.pip_list import PipList, pip_list_of
from pipeyard.environment.virtual import VirtualEnvironments
from pipeyard.model.component import EnvironmentValue, InlineEnvironment
from pipeyard.ports import PreparedEnvironment

# `environment: local`: the current interpreter is what was asked for.
LOCAL = "local"


class LocalEnvironments:
    """The environments of one home."""

    def __init__(self, home: Path, python: str) -> None:
        """Take the home (its `environments/` is ours) and the interpreter that steps run with."""
        self._python = python
        self._virtual = VirtualEnvironments(home / "environments", python)
        self._lock = threading.Lock()
        self._busy: dict[str, threading.Lock] = {}

    def prepare(self, environment: EnvironmentValue | None) -> PreparedEnvironment:
        """Return an environment, made first if need be. Of several callers one makes it, the others wait."""
        packages = pip_list_of(environment.conda) if isinstance(environment, InlineEnvironment) else None
        if packages is None:
            return self._own(_warning_for(environment))
        with self._only(packages):
            made, problem = self._virtual.make(packages)
        if made is None:
            return self._own(f"the packages of an environment could not be installed ({problem}); {_INSTEAD}")
        return PreparedEnvironment((str(made / "bin"),), {"VIRTUAL_ENV": str(made)})

    def _own(self, warning: str | None) -> PreparedEnvironment:
        # Not resolved: in a virtual environment the link's own folder is the one with its programs.
        return PreparedEnvironment((str(Path(self._python).parent),), {}, warning)

    def _only(self, packages: PipList) -> threading.Lock:
        key = hashlib.sha256(packages.text.encode()).hexdigest()
        with self._lock:
            return self._busy.setdefault(key, threading.Lock())


_INSTEAD = "its steps run in the server's Python"


def _warning_for(environment: EnvironmentValue | None) -> str | None:
    if environment is None or environment == LOCAL:
        return None
    # The same words for every environment, so that a job keeps one warning.
    return "environments with an image or conda packages are not built yet; their steps run in the server's Python"
