"""
What nodes do that choose, repeat their body, or run it for each of some items.

In:       made by `graph/expand.py` only (`choose.py`, `repeat.py`).
Out:      read by the checks, and by what carries them out (`engine/conduct/`, `engine/reusing.py`).
Not here: what a person wrote (`model/flow.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.graph.control import Repeated
from pipeyard.graph.model import Control, NodeId
from pipeyard.model.value import dataclass

# The input of a choice, and that of a `parallel_for` whose items come from elsewhere.
CONDITION = "condition"
ITEMS = "items[]"


@dataclass(frozen=True, slots=True)
class Choice(Control):
    """One of two blocks of nodes runs, as its input `condition` says. Neither holds a node of the other."""

    if_true: tuple[NodeId, ...]
    if_false: tuple[NodeId, ...]


@dataclass(frozen=True, slots=True)
class Loop(Repeated):
    """The body again and again, as long as one of its own outputs is true."""

    condition: str
    # By output of the body: the inputs that it becomes the next time.
    mapping: Mapping[str, tuple[str, ...]]
    iterations_max: int


@dataclass(frozen=True, slots=True)
class ForItem:
    """One run of the body: which input of the node each input of the body is that the item gives."""

    label: str
    inputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ForEach(Repeated):
    """The body once for each item, side by side."""

    # Empty: they are in the node's input `items[]`, as JSON.
    items: tuple[ForItem, ...]
    # None: as many at once as there is room for.
    concurrency_max: int | None


def input_of_item(label: str, name: str) -> str:
    """Return what a node calls the value that an item gives to an input of the body."""
    return f"items[{label}].{name}"
