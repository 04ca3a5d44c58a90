"""
The graph of one child job: a body with values in its places.

In:       the body of a control node, and values by name.
Out:      a graph as of any other job.
Not here: where the values come from (`engine/conduct/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipeyard.graph.model import BoundInput, Data, Given, Graph, Literal

Value = Literal | Data


def fill(body: Graph, values: Mapping[str, Value]) -> Graph:
    """
    Return *body* with values in place of everything that is `Given`.

    Data takes type and mode from the place that it comes to. An input that is given nothing is
    left out, as an optional input without a value is.
    """
    nodes = {id_: replace(node, inputs=_filled(node.inputs, values)) for id_, node in body.nodes.items()}
    groups = {id_: replace(group, inputs=_filled(group.inputs, values)) for id_, group in body.groups.items()}
    return replace(body, nodes=nodes, groups=groups, inputs=_filled(body.inputs, values))


def _filled(inputs: Mapping[str, BoundInput], values: Mapping[str, Value]) -> dict[str, BoundInput]:
    filled: dict[str, BoundInput] = {}
    for name, bound in inputs.items():
        if not isinstance(bound, Given):
            filled[name] = bound
        elif bound.name in values:
            filled[name] = _fitted(values[bound.name], bound)
    return filled


def _fitted(value: Value, given: Given) -> BoundInput:
    return value if isinstance(value, Literal) else replace(value, type=given.type, mode=given.mode)
