"""
What a step of a control kind says: one whose work is done by jobs of its own, or by choosing.

In:       nothing; these are the values that `spec/` makes.
Not here: what becomes of it in a graph (`graph/control.py`), carrying it out (`engine/conduct/`).

Invariant: as in `component.py`, every value that can be wrong carries the `Place` it was written at.
"""

from __future__ import annotations

from pipeyard.model.diagnostic import Place
from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class ControlSpec:
    """What all of them have."""

    place: Place
