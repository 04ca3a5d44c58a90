"""
`on_init` and `on_finalize`: the step before all others, and the one after them.

In:       the tree of a pipeline job, its nodes, and which steps they are.
Out:      the nodes, with what that means for them.
Not here: running what is final after a failure (`scheduler/`).

Both run every time: nobody asks for such a step because of what it writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipeyard.graph.model import Node, NodeId
from pipeyard.graph.problems import Problems
from pipeyard.graph.tree import Level, Member, leaves_of, step_of
from pipeyard.model.component import FLOW_KINDS
from pipeyard.model.diagnostic import Place
from pipeyard.model.job import PipelineSettings

_Setting = tuple[str, Place]


def with_edges(
    root: Level, nodes: Mapping[NodeId, Node], settings: PipelineSettings, problems: Problems
) -> dict[NodeId, Node]:
    """Return the nodes, the first ones waited for and the last ones marked; what makes no sense is reported."""
    if settings.on_init is None and settings.on_finalize is None:
        return dict(nodes)
    first = _inside(root, nodes, "on_init", settings.on_init, problems)
    last = _inside(root, nodes, "on_finalize", settings.on_finalize, problems)
    if first & last:
        assert settings.on_finalize is not None
        problems.error(
            "bad-edge",
            f"`{settings.on_finalize[0]}` is both `on_init` and `on_finalize`",
            settings.on_finalize[1],
            expected="two different steps",
        )
        return dict(nodes)
    if (first or last) and not nodes.keys() - first - last:
        name, place = settings.on_init or settings.on_finalize or ("", root.place)
        problems.error("bad-edge", f"there is no step besides `{name}` for it to run before or after", place)
        return dict(nodes)
    # Nobody in it is waited for by another of it.
    read = {source for id_ in first for source in nodes[id_].upstream}
    ends = frozenset(first - read)
    found = {}
    for id_, node in nodes.items():
        changed = node
        if id_ in first | last:
            changed = replace(node, is_edge=True, is_final=id_ in last)
        elif not node.upstream:
            changed = replace(node, upstream=ends)
        found[id_] = changed
    return found


def _inside(
    root: Level, nodes: Mapping[NodeId, Node], name: str, setting: _Setting | None, problems: Problems
) -> set[NodeId]:
    """Return the nodes of the step that a setting names; none if it may not be that step."""
    if setting is None:
        return set()
    key, place = setting
    member = root.members.get(key)
    if member is None:
        _report_missing(root, name, setting, problems)
        return set()
    inside = {leaf.id for leaf in leaves_of(member)}
    problem = _problem_of(member, inside, nodes)
    if problem is None:
        return inside
    problems.error("bad-edge", f"`{name}` cannot be `{key}`: {problem}", place, expected="a step by itself")
    return set()


def _report_missing(root: Level, name: str, setting: _Setting, problems: Problems) -> None:
    key, place = setting
    if key in root.by_body:
        problems.error("bad-edge", f"`{name}` cannot be `{key}`: `{root.by_body[key]}` repeats it", place)
    elif key not in root.members and not problems.explains(root.place, "jobs", key):
        hint = problems.meant(key, root.members, what="steps")
        problems.error("unknown-step", f"no step is called `{key}`", place, expected="a step of this job", hint=hint)


def _problem_of(member: Member, inside: set[NodeId], nodes: Mapping[NodeId, Node]) -> str | None:
    if step_of(member).kind in FLOW_KINDS:
        return "it chooses or repeats others"
    for id_ in inside:
        outside = nodes[id_].upstream - inside
        if outside:
            return f"it reads from or waits for `{min(outside)}`"
    reader = next((node.id for node in nodes.values() if node.id not in inside and node.upstream & inside), None)
    return None if reader is None else f"`{reader}` reads from it or waits for it"
