"""
Whether an earlier result stands for a step: the one walk of the engine, of `--dry-run` and of `job why`.

In:       a node with its key; the policy of its job; results with that key, and what is wrong with their outputs.
Out:      the result to take, or reasons to run.
Not here: finding results and looking at their outputs (`engine/`), comparing with what is nearest (`reason.py`).

Order: what a resumed job is to take over first, even if it is not deterministic; then the
newest result of any job.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeyard.graph import flow
from pipeyard.graph.model import Graph, Literal, Node
from pipeyard.model.reuse import Reason, ResultRecord, ReusePlan
from pipeyard.model.types import InputMode
from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """Which results may stand for a node."""

    # From the job that is resumed or repeated.
    takes_planned: bool
    # From any job.
    takes_any: bool
    # Why not, where one of these is False.
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Reuse:
    """An earlier result stands for the node."""

    result: ResultRecord


@dataclass(frozen=True, slots=True)
class Run:
    """The node runs. Without reasons: nothing forbids reuse, and there is no result with its key."""

    reasons: tuple[Reason, ...] = ()


Choice = Reuse | Run

_RERUN = Reason("rerun-asked", "it was asked to run again")
_ALONE = Reason("stand-alone", "a job that is no pipeline always runs")
_DECIDES = Reason("decides", "it decides anew each time which steps run")
_CONTROL = Reason("control", "the jobs that it starts are looked up, each for itself")
_FORCED = Reason(
    "force-rerun",
    "the pipeline says `force_rerun: true`",
    "take it out of `settings` to let earlier results be reused",
)
_EDGE = Reason("first-or-last", "it runs before or after all others, and every time")
_OFF = Reason("reuse-off", "the step, or a pipeline around it, says `reuse: false`")
_NOT_DETERMINISTIC = Reason("not-deterministic", "its component says `is_deterministic: false`")
_WRITTEN = Reason("input-written", "it may change what it reads: an input has the mode `rw_mount`")


def policy_of(node: Node, graph: Graph, plan: ReusePlan | None = None) -> Policy:
    """Return which results may stand for a node; *plan* is that of a job that resumes or repeats another."""
    if plan is not None and node.id in plan.rerun:
        return Policy(takes_planned=False, takes_any=False, reason=_RERUN)
    rule = rule_against(node, graph)
    # A job that goes on with another one has a beginning and an end of its own.
    return Policy(takes_planned=plan is not None and not node.is_edge, takes_any=rule is None, reason=rule)


def rule_against(node: Node, graph: Graph) -> Reason | None:
    """Return the rule by which a node runs whatever there is; None if there is none."""
    if node.control is not None:
        return _DECIDES if isinstance(node.control, flow.Choice) else _CONTROL
    rules = (
        (not (graph.is_pipeline or graph.is_child), _ALONE),
        (graph.is_rerun, _RERUN),
        (node.is_edge, _EDGE),
        (graph.force_rerun, _FORCED),
        (not node.reuse, _OFF),
        (not node.is_deterministic, _NOT_DETERMINISTIC),
        (not may_be_reused(node), _WRITTEN),
    )
    return next((reason for applies, reason in rules if applies), None)


def may_be_reused(node: Node) -> bool:
    """Return whether what a node makes may stand for equal nodes of later jobs."""
    return node.is_deterministic and not _writes_inputs(node)


def _writes_inputs(node: Node) -> bool:
    return any(not isinstance(bound, Literal) and bound.mode is InputMode.RW_MOUNT for bound in node.inputs.values())


def candidates_of(
    policy: Policy, key: str, found: Sequence[ResultRecord], planned: ResultRecord | None = None
) -> tuple[ResultRecord, ...]:
    """
    Return the results that may stand for a node, best first.

    *found* have the key, newest first; *planned* is the same node's in the job that is resumed.
    """
    best: dict[str, ResultRecord] = {}
    if policy.takes_planned and planned is not None and planned.is_complete and planned.key == key:
        best[planned.writer] = planned
    if policy.takes_any:
        for result in found:
            if result.is_complete and result.is_reusable and result.key == key:
                best.setdefault(result.writer, result)
    return tuple(best.values())


def choose(
    policy: Policy, candidates: Sequence[ResultRecord], problem_of: Callable[[ResultRecord], str | None]
) -> Choice:
    """
    Return the first candidate whose outputs are as they were, else why the node runs.

    *problem_of* says what differs, such as "output `model`: `weights.bin` was changed".
    """
    spoilt: list[Reason] = []
    for candidate in candidates:
        problem = problem_of(candidate)
        if problem is None:
            return Reuse(candidate)
        spoilt.append(Reason("result-spoilt", f"the result of job `{candidate.root_name}` cannot be used: {problem}"))
    # The newest one is the one that somebody expected.
    return Run((*spoilt[:1], *(() if policy.reason is None else (policy.reason,))))
