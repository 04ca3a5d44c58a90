"""
What a control node does, in place of one command.

In:       made by `graph/expand.py` only.
Out:      read by the checks, the service (what a child job consists of) and `engine/conduct/`.
Not here: starting child jobs (`engine/conduct/`), their records (`service/children.py`).

Invariant: a body is a whole graph; every input that it does not settle itself is a `Given`,
and `derive.fill` puts a value there.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeyard.graph.model import Control, Graph, Node
from pipeyard.model.value import dataclass

# The pool of control nodes: they take no slot of any machine.
CONTROL_POOL = "control"


@dataclass(frozen=True, slots=True)
class Repeated(Control):
    """What runs its body as child jobs: a sweep, a loop, a step for each item."""

    body: Graph


def every_graph(graph: Graph) -> Iterator[Graph]:
    """Yield a graph and the bodies in it, outer ones first."""
    yield graph
    for node in graph.nodes.values():
        if isinstance(node.control, Repeated):
            yield from every_graph(node.control.body)


def every_node(graph: Graph) -> Iterator[Node]:
    """Yield the nodes of a graph and of the bodies in it."""
    for one in every_graph(graph):
        yield from one.nodes.values()
