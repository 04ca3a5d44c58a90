"""
Steps that wait for each other without reading anything: `depends_on`, and the blocks of a choice.

In:       the tree, and its nodes as far as data binds them.
Out:      for each node, the nodes that it waits for besides those that it reads.
Not here: rings (`graph/rings.py`).

A pipeline inside the pipeline may wait, and may be waited for: then its first nodes wait,
and those that nobody in it reads are waited for. The others follow from these.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.graph.choose import members_of
from pipeyard.graph.model import Node, NodeId
from pipeyard.graph.problems import Problems
from pipeyard.graph.tree import Leaf, Level, Member, Tree, leaves_of
from pipeyard.model.component import Step

# Far above any real pipeline: a thousand steps that all wait for a thousand others.
WAITS_MAX = 1_000_000


def waits_of(tree: Tree, nodes: Mapping[NodeId, Node], problems: Problems) -> dict[NodeId, frozenset[NodeId]]:
    """Return what they add, by node; names that are no step are reported."""
    return _Waits(nodes, problems).of_tree(tree)


class _Waits:
    def __init__(self, nodes: Mapping[NodeId, Node], problems: Problems) -> None:
        self._nodes = nodes
        self._problems = problems
        self._found: dict[NodeId, set[NodeId]] = {}
        self._count = 0
        # First and last nodes of each pipeline that was asked for.
        self._ends: dict[NodeId, tuple[list[NodeId], list[NodeId]]] = {}

    def of_tree(self, tree: Tree) -> dict[NodeId, frozenset[NodeId]]:
        for level in tree.levels:
            for key, member in level.members.items():
                step = level.jobs.get(key)
                if step is not None and step.depends_on:
                    self._of_step(level, step, member)
                if isinstance(member, Leaf):
                    for chosen in members_of(member):
                        self._wait(self._ends_of(chosen)[0], [member.id], member.step)
        return {id_: frozenset(waits) for id_, waits in self._found.items()}

    def _of_step(self, level: Level, step: Step, member: Leaf | Level | None) -> None:
        for written, place in step.depends_on:
            name = level.standing_for(written)
            if name == step.key:
                self._problems.error(
                    "self-reference", f"step `{name}` depends on itself", place, expected="another step"
                )
            elif name not in level.members:
                if not self._problems.explains(level.place, "jobs", name):
                    others = [key for key in level.members if key != step.key]
                    self._problems.error(
                        "unknown-step",
                        f"no step beside `{step.key}` is called `{name}`",
                        place,
                        expected="a step of the same pipeline",
                        hint=self._problems.meant(name, others, what="other steps of this pipeline"),
                    )
            else:
                source = level.members[name]
                # One that could not be opened was reported.
                if member is not None and source is not None:
                    self._wait(self._ends_of(member)[0], self._ends_of(source)[1], step)

    def _wait(self, waiting: list[NodeId], sources: list[NodeId], step: Step) -> None:
        self._count += len(waiting) * len(sources)
        if self._count > WAITS_MAX:
            self._problems.error(
                "too-many-steps",
                f"with this, more than {WAITS_MAX:,} pairs of steps wait for each other",
                step.place.child("depends_on"),
                hint="let one step in between wait for all, and the others for that one",
            )
            return
        for id_ in waiting:
            self._found.setdefault(id_, set()).update(sources)

    def _ends_of(self, member: Member) -> tuple[list[NodeId], list[NodeId]]:
        if isinstance(member, Leaf):
            return [member.id], [member.id]
        ends = self._ends.get(member.id)
        if ends is None:
            inside = dict.fromkeys(leaf.id for leaf in leaves_of(member))
            read = {source for id_ in inside for source in self._nodes[id_].upstream}
            first = [id_ for id_ in inside if self._nodes[id_].upstream.isdisjoint(inside)]
            last = [id_ for id_ in inside if id_ not in read]
            # In a ring nobody is first or last; it is reported, and stays one.
            ends = self._ends[member.id] = (first or list(inside), last or list(inside))
        return ends
