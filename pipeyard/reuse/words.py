"""
How values are shown in one line of a sentence.

In:       names, numbers, texts of any length.
Out:      short words without line breaks.
Not here: sentences (`reason.py`, `environment.py`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

_TEXT_MAX = 60
_SHOWN_MAX = 3


def in_ticks(value: Any) -> str:
    """Return a value between backticks, cut if it is long."""
    return f"`{_one_line(str(value), _TEXT_MAX)}`"


def shown(value: Any) -> str:
    """Return a literal as people know it: texts in quotes, `True` and `False` as Azure writes them."""
    if isinstance(value, str):
        return json.dumps(_one_line(value, _TEXT_MAX), ensure_ascii=False)
    return str(value)


def few(words: Sequence[str]) -> str:
    """Return the first words, and how many more there are."""
    listed = ", ".join(words[:_SHOWN_MAX])
    return listed if len(words) <= _SHOWN_MAX else f"{listed} and {len(words) - _SHOWN_MAX} more"


def around_first_difference(before: str, now: str) -> tuple[str, str]:
    """Return two texts that differ, cut to the same place around where they begin to."""
    at = next((index for index, (a, b) in enumerate(zip(before, now, strict=False)) if a != b), None)
    start = min(len(before), len(now)) if at is None else at
    # Some of what comes before, from the beginning of a word.
    begin = max(0, start - _TEXT_MAX // 2)
    if begin:
        begin = max(before.rfind(" ", begin, start) + 1, begin)
    mark = "..." if begin else ""
    return mark + before[begin:], mark + now[begin:]


def _one_line(text: str, length: int) -> str:
    flat = " ".join(text.split()) if "\n" in text or "\t" in text else text
    return flat if len(flat) <= length else f"{flat[: length - 3]}..."
