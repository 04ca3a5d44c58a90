"""
Mini-batches: which part of the input each `run` is given, in an order that is always the same.

In:       a task.
Out:      `Batch`es; those of a table come from a process that reads it (`parallel_table.py`).
Not here: running them (`parallel.py`).
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

_SHOWN = 5


class Batch:
    """One mini-batch."""

    __slots__ = ("context", "error", "index", "items", "key", "label", "log", "names", "tries", "value")

    def __init__(self, index: int, value: dict[str, Any], items: int, names: list[str], identity: Any) -> None:
        # What a worker is told: `{"start", "stop"}` of the list of files, or `{"rows": file}`.
        self.index = index
        self.value = value
        self.items = items
        # The files in it, as people know them; of a table, its file or partition.
        self.names = names
        # The same part of the same input has the same key in another run.
        self.key = f"{index}:{hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:24]}"
        self.label = _label(index, names)
        self.context: dict[str, Any] | None = None
        self.tries = 0
        self.error = ""
        # How tries of it failed, as texts; None: none did.
        self.log: Any = None


def list_files(place: str) -> list[str]:
    """Return the files at a place, relative to it, in the order of their paths; for a file, an empty name."""
    if not os.path.isdir(place):
        return [""]
    found = []
    for folder, folders, names in os.walk(place, followlinks=True):
        folders.sort()
        inner = os.path.relpath(folder, place)
        found += [name if inner == "." else os.path.join(inner, name) for name in names]
    return sorted(found, key=lambda path: path.split(os.sep))


def split_files(names: list[str], size: int) -> list[Batch]:
    """Return batches of *size* files; *names* are relative to the input."""
    batches = []
    for index, start in enumerate(range(0, len(names), size)):
        part = names[start : start + size]
        batches.append(Batch(index, {"start": start, "stop": start + len(part)}, len(part), part, part))
    return batches


def row_batch(message: dict[str, Any]) -> Batch:
    """Return the batch that a table's reader has written."""
    names = [message["label"]]
    batch = Batch(message["index"], {"rows": message["file"]}, message["rows"], names, message["identity"])
    batch.context = message.get("partition")
    return batch


def _label(index: int, names: list[str]) -> str:
    shown = ", ".join(name or "the file" for name in names[:_SHOWN])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"mini-batch {index} ({shown}{more})"
