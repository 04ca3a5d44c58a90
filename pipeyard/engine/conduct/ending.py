"""
How an attempt of a control node ended, and which outputs of its children are its own.

In:       what a conductor says.
Out:      a file in the attempt's staging folder, durable before the end is reported; read when outputs are stored.

The file is what makes an end survive a restart: nobody has to find out again which trial was the best.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from pipeyard.model.value import dataclass

_FILE = "taken.json"


@dataclass(frozen=True, slots=True)
class Taken:
    """An output of a step below a child that becomes an output of the control node; nothing is copied."""

    # The job that wrote it (`JobRecord.writer`).
    job: str
    output: str


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ended."""

    # {code, message, ...}; None: well.
    error: Mapping[str, Any] | None = None
    # By the control node's own output; what is missing was written to the staging folder.
    taken: Mapping[str, Taken] = field(default_factory=dict)


def write_taken(root: str, taken: Mapping[str, Taken]) -> None:
    """Write down which outputs are taken, durably."""
    folder = Path(root)
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{_FILE}.part"
    with part.open("w", encoding="utf-8") as file:
        json.dump({name: {"job": one.job, "output": one.output} for name, one in taken.items()}, file)
        file.flush()
        os.fsync(file.fileno())
    part.rename(folder / _FILE)


def read_taken(root: str) -> dict[str, Taken]:
    """Return what `write_taken` wrote; nothing if it never came to that."""
    try:
        text = (Path(root) / _FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    return {name: Taken(one["job"], one["output"]) for name, one in json.loads(text).items()}
