"""
Differences of two jobs as text: their YAML, and the files of their code.

In:       documents; steps whose code is kept.
Out:      unified diffs, as `diff -u` writes them.
Not here: which steps belong together (`compare.py`).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeyard.model.assets import Manifest
from pipeyard.model.record import JobRecord
from pipeyard.reuse.files import file_differences
from pipeyard.service.asset_files import TreeFiles
from pipeyard.service.code import find_code
from pipeyard.service.files import below
from pipeyard.service.wire import plain
from pipeyard.service.world import World
from pipeyard.spec.render_yaml import render_yaml

# Of larger files only that they differ is said: nobody reads more, and comparing costs more than linearly.
_BYTES_MAX = 256 << 10
_LINES_MAX = 8_000
# So many files of one step are shown with their lines.
_SHOWN_MAX = 100
_NOTHING = Manifest(())


def yaml_difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return in what two documents differ, as YAML; empty: in nothing."""
    return _unified(_yaml(before), _yaml(now))


def code_differences(world: World, before: JobRecord | None, now: JobRecord | None) -> list[dict[str, Any]]:
    """Return the files in which the code of two steps differs, those that can be read with their lines."""
    texts = [None if step is None else step.detail.get("code") for step in (before, now)]
    if texts[0] == texts[1]:
        return []
    old, new = (None if step is None else find_code(world, step) for step in (before, now))
    found = file_differences(_NOTHING if old is None else old.manifest, _NOTHING if new is None else new.manifest)
    return [
        {
            "path": one.path,
            "change": one.verb,
            "diff": _file_difference(old, new, one.path) if place < _SHOWN_MAX else None,
        }
        for place, one in enumerate(found)
    ]


def _file_difference(old: TreeFiles | None, new: TreeFiles | None, path: str) -> str | None:
    """Return the lines that differ, None for what is no text or too large."""
    sides = [_lines(held, path) for held in (old, new)]
    return None if None in sides else _unified(sides[0] or (), sides[1] or ())


def _lines(held: TreeFiles | None, path: str) -> Sequence[str] | None:
    place = None if held is None else _place(held, path)
    if place is None:
        return ()
    try:
        if place.stat().st_size > _BYTES_MAX:
            return None
        data = place.read_bytes()
    except OSError:
        return None
    if b"\0" in data:
        return None
    lines = data.decode("utf-8", "replace").splitlines()
    return lines if len(lines) <= _LINES_MAX else None


def _place(held: TreeFiles, path: str) -> Path | None:
    if held.root.is_file():
        return held.root if path == held.root.name else None
    place = below(held.root, path)
    return place if place is not None and place.is_file() else None


def _yaml(document: Mapping[str, Any]) -> list[str]:
    return render_yaml(plain(document)).splitlines()


def _unified(before: Sequence[str], now: Sequence[str]) -> str:
    # The two lines of a head would name files that are not there.
    return "\n".join(list(difflib.unified_diff(before, now, lineterm="", n=3))[2:])
