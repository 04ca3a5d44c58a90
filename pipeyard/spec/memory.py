"""
How an amount of memory is written.

In:       a number of GiB, or a text such as `512MB`.
Out:      GiB.
"""

from __future__ import annotations

import re
from typing import Any

_AMOUNT = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>[kmgt]?)(?P<binary>i?)b?", re.IGNORECASE)
# As in Azure's tables, a GB of memory is a GiB.
_GIB_PER = {"": 1 / (1 << 30), "k": 1 / (1 << 20), "m": 1 / (1 << 10), "g": 1.0, "t": 1024.0}


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
