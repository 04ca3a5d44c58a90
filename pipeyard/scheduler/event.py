"""
Facts: what happened, in the past tense. Stored as they are, never changed.

In:       made by the engine from what the store, the computes and callers say.
Out:      read by `machine.advance`, and by people (`job show --events`).
Not here: orders (`command.py`), storing facts (`engine/`).

Every fact carries its time: the scheduler has no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from pipeyard.model.retry import Reason
from pipeyard.model.value import dataclass

JobId = str  # the root job's name
NodeId = str


@dataclass(frozen=True, slots=True)
class NodeOrder:
    """What the scheduler has to know of a node."""

    id: NodeId
    upstream: tuple[NodeId, ...]
    compute: str
    # Slots it takes, all at once or none.
    instances: int = 1
    # How often it may be tried in all; each try is an attempt with the next number, 1 the first.
    tries_max: int = 1
    # Wait between the end of a try and the next; while it lasts the node is queued and `is_resting`.
    backoff_seconds: float = 0.0
    # After which failures it is tried again: words of `FailureKind`, exit codes, names of signals.
    # Codes and signals are only asked of a command that ended by itself. Empty: after any failure.
    retry_when: tuple[Reason, ...] = ()
    # Higher goes first; added to its job's.
    priority: int = 0
    # Begins when every node that is not final has ended, however that was; no failure and no wish to
    # cancel the job keeps it from running.
    is_final: bool = False
    # Whether it may be ordered before there is a slot for it: whatever happens meanwhile, it is still to run.
    may_be_held: bool = False


@dataclass(frozen=True, slots=True)
class JobSubmitted:
    """A job was accepted. Its nodes are not stored with the fact: the graph is rebuilt from the submission."""

    job: JobId
    at_ms: int
    nodes: tuple[NodeOrder, ...]
    continue_on_step_failure: bool = True
    # Higher goes first.
    priority: int = 0


@dataclass(frozen=True, slots=True)
class ReuseFound:
    """An earlier result stands for this node."""

    job: JobId
    node: NodeId
    at_ms: int
    source_job: str


@dataclass(frozen=True, slots=True)
class ReuseMissed:
    """No earlier result may stand for this node."""

    job: JobId
    node: NodeId
    at_ms: int
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BranchChosen:
    """The node is a choice, and what it depends on is known: it has nothing else to do."""

    job: JobId
    node: NodeId
    at_ms: int
    takes: bool
    # The nodes of the block that is not taken; all of them wait for this one.
    bypassed: tuple[NodeId, ...] = ()


@dataclass(frozen=True, slots=True)
class SlotsTaken:
    """
    The node was given its slots and the attempt is about to be launched.

    Written by the engine beside each `LaunchAttempt`, so that replaying a job does
    not depend on how big its compute is by then or on what other jobs do.
    """

    job: JobId
    node: NodeId
    attempt: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class AttemptStarted:
    """The command's process exists."""

    job: JobId
    node: NodeId
    attempt: int
    at_ms: int
    # How each input was delivered.
    ways: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PreparationFailed:
    """The command could not be started."""

    job: JobId
    node: NodeId
    attempt: int
    at_ms: int
    error: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AttemptExited:
    """The command's process ended, by itself, by a signal or by its time limit."""

    job: JobId
    node: NodeId
    attempt: int
    at_ms: int
    exit_code: int | None
    signal: str | None = None
    timed_out: bool = False
    duration_seconds: float | None = None
    # Why a clean exit still counts as a failure, with a code.
    error: Mapping[str, Any] | None = None
    log_dropped: tuple[int, int] | None = None
    # Of several processes, the one that failed first, and what it is called.
    rank: int | None = None
    rank_name: str | None = None


@dataclass(frozen=True, slots=True)
class HeartbeatLate:
    """Nothing was heard of a running attempt for too long."""

    job: JobId
    node: NodeId
    attempt: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class HeartbeatBack:
    """A silent attempt was heard of again."""

    job: JobId
    node: NodeId
    attempt: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class AttemptLost:
    """The compute says that nobody will ever know how the attempt ended."""

    job: JobId
    node: NodeId
    attempt: int
    at_ms: int
    reason: str


@dataclass(frozen=True, slots=True)
class AttemptUnknown:
    """The compute never heard of the attempt, so it was never started there."""

    job: JobId
    node: NodeId
    attempt: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class OutputsStored:
    """Everything the attempt wrote is in its final place."""

    job: JobId
    node: NodeId
    attempt: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class OutputsNotStored:
    """What the attempt wrote could not be put in its final place."""

    job: JobId
    node: NodeId
    attempt: int
    at_ms: int
    error: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CancelAsked:
    """Somebody asked to end the whole job."""

    job: JobId
    at_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class RetryDue:
    """The wait before the next try is over."""

    job: JobId
    node: NodeId
    attempt: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class ComputeSized:
    """A compute has this many slots from now on. Not part of any job's history."""

    compute: str
    slots: int
    at_ms: int
    # So many more nodes may be ordered before there are slots for them; the compute holds them until there are.
    ahead: int = 0


NodeEvent = (
    ReuseFound
    | ReuseMissed
    | BranchChosen
    | SlotsTaken
    | AttemptStarted
    | PreparationFailed
    | AttemptExited
    | HeartbeatLate
    | HeartbeatBack
    | AttemptLost
    | AttemptUnknown
    | OutputsStored
    | OutputsNotStored
    | RetryDue
)
Event = JobSubmitted | CancelAsked | ComputeSized | NodeEvent
