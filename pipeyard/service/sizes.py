"""
Azure's sizes of machines, and how an amount of memory is written.

In:       the name of a size, such as `Standard_DS3_v2`; the value of the key `memory`.
Out:      what an instance of that size has; GiB.
Not here: what is done with it (`capacity.py`).

The table is `azure_sizes.csv`, beside this file.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from pipeyard.model.instance import Instance
from pipeyard.model.nearest import nearest

_TABLE = "azure_sizes.csv"
_AMOUNT = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>[kmgt]?)(?P<binary>i?)b?", re.IGNORECASE)
# As in Azure's tables, a GB of memory is a GiB.
_GIB_PER = {"": 1 / (1 << 30), "k": 1 / (1 << 20), "m": 1 / (1 << 10), "g": 1.0, "t": 1024.0}


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


def memory_gib(value: Any) -> float | None:
    """Return an amount of memory in GiB: a number of them, or a text such as `512 MB`; None if it is neither."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if 0 < value < float("inf") else None
    match = _AMOUNT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    # A bare number is GiB here as well; a lone `b` would be bytes.
    unit = match["unit"].lower() or ("" if value.strip()[-1] in "bB" else "g")
    amount = float(match["number"]) * _GIB_PER[unit]
    return amount if amount > 0 else None


def _size(row: Mapping[str, str]) -> Size:
    instance = Instance(int(row["cpus"]), float(row["memory_gib"]), int(row["gpus"]))
    return Size(row["name"], instance, row["gpu"] or None)
