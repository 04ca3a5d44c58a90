"""
Which conda files are no more than a list for pip.

In:       a conda file as a plain tree.
Out:      its requirements, or None when it asks for more than Python and pip can give.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pipeyard.model.value import dataclass

_NAME = re.compile(r"\s*(?:[\w.-]+::)?([A-Za-z0-9_.-]+)\s*(.*)\Z", re.DOTALL)
# What a virtual environment has anyway.
_GIVEN = frozenset({"pip", "setuptools", "wheel"})


@dataclass(frozen=True, slots=True)
class PipList:
    """Requirements as pip takes them, one a line, in the order of the file."""

    requirements: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return a requirements file."""
        return "\n".join(self.requirements) + "\n"


def pip_list_of(conda: Mapping[str, Any] | None) -> PipList | None:
    """Return the pip list when Python and pip packages are all that is asked for."""
    dependencies = None if conda is None else conda.get("dependencies")
    if not isinstance(dependencies, list | tuple):
        return None
    requirements: list[str] = []
    for entry in dependencies:
        if isinstance(entry, Mapping) and set(entry) == {"pip"} and isinstance(entry["pip"], list | tuple):
            requirements += [str(line).strip() for line in entry["pip"] if str(line).strip()]
        elif not isinstance(entry, str) or not _is_given(entry):
            return None
    # Options such as `-r other.txt` and `-e .` name files of the submitter.
    if any(line.startswith("-") for line in requirements):
        return None
    return PipList(tuple(requirements)) if requirements else None


def _is_given(entry: str) -> bool:
    match = _NAME.match(entry)
    return match is not None and (match[1].lower() in _GIVEN or match[1].lower() == "python")
