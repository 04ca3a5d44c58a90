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

from pipeyard.graph.model import Node
from pipeyard.model.reuse import Reason, ResultRecord, ReusePlan
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
_FORCED = Reason(
    "force-rerun", "the pipeline has `force_rerun: true`", "remove `settings.force_rerun` to let results be reused"
)
_OFF = Reason("reuse-off", "the step has `reuse: false`, or a pipeline around it")
_NOT_DETERMINISTIC = Reason("not-deterministic", "its component has `is_deterministic: false`")

NOTHING_EARLIER = Reason("nothing-earlier", "no step like it has completed in this experiment before")


def policy_of(node: Node, *, force_rerun: bool, plan: ReusePlan | None = None) -> Policy:
    """Return which results may stand for a node; *plan* is that of a job that resumes or repeats another."""
    if plan is not None and node.id in plan.rerun:
        return Policy(takes_planned=False, takes_any=False, reason=_RERUN)
    has_plan = plan is not None
    if force_rerun:
        return Policy(has_plan, takes_any=False, reason=_FORCED)
    if not node.reuse:
        return Policy(has_plan, takes_any=False, reason=_OFF)
    if not node.is_deterministic:
        return Policy(has_plan, takes_any=False, reason=_NOT_DETERMINISTIC)
    return Policy(has_plan, takes_any=True)


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
