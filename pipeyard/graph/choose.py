"""
The nodes of `if_else`, and what its blocks mean for the others.

In:       what stands for such a step in the tree.
Out:      a control node; later, problems with what runs only sometimes.
Not here: who waits for it (`wait.py`), what is not taken (`scheduler/`).
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeyard.graph.bare import bare_node
from pipeyard.graph.bind import Binder
from pipeyard.graph.flow import Choice
from pipeyard.graph.model import Graph, Node, NodeId
from pipeyard.graph.problems import Problems
from pipeyard.graph.tree import Leaf, Level, Member, leaves_of
from pipeyard.model.diagnostic import Place, Related
from pipeyard.model.flow import IfElseSpec, Named


def choice_node(leaf: Leaf, binder: Binder, problems: Problems) -> Node:
    """Return the node of an `if_else`; what its blocks name and is no step beside it is reported."""
    spec = leaf.step.control_spec
    assert isinstance(spec, IfElseSpec)
    component, inputs = binder.bind_leaf(leaf)
    blocks = (_ids(leaf, block, problems) for block in (spec.true_block, spec.false_block))
    return bare_node(leaf, component, inputs, {}, Choice(*blocks))


def members_of(leaf: Leaf) -> Iterator[Member]:
    """Yield the steps in the blocks of a choice, as far as there are such."""
    spec, level = leaf.step.control_spec, leaf.level
    if not isinstance(spec, IfElseSpec) or level is None:
        return
    for named in (*spec.true_block, *spec.false_block):
        member = level.members.get(named.name)
        if member is not None and member is not leaf:
            yield member


def _ids(leaf: Leaf, block: tuple[Named, ...], problems: Problems) -> tuple[NodeId, ...]:
    level = leaf.level
    assert level is not None
    found: list[NodeId] = []
    for named in block:
        member = level.members.get(named.name)
        if member is leaf:
            problems.error("self-reference", f"`{named.name}` chooses itself", named.place, expected="another step")
        elif member is not None:
            found += [inner.id for inner in leaves_of(member)]
        elif named.name in level.by_body:
            over = level.by_body[named.name]
            problems.error(
                "bad-body",
                f"`{named.name}` runs inside `{over}`, which repeats it",
                named.place,
                expected=f"`${{{{parent.jobs.{over}}}}}`",
            )
        elif named.name not in level.members and not problems.explains(level.place, "jobs", named.name):
            _report_unknown(level, leaf, named, problems)
    return tuple(found)


def _report_unknown(level: Level, leaf: Leaf, named: Named, problems: Problems) -> None:
    others = [key for key in level.members if key != leaf.step.key]
    problems.error(
        "unknown-step",
        f"no step beside `{leaf.step.key}` is called `{named.name}`",
        named.place,
        expected="a step of the same pipeline",
        hint=problems.meant(named.name, others, what="other steps of this pipeline"),
    )


def check_choices(graph: Graph, problems: Problems) -> None:
    """Report steps that can never run, and those that run only sometimes without being in a block."""
    block_of = _blocks(graph)
    if not block_of:
        return
    # By node: the blocks that have to be taken for it to run.
    needs: dict[NodeId, frozenset[tuple[NodeId, bool]]] = {}
    for node in graph.nodes.values():
        own = block_of.get(node.id, frozenset())
        read = {source: needs.get(source, frozenset()) for source in node.upstream}
        needs[node.id] = own.union(*read.values())
        both = next((choice for choice, side in needs[node.id] if (choice, not side) in needs[node.id]), None)
        if both is not None:
            if not any(_is_torn(found, both) for found in read.values()):
                _report_never(graph.nodes[both], node, problems)
            continue
        for source in sorted(node.upstream):
            outside = block_of.get(source, frozenset()) - own
            if outside:
                _warn_outside(graph.nodes[source], node, next(iter(outside))[0], problems)


def _blocks(graph: Graph) -> dict[NodeId, frozenset[tuple[NodeId, bool]]]:
    found: dict[NodeId, frozenset[tuple[NodeId, bool]]] = {}
    for node in graph.nodes.values():
        if isinstance(node.control, Choice):
            for side, ids in ((True, node.control.if_true), (False, node.control.if_false)):
                for id_ in ids:
                    found[id_] = found.get(id_, frozenset()) | {(node.id, side)}
    return found


def _is_torn(needed: frozenset[tuple[NodeId, bool]], choice: NodeId) -> bool:
    return {(choice, True), (choice, False)} <= needed


def _report_never(choice: Node, node: Node, problems: Problems) -> None:
    problems.error(
        "never-runs",
        f"step `{node.id}` waits for steps of both blocks of `{choice.id}`, and only one of them runs",
        _key(node.step.place),
        hint="read what one block writes, or write the step twice, once in each block",
        related=(Related("the choice", choice.step.place),),
    )


def _warn_outside(source: Node, node: Node, choice: NodeId, problems: Problems) -> None:
    problems.warning(
        "may-not-run",
        f"step `{node.id}` waits for `{source.id}`, which runs only if `{choice}` takes its block; else neither runs",
        _key(node.step.place),
        hint=f"if that is meant, put `{node.step.key}` into the block as well",
    )


def _key(place: Place) -> Place:
    return Place(place.source, place.path, on_key=bool(place.path))
