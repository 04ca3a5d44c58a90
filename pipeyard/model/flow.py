"""
What steps say that choose, repeat, or run for each of some items.

In:       nothing; these are the values that `spec/decode_flow.py` makes.
Not here: what becomes of them in a graph (`graph/flow.py`), carrying them out (`engine/conduct/`).
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.model.component import InputValue, TemplateInput
from pipeyard.model.control import ControlSpec
from pipeyard.model.diagnostic import Place
from pipeyard.model.value import dataclass

# As many times a loop may go round.
ITERATIONS_MAX = 1000


@dataclass(frozen=True, slots=True)
class Named:
    """A step, an input or an output that something names, and where."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class IfElseSpec(ControlSpec):
    """`if_else`: which of two blocks of steps runs."""

    condition: InputValue
    true_block: tuple[Named, ...] = ()
    false_block: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class DoWhileSpec(ControlSpec):
    """`do_while`: a step again and again, as long as its own output says so."""

    body: Named
    # An output of the body.
    condition: Named
    # Outputs of the body, and the inputs that each of them becomes the next time.
    mapping: tuple[tuple[Named, tuple[Named, ...]], ...]
    iterations_max: int


@dataclass(frozen=True, slots=True)
class Item:
    """What one run of a `parallel_for`'s body is given."""

    # Its key in a mapping of items, else its place in the list, from 0.
    label: str
    place: Place
    values: Mapping[str, InputValue]


@dataclass(frozen=True, slots=True)
class ParallelForSpec(ControlSpec):
    """`parallel_for`: a step once for each item, side by side."""

    body: Named
    items: tuple[Item, ...] = ()
    # Where the items are a text that is JSON and comes from elsewhere; `items` is empty then.
    items_text: TemplateInput | None = None
    # How many at once; None: as many as the compute has room for.
    concurrency_max: int | None = None


@dataclass(frozen=True, slots=True)
class BrokenSpec(ControlSpec):
    """One of these with something wrong in it that was reported: nothing is said of it and of its body again."""

    body: Named | None = None


FlowSpec = IfElseSpec | DoWhileSpec | ParallelForSpec
