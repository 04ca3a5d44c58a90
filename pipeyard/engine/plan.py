"""
What a job that resumes or repeats another one takes from it.

In:       its root record and its graph.
Out:      the plan, with everything that runs by it.
Not here: making such a job (`service/`), choosing a result (`pipeyard/reuse/choice.py`).
"""

from __future__ import annotations

from pipeyard.graph.model import Graph, Node
from pipeyard.model.record import JobRecord
from pipeyard.model.reuse import ReusePlan
from pipeyard.reuse.choice import Policy, policy_of


def plan_of(root: JobRecord, graph: Graph) -> ReusePlan | None:
    """Return what a job that resumes or repeats another takes from it, all that runs by it included."""
    kept = root.detail.get("reuse_plan")
    if not kept:
        return None
    rerun = set(kept.get("rerun") or ())
    for node in graph.nodes.values():
        # Every node comes after what it reads.
        if not rerun.isdisjoint(node.upstream):
            rerun.add(node.id)
    return ReusePlan(kept["source"], frozenset(rerun))


def policy_in(graph: Graph, node: Node, plan: ReusePlan | None) -> Policy:
    """Return which results may stand for a step of a job."""
    return policy_of(node, graph, plan)
