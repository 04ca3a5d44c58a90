"""
The items of a `parallel_for`, written as JSON.

In:       a text.
Out:      each item's label and values; or what is wrong, in words.
Not here: items written out in YAML (`spec/decode_flow.py`), whether they fit (`graph/flow.py`).
"""

from __future__ import annotations

import json
import math
from typing import Any

from pipeyard.model.component import Scalar
from pipeyard.model.value import dataclass
from pipeyard.spec.scalar import describe

Items = tuple[tuple[str, dict[str, Scalar]], ...]


@dataclass(frozen=True, slots=True)
class ItemsProblem:
    """Why a text is no list of items; a sentence without its beginning."""

    message: str


def parse_items(text: str) -> Items | ItemsProblem:
    """Return the items in a JSON text: a list of mappings, or a mapping of mappings."""
    try:
        tree = json.loads(text, parse_constant=lambda word: word)
    except (ValueError, RecursionError) as error:
        return ItemsProblem(f"is no JSON: {error}")
    if isinstance(tree, list):
        entries: list[tuple[str, Any]] = [(str(index), item) for index, item in enumerate(tree)]
    elif isinstance(tree, dict):
        entries = list(tree.items())
    else:
        return ItemsProblem(f"is {describe(tree)}, not a list or mapping of mappings")
    problem = None if entries else "holds no item"
    for label, item in entries:
        problem = problem or _problem_of(label, item, entries[0][1])
    return tuple(entries) if problem is None else ItemsProblem(problem)


def _problem_of(label: str, item: Any, first: Any) -> str | None:
    if not isinstance(item, dict) or not item:
        return f"has an item `{label}` that is no mapping of inputs"
    for name, value in item.items():
        is_scalar = isinstance(value, str | int | float | bool)
        if not is_scalar or (isinstance(value, float) and not math.isfinite(value)):
            return f"gives `{name}` of item `{label}` {describe(value)}, not a number or text"
    odd = item.keys() ^ first.keys()
    return f"gives `{min(odd)}` in some items only; all need the same inputs" if odd else None
