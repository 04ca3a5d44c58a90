"""
Where every node of every unfinished job stands, and which moves there are.

In:       written by `machine.py` and `walk.py` only.
Out:      read by the engine, the invariants and the recovery.
Not here: deciding (`machine.py`), who goes first (`queue.py`).

Invariant: a node moves along `ALLOWED` only. A slot is held exactly while `holds_slot`
says so: from the decision to start until the process is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from types import MappingProxyType
from typing import Any, NamedTuple

from pipeyard.model.status import JobStatus
from pipeyard.model.value import dataclass
from pipeyard.scheduler.event import JobId, NodeId, NodeOrder


class NodeState(str, Enum):
    """Where a node stands. Internal: users see `public_status`."""

    # Some node that it reads from has not ended.
    WAITING = "waiting"
    # Being looked up: an earlier result may stand for it.
    CHECKING = "checking"
    # Everything it needs is there but a slot (or the end of the wait before the next try).
    QUEUED = "queued"
    PREPARING = "preparing"
    RUNNING = "running"
    # Nothing was heard of it for too long.
    SILENT = "silent"
    # Its process ended; what it wrote is being put in its final place.
    FINALIZING = "finalizing"
    # It was asked to end.
    CANCELING = "canceling"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    # A step that it depends on failed; it never started.
    SKIPPED = "skipped"
    # It is in the block that a choice did not take, or reads from there; it never started, and nothing is wrong.
    BYPASSED = "bypassed"


_S = NodeState

TERMINAL = frozenset({_S.COMPLETED, _S.FAILED, _S.CANCELED, _S.SKIPPED, _S.BYPASSED})
# A process of it exists, or is about to.
HOLDING = frozenset({_S.PREPARING, _S.RUNNING, _S.SILENT, _S.CANCELING})
# An attempt is not at its end.
UNDER_WAY = frozenset({*HOLDING, _S.FINALIZING})
# Nothing of it runs anywhere yet.
NOT_BEGUN = frozenset({_S.WAITING, _S.CHECKING, _S.QUEUED})

# The whole table of moves. Every one of them is taken in the simulation (`tests/sim`).
ALLOWED: Mapping[NodeState, frozenset[NodeState]] = MappingProxyType(
    {
        _S.WAITING: frozenset({_S.CHECKING, _S.SKIPPED, _S.BYPASSED, _S.CANCELED}),
        _S.CHECKING: frozenset({_S.COMPLETED, _S.QUEUED, _S.SKIPPED, _S.CANCELED}),
        _S.QUEUED: frozenset({_S.PREPARING, _S.SKIPPED, _S.CANCELED}),
        # Straight to finalizing when the fact that it started is overtaken by the fact that it ended.
        _S.PREPARING: frozenset({_S.RUNNING, _S.FINALIZING, _S.QUEUED, _S.FAILED, _S.CANCELING}),
        _S.RUNNING: frozenset({_S.SILENT, _S.FINALIZING, _S.QUEUED, _S.FAILED, _S.CANCELING}),
        _S.SILENT: frozenset({_S.RUNNING, _S.FINALIZING, _S.QUEUED, _S.FAILED, _S.CANCELING}),
        _S.FINALIZING: frozenset({_S.COMPLETED, _S.FAILED, _S.QUEUED, _S.CANCELED}),
        _S.CANCELING: frozenset({_S.FINALIZING, _S.CANCELED}),
        _S.COMPLETED: frozenset(),
        _S.FAILED: frozenset(),
        _S.CANCELED: frozenset(),
        _S.SKIPPED: frozenset(),
        _S.BYPASSED: frozenset(),
    }
)

_PUBLIC: Mapping[NodeState, JobStatus] = MappingProxyType(
    {
        _S.WAITING: JobStatus.NOT_STARTED,
        _S.CHECKING: JobStatus.NOT_STARTED,
        _S.QUEUED: JobStatus.QUEUED,
        _S.PREPARING: JobStatus.PREPARING,
        _S.RUNNING: JobStatus.RUNNING,
        _S.SILENT: JobStatus.NOT_RESPONDING,
        _S.FINALIZING: JobStatus.FINALIZING,
        _S.CANCELING: JobStatus.CANCEL_REQUESTED,
        _S.COMPLETED: JobStatus.COMPLETED,
        _S.FAILED: JobStatus.FAILED,
        _S.CANCELED: JobStatus.CANCELED,
        # Told apart from a canceled one by their error codes, `skipped` and `bypassed`.
        _S.SKIPPED: JobStatus.CANCELED,
        _S.BYPASSED: JobStatus.CANCELED,
    }
)

Error = Mapping[str, Any]


class NodeMove(NamedTuple):
    """A node went from one state to another."""

    job: JobId
    node: NodeId
    before: NodeState
    after: NodeState
    attempt: int
    at_ms: int
    error: Error | None = None


class JobMove(NamedTuple):
    """A job's own public status changed."""

    job: JobId
    before: JobStatus
    after: JobStatus
    at_ms: int
    error: Error | None = None


