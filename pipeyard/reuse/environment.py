"""
What differs between two environments, in words.

In:       the parts of two identities (`ports.Environments.identity`).
Out:      a few words for each difference, such as "`numpy==1.25` -> `numpy==1.26` in its conda file".
Not here: how an environment is made (`environment/`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeyard.reuse.words import few, in_ticks

_NAME = re.compile(r"(?:[\w./-]+::)?([A-Za-z0-9_.\-]+)")
_KINDS = {
    "python": "the server's Python",
    "pip": "a virtual environment",
    "conda": "a conda environment",
    "container": "a container",
    "refused": "nothing that can be had here",
}
_LISTS = {"conda": "in its conda file", "pip": "in its pip packages", "installed": "in the server's Python"}


def environment_words(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what differs, the most telling first; nothing when nobody kept what it was."""
    return tuple(_words(before, now)) if before and now else ()


def build_of(parts: Mapping[str, Any]) -> str | None:
    """Return the URI of the folder that an image is built from."""
    build = parts.get("build")
    return build if isinstance(build, str) else None


def _words(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    if before.get("kind") != now.get("kind"):
        yield f"it was {_kind(before)} and is {_kind(now)}"
    for field, label in (("image", "image"), ("python", "Python"), ("dockerfile", "Dockerfile")):
        old, new = before.get(field), now.get(field)
        if old != new and old is not None and new is not None:
            yield f"{label} {in_ticks(old)} -> {in_ticks(new)}"
    for field, place in _LISTS.items():
        # A list that is on one side only is said by the kind already.
        if before.get("kind") == now.get("kind") or (field in before and field in now):
            yield from _packages(before.get(field) or (), now.get(field) or (), place)
    if list(before.get("channels") or ()) != list(now.get("channels") or ()):
        yield f"channels {_listed(before.get('channels'))} -> {_listed(now.get('channels'))}"
    old, new = before.get("variables") or {}, now.get("variables") or {}
    changed = [name for name in dict.fromkeys([*new, *old]) if old.get(name) != new.get(name)]
    if changed:
        yield f"its variables {few([in_ticks(name) for name in changed])}"


def _packages(before: Sequence[str], now: Sequence[str], place: str) -> Iterator[str]:
    gone = [line for line in before if line not in now]
    new = [line for line in now if line not in before]
    if not gone and not new:
        if list(before) != list(now):
            yield f"another order {place}"
        return
    by_name = {_name(line): line for line in gone}
    for line in new:
        old = by_name.pop(_name(line), None)
        yield f"{in_ticks(line)} is new {place}" if old is None else f"{in_ticks(old)} -> {in_ticks(line)} {place}"
    for line in by_name.values():
        yield f"{in_ticks(line)} is gone {place.replace('in ', 'from ', 1)}"


def _name(line: str) -> str:
    match = _NAME.match(line)
    return (match[1] if match is not None else line).lower().replace("_", "-")


def _kind(parts: Mapping[str, Any]) -> str:
    return _KINDS.get(str(parts.get("kind")), "something else")


def _listed(values: Any) -> str:
    return ", ".join(in_ticks(value) for value in values or ()) or "none"
