"""
Which pool each step runs in, and what it finds there.

In:       a graph whose steps name computes, and the computes that were created.
Out:      a pool for every node, and a warning (`--strict`: an error) for each compute that does not exist;
          the same of environments, by `image_policy.py`.
Not here: slots and queues (`pipeyard.scheduler`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeyard.graph.control import CONTROL_POOL, every_graph
from pipeyard.graph.model import Graph, Node, NodeId
from pipeyard.model.diagnostic import Diagnostic, Place, Severity
from pipeyard.model.environment import ImagePolicy
from pipeyard.model.record import DEFAULT_WORKSPACE, ComputeRecord
from pipeyard.service.image_policy import environment_problems, policies_of
from pipeyard.service.world import World

# The compute that always exists: this machine, with a slot for each CPU.
LOCAL = "local"
# Names that mean this machine without a word: Azure's built-in ones.
BUILT_IN = frozenset({LOCAL, "serverless", "adf"})


@dataclass
class Placing:
    """Where the steps of a graph run."""

    pools: dict[NodeId, str] = field(default_factory=dict)
    # What becomes of the image that each step names.
    policies: dict[NodeId, ImagePolicy] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)


def place_nodes(world: World, workspace: str, graph: Graph, *, strict: bool) -> Placing:
    """Return the pool of every node."""
    created = {row.name: row for row in world.store.list_computes(workspace)}
    # Computes and sentences: what is true of a step's body, too, is said once.
    spoken_of: set[str] = set()
    placing, *others = (_place(world, workspace, one, created, spoken_of, strict=strict) for one in every_graph(graph))
    # Of bodies only what is wrong: their nodes are placed when a child job begins.
    placing.problems += [problem for other in others for problem in other.problems]
    return placing


def _place(
    world: World,
    workspace: str,
    graph: Graph,
    created: Mapping[str, ComputeRecord],
    spoken_of: set[str],
    *,
    strict: bool,
) -> Placing:
    placing = Placing()
    for node in graph.nodes.values():
        if node.control is not None:
            placing.pools[node.id] = CONTROL_POOL
            continue
        name = node.compute or LOCAL
        pool = pool_of(workspace, name) if name in created else LOCAL
        placing.pools[node.id] = pool
        if name in created and node.instance_count > created[name].max_instances:
            placing.problems.append(_too_small(node, created[name]))
        use = world.runner.pool_use(LOCAL) if pool == LOCAL and node.instance_count > 1 else None
        if use is not None and node.instance_count > use.slots:
            placing.problems.append(_shared(node, use.slots))
        if name not in created and name not in BUILT_IN and name not in spoken_of:
            spoken_of.add(name)
            placing.problems.append(_not_created(node, name, created, strict=strict))
    placing.policies = policies_of(world, workspace, graph, created)
    placing.problems += environment_problems(world, workspace, graph, placing.policies, spoken_of)
    return placing


def pool_of(workspace: str, compute: str) -> str:
    """Return the name of a compute's pool: computes of two workspaces may have the same name."""
    return compute if workspace == DEFAULT_WORKSPACE else f"{workspace}/{compute}"


def _not_created(node: Node, name: str, created: Mapping[str, ComputeRecord], *, strict: bool) -> Diagnostic:
    command = f"pipeyard compute create -n {name} --type amlcompute"
    place = node.compute_place or Place()
    if strict:
        known = ", ".join(f"`{other}`" for other in (*created, LOCAL))
        return Diagnostic(
            "compute-not-created",
            f"compute `{name}` was not created",
            place,
            expected=f"one of {known}",
            hint=f"to create it: {command}",
        )
    return Diagnostic(
        "compute-not-created",
        f"compute `{name}` was not created; its steps run on this machine; to create it: {command}",
        place,
        severity=Severity.WARNING,
    )


def _shared(node: Node, slots: int) -> Diagnostic:
    has = "one slot" if slots == 1 else f"{slots} slots"
    return Diagnostic(
        "instances-share-slots",
        f"the step takes {node.instance_count} instances at once and this machine has {has}: its processes share them",
        node.step.place,
        severity=Severity.WARNING,
        hint="it takes all of them; a compute that you create has as many as you say: `--max-instances`",
    )


def _too_small(node: Node, compute: ComputeRecord) -> Diagnostic:
    return Diagnostic(
        "too-many-instances",
        f"the step takes {node.instance_count} instances at once, `{compute.name}` has {compute.max_instances}",
        node.step.place,
        expected=f"at most {compute.max_instances}",
        found=str(node.instance_count),
        hint=f"raise it: pipeyard compute update -n {compute.name} --max-instances {node.instance_count}",
    )