Move = NodeMove | JobMove


@dataclass(slots=True)
class NodeProgress:
    """One node of a job that has not ended."""

    job: JobId
    order: NodeOrder
    # Place in the job's order of nodes.
    position: int
    state: NodeState = NodeState.WAITING
    # Number of the latest attempt; 0: none yet.
    attempt: int = 0
    # Nodes it reads from that have not completed.
    waits_for: int = 0
    downstream: list[NodeProgress] = field(default_factory=list, repr=False, compare=False)
    # While queued: the wait before the next try is not over.
    is_resting: bool = False
    # While finalizing: what it will be when its outputs are stored.
    outcome: NodeState | None = None
    error: Error | None = None


@dataclass(slots=True)
class JobState:
    """One job that has not ended, or ended and was not forgotten yet."""

    id: JobId
    submitted_at_ms: int
    priority: int
    continue_on_step_failure: bool
    nodes: dict[NodeId, NodeProgress]
    # Nodes that are not at their end.
    open_count: int
    # Of these, the ones that are not final.
    ordinary_count: int
    # Nodes in the state failed.
    failed_count: int = 0
    # Whether any node was ever queued or found done.
    has_begun: bool = False
    canceled_by: str | None = None
    # When somebody wished an end last; the same wish told twice is one.
    canceled_at_ms: int = -1
    # Whether that was an end of the final nodes, too.
    is_final_canceled: bool = False
    # The first node that failed.
    failed_node: NodeId | None = None
    status: JobStatus = JobStatus.PREPARING

    def may_start(self, node: NodeProgress) -> bool:
        """Return whether new attempts of a node may begin."""
        if node.order.is_final:
            return not self.is_final_canceled
        if self.canceled_by is not None:
            return False
        return self.continue_on_step_failure or self.failed_node is None


# (-priority, job's time, job, position, attempt, node): compared up to the attempt, which is unique.
QueueEntry = tuple[int, int, JobId, int, int, NodeProgress]


@dataclass(slots=True)
class Pool:
    """The slots of one compute and who waits for them."""

    # None: nobody said yet how many there are; nothing starts.
    slots: int | None = None
    # So many may be ordered beyond that; the compute holds them, so no more than `slots` run.
    ahead: int = 0
    used: int = 0
    # What `used` may reach: above `slots` and `ahead` only while attempts from before a shrink last.
    ceiling: int = 0
    waiting: list[QueueEntry] = field(default_factory=list)
    # Nodes that want more than the whole compute has.
    oversized: list[QueueEntry] = field(default_factory=list)


@dataclass(slots=True)
class SchedulerState:
    """Everything the scheduler knows. Changed by `machine.advance` only."""

    jobs: dict[JobId, JobState] = field(default_factory=dict)
    pools: dict[str, Pool] = field(default_factory=dict)


def holds_slot(node: NodeProgress) -> bool:
    """
    Return whether a node has its slots.

    They are free again when its process has ended: putting outputs in place needs none.
    After a failure they are kept until the node has failed in full, because nothing
    new may start before it is known whether its job goes on.
    """
    return node.state in HOLDING or (node.state is NodeState.FINALIZING and node.outcome is NodeState.FAILED)


def public_status(state: NodeState) -> JobStatus:
    """Return how a node's state is shown to users."""
    return _PUBLIC[state]


def job_status(job: JobState) -> JobStatus:
    """Return the public status that follows from a job's nodes."""
    if job.open_count == 0:
        if job.canceled_by is not None:
            return JobStatus.CANCELED
        return JobStatus.FAILED if job.failed_count else JobStatus.COMPLETED
    if job.canceled_by is not None:
        return JobStatus.CANCEL_REQUESTED
    return JobStatus.RUNNING if job.has_begun else JobStatus.PREPARING


def group_status(counts: Mapping[NodeState, int]) -> JobStatus:
    """
    Return the public status of a pipeline inside a pipeline, from how many of its nodes are in which state.

    An empty group is completed.
    """
    there = {state for state, count in counts.items() if count}
    if there <= TERMINAL:
        if NodeState.FAILED in there:
            return JobStatus.FAILED
        if there <= {NodeState.COMPLETED, NodeState.BYPASSED} and there != {NodeState.BYPASSED}:
            return JobStatus.COMPLETED
        return JobStatus.CANCELED
    if there & {NodeState.CANCELING, NodeState.CANCELED}:
        return JobStatus.CANCEL_REQUESTED
    return JobStatus.NOT_STARTED if there <= {NodeState.WAITING, NodeState.CHECKING} else JobStatus.RUNNING
