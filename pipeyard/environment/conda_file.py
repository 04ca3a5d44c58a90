"""
What a conda file asks for.

In:       a conda file as a plain tree.
Out:      a `CondaFile`, or in words what in it cannot be understood.
Not here: whether it can be had (`resolve.py`), names of packages elsewhere (`translate.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pipeyard.model.value import dataclass

_NAME = re.compile(r"\s*(?:[\w./-]+::)?([A-Za-z0-9_.-]+)\s*(.*?)\s*\Z", re.DOTALL)
# What every prefix has that has Python.
GIVEN = frozenset({"pip", "setuptools", "wheel"})
# Options of requirements files that name files of whoever wrote them.
_FILES = re.compile(r"(-r|-c|-e|--requirement|--constraint|--editable)\b|\.{1,2}/")


@dataclass(frozen=True, slots=True)
class CondaFile:
    """A conda file, sorted by who can give what."""

    channels: tuple[str, ...] = ()
    # The version of Python as it was asked for, such as `3.10` or `>=3.9,<3.12`; "" for any, None: not asked for.
    python: str | None = None
    # `pip`, `setuptools` and `wheel`, as written.
    given: tuple[str, ...] = ()
    # Everything else that conda is to install, as written.
    packages: tuple[str, ...] = ()
    # Requirements as pip takes them, one a line, in the order of the file; with options such as `--pre`.
    requirements: tuple[str, ...] = ()
    # Set for everything that runs in it.
    variables: tuple[tuple[str, str], ...] = ()

    @property
    def is_pip_only(self) -> bool:
        """Return whether an interpreter and pip packages are all that is asked for."""
        return not self.packages

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is asked for that any Python lacks."""
        return self.python is None and not self.packages and not self.requirements and not self.variables


def read_conda(tree: Mapping[str, Any] | None) -> tuple[CondaFile, str | None]:
    """Return what a conda file asks for, and what is wrong with it, if anything is."""
    if tree is None:
        return CondaFile(), None
    dependencies = tree.get("dependencies")
    if dependencies is None:
        dependencies = ()
    if not isinstance(dependencies, list | tuple):
        return CondaFile(), "its `dependencies` are no list"
    python: str | None = None
    given: list[str] = []
    packages: list[str] = []
    requirements: list[str] = []
    for entry in dependencies:
        if isinstance(entry, Mapping):
            problem = _take_pip(entry, requirements)
            if problem is not None:
                return CondaFile(), problem
            continue
        match = _NAME.match(entry) if isinstance(entry, str) else None
        if match is None:
            return CondaFile(), f"`{entry}` in its `dependencies` is no package"
        name = match[1].lower()
        if name == "python":
            python = _plain_version(match[2])
        else:
            (given if name in GIVEN else packages).append(str(entry).strip())
    return (
        CondaFile(
            channels=_texts(tree.get("channels")),
            python=python,
            given=tuple(given),
            packages=tuple(packages),
            requirements=tuple(requirements),
            variables=_variables(tree.get("variables")),
        ),
        None,
    )


def split_spec(entry: str) -> tuple[str, str, str]:
    """Return channel, name and version of a conda package as written; each may be empty but the name."""
    channel, _, rest = entry.rpartition("::")
    match = _NAME.match(rest)
    return (channel.strip(), match[1], match[2]) if match is not None else (channel.strip(), rest.strip(), "")


def _take_pip(entry: Mapping[str, Any], requirements: list[str]) -> str | None:
    """Add a `pip:` section; return what is wrong with it, if anything is."""
    lines = entry.get("pip")
    if set(entry) != {"pip"} or not isinstance(lines, list | tuple):
        return f"it asks for packages of `{', '.join(map(str, entry))}`; only a list under `pip:` is known"
    for line in lines:
        text = str(line).strip()
        if _FILES.match(text):
            return f"`{text}` under `pip:` names a file beside it, which is not sent along; write its requirements out here"
        if text:
            requirements.append(text)
    return None


def _plain_version(text: str) -> str:
    # `3.10.12=h955ad1f_0_cpython`: a build is nothing that another machine has.
    return re.sub(r"(?<=[\w.*])=[^=<>!~,|]*\Z", "", text.replace(" ", "").removeprefix("=").removeprefix("="))


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(item) for item in value) if isinstance(value, list | tuple) else ()


def _variables(value: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(text)) for name, text in value.items()) if isinstance(value, Mapping) else ()
