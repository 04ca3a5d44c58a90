"""
Azure's sizes of machines.

In:       the name of a size, such as `Standard_DS3_v2`.
Out:      what an instance of that size has.
Not here: what is done with it (`capacity.py`).

The table is `azure_sizes.csv`, beside this file.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from pipeyard.model.instance import Instance
from pipeyard.model.nearest import nearest
from pipeyard.model.value import dataclass

_TABLE = "azure_sizes.csv"


@dataclass(frozen=True, slots=True)
class Size:
    """One row of the table."""

    name: str
    instance: Instance
    # What kind of GPU; None: it has none.
    gpu: str | None = None


@cache
def azure_sizes() -> Mapping[str, Size]:
    """Return every size by its name in small letters."""
    text = files("pipeyard.service").joinpath(_TABLE).read_text("utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {row["name"].lower(): _size(row) for row in rows}


def find_size(name: str) -> Size | None:
    """Return a size by its name, in any case of its letters; None if the table lacks it."""
    return azure_sizes().get(name.strip().lower())


def near_size(name: str) -> str | None:
    """Return the name of a size that may have been meant."""
    close = nearest(name.strip().lower(), list(azure_sizes()))
    return None if close is None else azure_sizes()[close].name


def _size(row: Mapping[str, str]) -> Size:
    instance = Instance(int(row["cpus"]), float(row["memory_gib"]), int(row["gpus"]))
    return Size(row["name"], instance, row["gpu"] or None)
