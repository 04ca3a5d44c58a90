"""
Find steps that wait for each other, and put the others in order.

In:       the tree, and its nodes with their inputs bound.
Out:      the nodes in running order; each ring is reported as the way around.
Not here: the order itself (`graph/order.py`); inputs that are bound in a ring (`graph/trace.py`).

Pipelines inside the pipeline count as one step each, as in Azure: two of them that
feed each other are a ring, even if their commands could be put in an order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipeyard.graph.model import BoundInput, Node, NodeId, NodeOutput
from pipeyard.graph.order import order
from pipeyard.graph.problems import Problems
from pipeyard.graph.tree import Leaf, Level, Tree
from pipeyard.model.diagnostic import Place, Related

# For each step of one pipeline, the steps beside it that it reads or depends on, and where it says so.
_Reads = dict[str, dict[str, Place]]


def find_rings(
    tree: Tree,
    nodes: Mapping[NodeId, Node],
    group_inputs: Mapping[NodeId, Mapping[str, BoundInput]],
    problems: Problems,
) -> dict[NodeId, Node]:
    """Return the nodes, each after what it reads; nodes of a ring wait for nobody."""
    sorted_ = order({node.id: node.upstream for node in nodes.values()})
    in_ring = {member for ring in sorted_.rings for member in ring}
    for level in tree.levels:
        # Where there are only commands, a ring of theirs was found above.
        if in_ring or any(isinstance(member, Level) for member in level.members.values()):
            _check_level(level, nodes, group_inputs, problems)
    placed: dict[NodeId, Node] = {}
    for id_ in sorted_.ids:
        node = nodes[id_]
        placed[id_] = replace(node, upstream=node.upstream & placed.keys()) if id_ in in_ring else node
    return placed


def _check_level(
    level: Level,
    nodes: Mapping[NodeId, Node],
    group_inputs: Mapping[NodeId, Mapping[str, BoundInput]],
    problems: Problems,
) -> None:
    reads: _Reads = {}
    for key, member in level.members.items():
        if member is not None:
            inputs = nodes[member.id].inputs if isinstance(member, Leaf) else group_inputs[member.id]
            reads[key] = _siblings_read(level, member, inputs)
    for ring in order(reads).rings:
        _report(ring, reads, problems)


def _siblings_read(level: Level, member: Leaf | Level, inputs: Mapping[str, BoundInput]) -> dict[str, Place]:
    siblings: dict[str, Place] = {}
    _add_waits(level, member, siblings)
    start = len(level.id) + 1 if level.id else 0
    for name, bound in inputs.items():
        if not isinstance(bound, NodeOutput) or (level.id and not bound.node.startswith(level.id + "/")):
            continue
        key = bound.node[start:].partition("/")[0]
        value = member.given.get(name)
        siblings.setdefault(key, value.place if value is not None else _place_of(member))
    return siblings


def _add_waits(level: Level, member: Leaf | Level, siblings: dict[str, Place]) -> None:
    assert member.step is not None
    for name, place in member.step.depends_on:
        # Of itself, and of steps that are not there, `graph/wait.py` spoke.
        if name != member.step.key and name in level.members:
            siblings.setdefault(name, place)


def _report(ring: tuple[str, ...], reads: _Reads, problems: Problems) -> None:
    way = " -> ".join(f"`{key}`" for key in (*ring, ring[0]))
    # Each step of the ring reads the one before it.
    places = [reads[key][ring[index - 1]] for index, key in enumerate(ring)]
    related = tuple(
        Related(f"`{key}` {_verb(places[index])} `{ring[index - 1]}` here", places[index])
        for index, key in enumerate(ring)
        if index
    )
    if len(ring) == 1:
        problems.error("self-reference", f"step `{ring[0]}` reads its own output", places[0], expected="another step")
        return
    problems.error(
        "graph-ring",
        f"these steps wait for each other: {way}",
        places[0],
        expected="steps that read only what earlier steps write",
        hint="remove one of the bindings"
        if all(_verb(place) == "reads" for place in places)
        else "remove one of the bindings, or a name from `depends_on`",
        related=related,
    )


def _verb(place: Place) -> str:
    # `jobs.x.depends_on` or `jobs.x.depends_on.0`; an input of that name stands behind `inputs`.
    above, last = (None, None, *place.path)[-2:]
    return "depends on" if above == "depends_on" or (last == "depends_on" and above != "inputs") else "reads"


def _place_of(member: Leaf | Level) -> Place:
    assert member.step is not None
    return member.step.place
