"""
From a job to one flat graph of commands.

In:       a decoded job, and the components fetched so far.
Out:      a `Graph`; or the components still needed; or None, when something is wrong.
Not here: whether the graph makes sense as a whole (`graph/check.py`).

Invariant: never raises for what a person wrote. A returned graph has every binding
traced to a literal, data or a node's output, no rings, and its nodes in an order in
which each comes after what it reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pipeyard.graph.bind import Binder
from pipeyard.graph.check import check
from pipeyard.graph.choose import choice_node
from pipeyard.graph.edges import with_edges
from pipeyard.graph.lower import lowered
from pipeyard.graph.merge import Merger
from pipeyard.graph.model import BoundInput, Graph, Group, NeedAssets, Node, NodeId, NodeOutput
from pipeyard.graph.open import open_tree
from pipeyard.graph.outputs import Outputs
from pipeyard.graph.problems import Problems
from pipeyard.graph.repeat import Repeater
from pipeyard.graph.rings import find_rings
from pipeyard.graph.sweep import sweep_node
from pipeyard.graph.trace import Tracer
from pipeyard.graph.tree import Components, Leaf, Level, Tree, step_of
from pipeyard.graph.wait import waits_of
from pipeyard.model.component import Priority
from pipeyard.model.default import DEFAULT_DATASTORE
from pipeyard.model.diagnostic import Diagnostic, Place
from pipeyard.model.flow import IfElseSpec
from pipeyard.model.job import CommandJob, JobSpec, PipelineJob, PipelineSettings
from pipeyard.model.sweep import SweepSpec
from pipeyard.model.types import InputMode
from pipeyard.spec.collection import no_cycle_collection


def expand(
    job: JobSpec, components: Components, reported: Iterable[Diagnostic] = ()
) -> tuple[Graph | NeedAssets | None, tuple[Diagnostic, ...]]:
    """
    Return the job's graph, or what is needed to make it, or None after saying what is wrong.

    With a `Graph` the diagnostics are warnings at most, and `check` has the rest to
    say. Otherwise they hold everything that can be said already, the findings of
    `check` included: they are the whole list for a person who cannot provide what is
    needed, and of no use to a caller who will call again.

    A component that is known to be broken may be given as None, so that it is not asked for again.
    *reported* are the problems of decoding, when there were any: what only follows from
    them is left out.
    """
    reported = tuple(reported)
    problems = Problems(reported)
    with no_cycle_collection():
        tree = open_tree(job, components, problems)
        graph = _Expander(job, tree, problems).expand()
    if not (tree.wanted or tree.is_cut or problems.has_errors or problems.is_silenced):
        return graph, problems.all()
    if graph is not None:
        for diagnostic in check(graph, reported):
            problems.add(diagnostic)
    if tree.wanted:
        return NeedAssets(frozenset(tree.wanted), dict(tree.wanted)), problems.all()
    return None, problems.all()


class _Expander:
    def __init__(self, job: JobSpec, tree: Tree, problems: Problems) -> None:
        self._job = job
        self._tree = tree
        self._problems = problems
        self._outputs = Outputs(tree, problems)
        self._tracer = Tracer(self._outputs, problems)
        self._binder = Binder(self._tracer, self._outputs, problems)

    def expand(self) -> Graph | None:
        """Return a graph; when something was wrong, of what could be bound all the same."""
        root = self._tree.root
        if root is None:
            return None
        merger = Merger(self._tracer, self._problems, (None, None))
        if isinstance(root, Level):
            assert isinstance(self._job, PipelineJob)
            default = self._default_compute(root, merger)
            merger = Merger(self._tracer, self._problems, default, self._job.settings.retry)
        if isinstance(root, Leaf):
            return self._command_graph(self._made(root, merger))
        assert isinstance(self._job, PipelineJob)
        graph = self._pipeline(self._tree, merger, self._job.settings)
        return replace(graph, output_settings=self._job.outputs)

    def _pipeline(self, tree: Tree, merger: Merger, settings: PipelineSettings | None = None) -> Graph:
        """Return the graph of a pipeline; *settings* are those of the job, and of no body in it."""
        root = tree.root
        assert isinstance(root, Level)
        nodes = {leaf.id: self._made(leaf, merger) for leaf in tree.leaves}
        inputs = {level.id: self._binder.bind_level(level) for level in tree.levels}
        outputs = {level.id: self._binder.outputs_of(level) for level in tree.levels}
        for level in tree.levels:
            self._outputs.check_unwritten(level)
        for id_, waits in waits_of(tree, nodes, self._problems).items():
            nodes[id_] = replace(nodes[id_], upstream=nodes[id_].upstream | waits)
        if settings is not None:
            nodes = with_edges(root, nodes, settings, self._problems)
        groups = {
            level.id: self._group(level, inputs[level.id], outputs[level.id])
            for level in tree.levels
            if level is not root
        }
        return replace(
            self._frame(),
            nodes=find_rings(tree, nodes, inputs, self._problems),
            groups=groups,
            children=_children(root),
            inputs=inputs[root.id],
            outputs=outputs[root.id],
        )

    def _frame(self) -> Graph:
        """Return an empty graph with what all graphs of a job have in common."""
        settings = self._job.settings if isinstance(self._job, PipelineJob) else PipelineSettings()
        return Graph(
            nodes={},
            groups={},
            children=(),
            inputs={},
            outputs={},
            output_settings={},
            default_datastore=settings.default_datastore or DEFAULT_DATASTORE,
            continue_on_step_failure=settings.continue_on_step_failure,
            force_rerun=settings.force_rerun,
        )

    def _made(self, leaf: Leaf, merger: Merger) -> Node:
        """Return the node that a leaf becomes."""
        if isinstance(leaf.step.control_spec, IfElseSpec):
            return choice_node(leaf, self._binder, self._problems)
        if leaf.body is None:
            return self._swept(leaf, lowered(self._node(leaf, merger)), merger)
        repeater = Repeater(
            self._binder,
            self._outputs,
            self._problems,
            node_of=lambda inner: lowered(self._node(inner, merger)),
            graph_of=lambda tree: self._pipeline(tree, merger),
            frame=self._frame(),
        )
        return replace(repeater.node(leaf), priority=self._priority_of(leaf), reuse=_may_reuse(leaf))

    def _default_compute(self, root: Level, merger: Merger) -> tuple[str | None, Place | None]:
        assert isinstance(self._job, PipelineJob)
        settings = self._job.settings
        if settings.default_compute is None:
            return None, None
        place = settings.default_compute_place or root.place.child("settings", "default_compute")
        return merger.compute_of(root, settings.default_compute, place), place

    def _priority_of(self, leaf: Leaf) -> Priority:
        settings = self._job.settings if isinstance(self._job, PipelineJob) else None
        usual = settings.priority if settings is not None else None
        return leaf.step.settings.priority or usual or Priority.MEDIUM

    def _swept(self, leaf: Leaf, node: Node, merger: Merger) -> Node:
        """Return the node of a sweep, when *node* is its trial; any other as it is."""
        spec = leaf.step.control_spec
        if not isinstance(spec, SweepSpec):
            return node
        body = replace(self._frame(), is_pipeline=False)
        return sweep_node(node, spec, merger.sweep_limits(leaf, spec.limits), body)

    def _command_graph(self, node: Node) -> Graph:
        assert isinstance(self._job, CommandJob)
        outputs = {
            name: NodeOutput(node.id, name, output.type, InputMode.RO_MOUNT) for name, output in node.outputs.items()
        }
        return Graph(
            nodes={node.id: node},
            groups={},
            children=(node.id,),
            inputs=node.inputs,
            outputs=outputs,
            output_settings=self._job.step.outputs,
            default_datastore=DEFAULT_DATASTORE,
            is_pipeline=False,
        )

    def _node(self, leaf: Leaf, merger: Merger) -> Node:
        component, inputs = self._binder.bind_leaf(leaf)
        settings = merger.merge(leaf)
        return Node(
            id=leaf.id,
            step=leaf.step,
            component=component,
            component_ref=leaf.reference,
            inputs=inputs,
            outputs=self._outputs.of_leaf(leaf),
            compute=settings.compute,
            compute_place=settings.compute_place,
            environment=settings.environment,
            environment_variables=settings.environment_variables,
            swept_variables=settings.swept_variables,
            instance_count=settings.instance_count,
            instance_type=settings.instance_type,
            shm_size=settings.shm_size,
            docker_args=settings.docker_args,
            distribution=settings.distribution,
            timeout_seconds=settings.timeout_seconds,
            is_deterministic=component.head.is_deterministic,
            upstream=_upstream(inputs),
            priority=self._priority_of(leaf),
            retry=settings.retry,
            reuse=_may_reuse(leaf),
        )

    @staticmethod
    def _group(level: Level, inputs: dict[str, BoundInput], outputs: dict[str, NodeOutput]) -> Group:
        return Group(level.id, step_of(level), level.reference, _children(level), inputs, outputs)


def _children(level: Level) -> tuple[NodeId, ...]:
    return tuple(member.id for member in level.members.values() if member is not None)


def _may_reuse(leaf: Leaf) -> bool:
    level, may_reuse = leaf.level, leaf.step.reuse
    while may_reuse and level is not None:
        may_reuse = level.step is None or level.step.reuse
        level = level.level
    return may_reuse


def _upstream(inputs: dict[str, BoundInput]) -> frozenset[NodeId]:
    return frozenset(bound.node for bound in inputs.values() if isinstance(bound, NodeOutput))
