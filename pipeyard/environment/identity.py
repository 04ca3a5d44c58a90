"""
What of an environment a step's results may depend on.

In:       how an environment is made here.
Out:      its identity, for reuse: parts to compare, and their digest.
Not here: choosing (`resolve.py`), which packages an interpreter has (`installed.py`).

Not the same as the plan's digest, which says what has to be made again: another path of the
same Python, or docker in place of podman, changes no result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pipeyard.environment.conda_file import CondaFile
from pipeyard.environment.strategy import (
    Choice,
    CondaPrefix,
    InContainer,
    OwnPython,
    PipPrefix,
    Strategy,
    digest_of,
)
from pipeyard.model.reuse import EnvironmentIdentity


def identity_of(choice: Choice, packages: Callable[[str], Sequence[str]]) -> EnvironmentIdentity:
    """Return who an environment is; *packages* are those of an interpreter, by its path."""
    if choice.strategy is None:
        parts: Mapping[str, Any] = {"kind": "refused", **choice.source}
    else:
        parts = {name: value for name, value in _parts(choice.strategy, packages).items() if value}
    return EnvironmentIdentity(digest_of(parts), parts)


def _parts(strategy: Strategy, packages: Callable[[str], Sequence[str]]) -> dict[str, Any]:
    if isinstance(strategy, OwnPython):
        return {"kind": "python", "python": strategy.version, "installed": list(packages(strategy.python))}
    if isinstance(strategy, PipPrefix):
        return {
            "kind": "pip",
            "python": strategy.version,
            "pip": list(strategy.requirements),
            "variables": dict(strategy.variables),
        }
    if isinstance(strategy, CondaPrefix):
        return {"kind": "conda", **_conda(strategy.file)}
    assert isinstance(strategy, InContainer)
    return {
        "kind": "container",
        "image": strategy.image,
        "build": strategy.build,
        "dockerfile": strategy.dockerfile if strategy.build else None,
        **({} if strategy.conda is None else _conda(strategy.conda)),
    }


def _conda(file: CondaFile) -> dict[str, Any]:
    kept = asdict(file)
    return {
        "channels": list(kept["channels"]),
        "python": kept["python"],
        "conda": [*kept["packages"], *kept["given"]],
        "pip": list(kept["requirements"]),
        "variables": dict(kept["variables"]),
    }
