"""
Graphs made of graphs: that of a child job, and one whose nodes were changed wherever they are.

In:       the body of a control node, and values by name; or what to do with each node.
Out:      a graph as of any other job.
Not here: where the values come from (`engine/conduct/`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from pipeyard.graph.control import Repeated
from pipeyard.graph.model import BoundInput, Data, Given, Graph, Literal, Node

Value = Literal | Data


def fill(body: Graph, values: Mapping[str, Value], *, is_rerun: bool = False) -> Graph:
    """
    Return *body* with values in place of everything that is `Given`.

    Data takes type and mode from the place that it comes to. An input that is given nothing is
    left out, as an optional input without a value is.
    """
    nodes = {
        id_: _with_variables(replace(node, inputs=_filled(node.inputs, values))) for id_, node in body.nodes.items()
    }
    groups = {id_: replace(group, inputs=_filled(group.inputs, values)) for id_, group in body.groups.items()}
    inputs = _filled(body.inputs, values)
    return replace(body, nodes=nodes, groups=groups, inputs=inputs, is_child=True, is_rerun=is_rerun)


def with_nodes(graph: Graph, change: Callable[[Node], Node]) -> Graph:
    """Return *graph* with each node changed, those of bodies too."""
    nodes = {}
    for id_, node in graph.nodes.items():
        changed = change(node)
        if isinstance(changed.control, Repeated):
            body = with_nodes(changed.control.body, change)
            changed = replace(changed, control=replace(changed.control, body=body))
        nodes[id_] = changed
    return replace(graph, nodes=nodes)


def _with_variables(node: Node) -> Node:
    """Return a trial whose variables hold its values; one that names what this trial has not is left out."""
    if not node.swept_variables:
        return node
    texts = {name: bound.text for name, bound in node.inputs.items() if isinstance(bound, Literal)}
    variables = {}
    for variable, template in node.swept_variables.items():
        parts = [part if isinstance(part, str) else texts.get(".".join(part.names[1:])) for part in template.parts]
        known = [part for part in parts if part is not None]
        if len(known) == len(parts):
            variables[variable] = "".join(known)
    return replace(node, environment_variables={**node.environment_variables, **variables}, swept_variables={})


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
