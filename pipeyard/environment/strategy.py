"""
Ways to get something to run in, as plain data.

In:       made by `resolve.py`.
Out:      a digest: equal ones are the same environment, made once.
Not here: doing any of it (`uv.py`, `conda.py`, `container*.py`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, field
from typing import Any

from pipeyard.environment.conda_file import CondaFile
from pipeyard.model.value import dataclass

# Changes when the same strategy comes to mean something else.
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class OwnPython:
    """The server's own interpreter; nothing is made."""

    word = "python"

    # Absolute, not resolved: in a virtual environment the link's own folder is the one with its programs.
    python: str
    version: str


@dataclass(frozen=True, slots=True)
class PipPrefix:
    """A virtual environment with pip packages, made by uv."""

    # Absolute path of an interpreter; or, when one may be fetched, the version that is wanted.
    python: str
    version: str
    requirements: tuple[str, ...] = ()
    # How its packages came to be known: `uv`, or `pip-translate` from names of conda's.
    word: str = "uv"
    variables: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CondaPrefix:
    """A prefix with conda packages, and pip packages in it."""

    file: CondaFile
    # `conda`: by py-rattler; `conda-exe`: by a program of the machine.
    word: str = "conda"
    # Absolute path of that program.
    program: str | None = None


@dataclass(frozen=True, slots=True)
class InContainer:
    """A container: an image, an image with packages put on top, or one that is built from a folder."""

    word = "container"

    # `podman` or `docker`.
    runtime: str
    image: str | None = None
    # What is put on top of the image.
    conda: CondaFile | None = None
    # A datastore URI of the build context, and the Dockerfile in it.
    build: str | None = None
    dockerfile: str = "Dockerfile"
    # Whose datastore that is.
    workspace: str = ""


Strategy = OwnPython | PipPrefix | CondaPrefix | InContainer


@dataclass(frozen=True, slots=True)
class Choice:
    """What was decided for one definition."""

    # None: it cannot be had here; then `refusal` says why.
    strategy: Strategy | None
    warning: str | None = None
    # Code, message and hint.
    refusal: tuple[str, str, str | None] | None = None
    # Packages that were taken for others, such as `pytorch=2 -> torch==2.*`.
    substitutions: tuple[str, ...] = ()
    # What it is, for people: a curated name, an image, packages.
    label: str = ""
    # What people wrote, for `parts`.
    source: Mapping[str, Any] = field(default_factory=dict)


def strategy_json(strategy: Strategy) -> dict[str, Any]:
    """Return a strategy as plain data, its word first."""
    shown = {key: value for key, value in asdict(strategy).items() if value not in (None, (), "")}
    return _plain({"strategy": strategy.word, **shown})  # type: ignore[no-any-return]


def digest_of(parts: Mapping[str, Any]) -> str:
    """Return the SHA-256 of plain data, as 64 hexadecimal digits."""
    text = json.dumps({"format": _FORMAT, **parts}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value
