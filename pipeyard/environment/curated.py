"""
The table from names of Azure's own environments to packages that do here.

In:       the shipped table, and a person's own beside it in the home, which wins.
Out:      the entry for a name.
Not here: making it (`resolve.py`, `uv.py`).

Azure's images cannot be had without an account. What its examples need of them is a
handful of packages; the table says which.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from pipeyard.model.errors import UserError
from pipeyard.model.value import dataclass

FILE = "curated.yml"
_SHIPPED = Path(__file__).with_name(FILE)
_KEYS = ("python", "pip", "image", "description")
# Azure's workspaces spell the same environments with it, its registry without.
_PREFIX = "azureml-"


@dataclass(frozen=True, slots=True)
class CuratedEntry:
    """What one name, or every name of a pattern, is here."""

    # May hold `*` and `?`.
    pattern: str
    # As a conda file would say it; None: any.
    python: str | None = None
    pip: tuple[str, ...] = ()
    image: str | None = None
    description: str = ""
    # Whether a person wrote it.
    is_own: bool = False


class CuratedTable:
    """Both tables. The person's file is read again when it changed."""

    def __init__(self, home: Path) -> None:
        """Read the person's table in *home*."""
        self.file = home / FILE
        # Read when first asked for: most servers never are.
        self._shipped: tuple[CuratedEntry, ...] = ()
        self._own: tuple[CuratedEntry, ...] = ()
        self._seen: tuple[int, int] | None = None

    def find(self, name: str) -> CuratedEntry | None:
        """Return what a name is. Exact names before patterns, the person's before ours. Raises `UserError`."""
        entries = self.entries()
        wanted = _plain(name)
        exact = (entry for entry in entries if _plain(entry.pattern) == wanted)
        by_pattern = (entry for entry in entries if fnmatch.fnmatchcase(wanted, _plain(entry.pattern)))
        return next(exact, None) or next(by_pattern, None)

    def entries(self) -> tuple[CuratedEntry, ...]:
        """Return all entries, the person's first. Raises `UserError` when that file cannot be read."""
        try:
            status = self.file.stat()
        except OSError:
            self._own, self._seen = (), None
        else:
            seen = (status.st_mtime_ns, status.st_size)
            if seen != self._seen:
                self._own, self._seen = tuple(_read(self.file, is_own=True)), seen
        if not self._shipped:
            self._shipped = tuple(_read(_SHIPPED, is_own=False))
        return (*self._own, *self._shipped)


def ready_line(name: str, *, image: bool = False) -> str:
    """Return a line for the person's table, to be completed."""
    return f"{name}: {{image: IMAGE}}" if image else f'{name}: {{python: "3.10", pip: [PACKAGE, PACKAGE]}}'


def _plain(name: str) -> str:
    return name.lower().removeprefix(_PREFIX)


def _read(path: Path, *, is_own: bool) -> Iterator[CuratedEntry]:
    try:
        tree = yaml.safe_load(path.read_text("utf-8")) or {}
    except (OSError, ValueError, yaml.YAMLError) as problem:
        raise _bad(path, f"it cannot be read: {' '.join(str(problem).split())}") from problem
    if not isinstance(tree, Mapping):
        raise _bad(path, "it has to be a mapping of names")
    for name, value in tree.items():
        yield _entry(path, str(name), value, is_own=is_own)


def _entry(path: Path, name: str, value: Any, *, is_own: bool) -> CuratedEntry:
    if not isinstance(value, Mapping) or any(key not in _KEYS for key in value):
        raise _bad(path, f"`{name}` has to be a mapping with {', '.join(_KEYS)}")
    pip = value.get("pip") or []
    if not isinstance(pip, list):
        raise _bad(path, f"`pip` of `{name}` has to be a list")
    if not pip and not value.get("image"):
        raise _bad(path, f"`{name}` names neither `pip` packages nor an `image`")
    python = value.get("python")
    return CuratedEntry(
        name,
        None if python is None else str(python),
        tuple(str(one) for one in pip),
        value.get("image"),
        str(value.get("description") or ""),
        is_own=is_own,
    )


def _bad(path: Path, what: str) -> UserError:
    return UserError(
        f"the table of curated environments `{path}`: {what}", code="bad-setting", hint=f"write {ready_line('NAME')}"
    )
