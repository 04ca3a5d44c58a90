"""
What a person may set about a server, by environment variables.

In:       the environment in which the server was started.
Out:      values with their defaults.
Not here: the home (`home.py`), the port (`port.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipeyard.model.errors import UserError

CACHE_VARIABLE = "PIPEYARD_CACHE_SIZE"
_SIZE = re.compile(r"(?P<number>\d+)\s*(?P<unit>[KMGT]i?B?|B)?", re.IGNORECASE)
_UNITS = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def cache_bytes(environment: Mapping[str, str], default: int) -> int:
    """Return how much of remote data may be kept on this machine while nobody uses it."""
    text = environment.get(CACHE_VARIABLE, "").strip()
    if not text:
        return default
    match = _SIZE.fullmatch(text)
    if match is None:
        raise UserError(
            f"{CACHE_VARIABLE} is `{text}`, which is no size",
            code="bad-setting",
            hint="write for example 20GiB, or 0 to keep nothing that is not in use",
        )
    return int(match["number"]) * _UNITS[(match["unit"] or "")[:1].lower()]
