"""
What this machine has to make environments with, as a value.

In:       found by `local.py` and `python.py`.
Out:      read by `resolve.py`, which so needs no machine in its tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pipeyard.model.value import dataclass

NO_RUNTIME = "neither podman nor docker was found"
_PART = re.compile(r"(<=|>=|==|!=|~=|<|>|=)?\s*([0-9][\w.]*?)(\.?\*)?\Z")


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python of this machine."""

    # Absolute.
    path: str
    # Such as (3, 11, 7).
    version: tuple[int, ...]

    @property
    def text(self) -> str:
        """Return the version as people write it."""
        return ".".join(map(str, self.version))


@dataclass(frozen=True, slots=True)
class Means:
    """Programs of this machine."""

    # What the server runs with.
    own: Interpreter
    # Every Python there is, looked for when first asked for.
    interpreters: Callable[[], Sequence[Interpreter]] = tuple
    # `podman` or `docker`; None: nothing here runs containers.
    runtime: str | None = None
    # Why nothing does.
    no_runtime: str = NO_RUNTIME
    has_rattler: bool = False
    # A program that understands `env create`; None: there is none.
    conda_program: str | None = None


def fits(version: Sequence[int], wanted: str) -> bool:
    """Return whether a version is what a conda file asks for; "" and `*` are any."""
    return any(all(_fits_one(version, part) for part in one.split(",")) for one in wanted.split("|"))


def nearest_to(wanted: str, known: Sequence[Interpreter]) -> Interpreter:
    """Return the interpreter whose minor version is nearest to the first that is asked for; the newer of two."""
    match = re.search(r"(\d+)\.(\d+)", wanted)
    minor = int(match[2]) if match is not None else max(one.version[1] for one in known)
    return min(known, key=lambda one: (abs(one.version[1] - minor), [-number for number in one.version]))


def _fits_one(version: Sequence[int], part: str) -> bool:
    text = part.strip()
    if text in ("", "*"):
        return True
    match = _PART.match(text)
    if match is None:
        return False
    sign, numbers = match[1] or "=", tuple(int(number) for number in re.findall(r"\d+", match[2]))
    same = tuple(version[: len(numbers)])
    if sign in ("=", "==", "!="):
        return (same == numbers) is (sign != "!=")
    if sign == "~=":
        return tuple(version[: len(numbers) - 1]) == numbers[:-1] and same >= numbers
    if sign in (">", "<="):
        # `>3.8` means newer than every 3.8.
        return (same > numbers) is (sign == ">")
    return (same < numbers) is (sign == "<")
