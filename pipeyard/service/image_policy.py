"""
What becomes of the images that steps name, and whether their environments can be had at all.

In:       a graph, the pools of its nodes, what computes and workspace say.
Out:      a policy for every node; problems: an error for what cannot be had, a warning for what is less than was asked for.
Not here: making environments (`environment/`).

A compute's word goes before its workspace's, and that before the server's own (`config.toml`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeyard.graph.model import Graph, Node, NodeId
from pipeyard.model.diagnostic import Diagnostic, Place, Severity
from pipeyard.model.environment import ImagePolicy
from pipeyard.model.errors import UserError
from pipeyard.model.nearest import nearest
from pipeyard.model.record import ComputeRecord
from pipeyard.ports import EnvironmentPlan, EnvironmentRequest
from pipeyard.service.world import World

# In a compute's settings, and of a workspace.
KEY = "image_policy"


def policy_text(value: Any) -> str | None:
    """Return a policy as it is kept, None for none. Raises `UserError` for any other word."""
    if value is None or value == "":
        return None
    words = [policy.value for policy in ImagePolicy]
    if value not in words:
        close = nearest(str(value), words)
        raise UserError(
            f"`{KEY}` cannot be `{value}`",
            code="bad-request",
            hint=f"did you mean `{close}`?" if close else f"it is one of {', '.join(words)}",
        )
    return str(value)


def policies_of(
    world: World, workspace: str, graph: Graph, created: Mapping[str, ComputeRecord]
) -> dict[NodeId, ImagePolicy]:
    """Return the policy of every node."""
    known = world.assets.load_workspace(workspace)
    usual = ImagePolicy((known.image_policy if known is not None else None) or world.image_policy)
    policies = {}
    for node in graph.nodes.values():
        compute = created.get(node.compute or "")
        said = None if compute is None else compute.spec.get(KEY)
        policies[node.id] = usual if said is None else ImagePolicy(said)
    return policies


def environment_problems(
    world: World, workspace: str, graph: Graph, policies: Mapping[NodeId, ImagePolicy], spoken: set[str]
) -> Iterator[Diagnostic]:
    """
    Yield what is to be said of the environments of a graph: each error where it is named, each warning once.

    *spoken* are the warnings that were given already, and grows.
    """
    if world.environments is None:
        return
    # By object: registered ones are one value for all their steps. A word is the same in whichever step it stands.
    plans: dict[tuple[int | str, ImagePolicy], EnvironmentPlan] = {}
    for node in graph.nodes.values():
        environment = node.environment
        key = (environment if isinstance(environment, str) else id(environment), policies[node.id])
        plan = plans.get(key)
        if plan is None:
            request = EnvironmentRequest(node.environment, policies[node.id], workspace)
            plan = plans[key] = world.environments.plan(request)
        if plan.refusal is not None:
            refusal = plan.refusal
            yield Diagnostic(refusal.code, refusal.message, _place(node), hint=refusal.hint)
        elif plan.warning is not None and plan.warning not in spoken:
            spoken.add(plan.warning)
            yield Diagnostic("environment", plan.warning, _place(node), severity=Severity.WARNING)


def _place(node: Node) -> Place:
    """Return where a node's environment is written: in its step, or in its component."""
    for settings in (node.step.settings, node.component.settings):
        if settings.environment_place is not None:
            return settings.environment_place
    return node.step.place
