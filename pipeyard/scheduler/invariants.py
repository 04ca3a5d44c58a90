"""
What must hold after every fact.

In:       a state between two facts.
Out:      nothing, or a `Bug` that names what broke and where.
Not here: repairing anything.

Run by the tests after every fact; production may run it when asked to.
"""

from __future__ import annotations

from collections import Counter

from pipeyard.model.errors import Bug
from pipeyard.scheduler.queue import is_in_line
from pipeyard.scheduler.state import (
    NOT_BEGUN,
    TERMINAL,
    UNDER_WAY,
    JobState,
    NodeProgress,
    NodeState,
    Pool,
    SchedulerState,
    holds_slot,
    job_status,
)

# States that need every input.
_FED = frozenset({*UNDER_WAY, NodeState.CHECKING, NodeState.QUEUED, NodeState.COMPLETED, NodeState.FAILED})
# Ends that a node comes to without an attempt.
_NEVER_BEGUN = frozenset({NodeState.SKIPPED, NodeState.BYPASSED})


def check_invariants(state: SchedulerState) -> None:
    """Raise `Bug` when the state contradicts itself."""
    held: Counter[str] = Counter()
    in_line: Counter[str] = Counter()
    for job in state.jobs.values():
        _check_job(job)
        for node in job.nodes.values():
            _check_node(job, node)
            if holds_slot(node):
                held[node.order.compute] += node.order.instances
            elif node.state is NodeState.QUEUED and not node.is_resting:
                in_line[node.order.compute] += 1
    for compute in {*held, *in_line, *state.pools}:
        _check_pool(compute, state.pools.get(compute, Pool()), held[compute], in_line[compute])


def _check_job(job: JobState) -> None:
    states = [node.state for node in job.nodes.values()]
    if job.open_count != sum(state not in TERMINAL for state in states):
        raise Bug(f"{job.id}: {job.open_count} nodes are said to be open")
    if job.failed_count != states.count(NodeState.FAILED):
        raise Bug(f"{job.id}: {job.failed_count} nodes are said to have failed")
    if job.status is not job_status(job):
        raise Bug(f"{job.id}: shown as {job.status.value}, is {job_status(job).value}")
    if job.ordinary_count != sum(node.state not in TERMINAL for node in job.nodes.values() if not node.order.is_final):
        raise Bug(f"{job.id}: {job.ordinary_count} nodes that are not final are said to be open")
    if any(node.state in NOT_BEGUN and not job.may_start(node) for node in job.nodes.values()):
        raise Bug(f"{job.id}: ends early, but has nodes that may still start")


def _check_node(job: JobState, node: NodeProgress) -> None:
    state = node.state
    missing = [up for up in node.order.upstream if job.nodes[up].state is not NodeState.COMPLETED]
    is_held = node.order.is_final and job.ordinary_count > 0
    if node.waits_for != len(missing):
        raise _broken(job, node, f"and counts {node.waits_for} missing inputs, not {len(missing)}")
    if missing and state in _FED:
        raise _broken(job, node, f"before its inputs {missing}")
    if state is NodeState.WAITING:
        if not missing and not is_held:
            raise _broken(job, node, "for nothing")
        if any(job.nodes[up].state in TERMINAL for up in missing):
            raise _broken(job, node, "for inputs that will never come")
    elif is_held:
        raise _broken(job, node, f"while {job.ordinary_count} nodes that are not final are open")
    if (node.outcome is not None) is not (state is NodeState.FINALIZING):
        raise _broken(job, node, f"with the outcome {node.outcome}")
    if state in UNDER_WAY and not 1 <= node.attempt <= node.order.tries_max:
        raise _broken(job, node, f"in attempt {node.attempt} of {node.order.tries_max}")
    if node.attempt and state in _NEVER_BEGUN:
        raise _broken(job, node, "after it was started")


def _broken(job: JobState, node: NodeProgress, how: str) -> Bug:
    return Bug(f"{job.id}: node `{node.order.id}` is {node.state.value} {how}")


def _check_pool(compute: str, pool: Pool, held: int, queued: int) -> None:
    if pool.used != held:
        raise Bug(f"compute `{compute}`: {pool.used} slots are said to be used, {held} are")
    if pool.used > pool.ceiling:
        raise Bug(f"compute `{compute}`: {pool.used} slots are used, {pool.ceiling} may be")
    entries = [entry for entry in (*pool.waiting, *pool.oversized) if is_in_line(entry)]
    if len(entries) != queued:
        raise Bug(f"compute `{compute}`: {queued} nodes are queued, {len(entries)} are in line")
    if pool.slots is None or not pool.waiting:
        return
    first = pool.waiting[0]
    if is_in_line(first) and pool.used + first[-1].order.instances <= pool.slots:
        raise Bug(f"compute `{compute}`: node `{first[-1].order.id}` waits though it fits")
