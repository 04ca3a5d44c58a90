"""
Copying data: every input put together in one output.

In:       a task file: inputs, the output, and what becomes of files with the same name.
Out:      the files; an exit code.
Not here: which data is meant, and where the output goes afterwards.

Files of a folder keep their place below it; a file that is an input by itself lies at the top. With
`fail_if_conflict` nothing is copied when two inputs have a file of the same name.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from typing import Any, Iterator

_SHOWN = 10


def main(arguments: list[str]) -> int:
    """Copy what the task says."""
    with open(arguments[0], encoding="utf-8") as file:
        task = json.load(file)
    (name, target), *_ = task["outputs"].items()
    is_file = name in task["output_files"]
    sources: dict[str, str] = {}
    conflicts: dict[str, list[str]] = {}
    for item in task["inputs"]:
        for path, place in _files(item):
            # With one file as the output there is only one name.
            key = os.path.basename(target) if is_file else path
            if key in sources:
                conflicts.setdefault(key, [sources[key]]).append(place)
            sources[key] = place
    if conflicts and (task["mode"] == "fail_if_conflict" or is_file):
        return _refuse(conflicts, is_file=is_file)
    for path, place in sources.items():
        _copy(place, target if is_file else os.path.join(target, path))
    replaced = f"; {len(conflicts)} of them replaced one of an input before" if conflicts else ""
    print(f"copied {len(sources)} files to output `{name}`{replaced}")
    return 0


def _files(item: dict[str, Any]) -> Iterator[tuple[str, str]]:
    place = item["path"]
    if not os.path.isdir(place):
        yield os.path.basename(place), place
        return
    for folder, folders, names in os.walk(place, followlinks=True):
        folders.sort()
        for name in sorted(names):
            full = os.path.join(folder, name)
            yield os.path.relpath(full, place), full


def _copy(source: str, target: str) -> None:
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copyfile(source, target)


def _refuse(conflicts: dict[str, list[str]], *, is_file: bool) -> int:
    if is_file:
        print("the output is one file, and the inputs are several: make it a `uri_folder`", file=sys.stderr)
        return 1
    print(f"{len(conflicts)} files are in more than one input, and `fail_if_conflict` copies none:", file=sys.stderr)
    for path in sorted(conflicts)[:_SHOWN]:
        print(f"  {path}", file=sys.stderr)
    if len(conflicts) > _SHOWN:
        print(f"  and {len(conflicts) - _SHOWN} more", file=sys.stderr)
    return 1
