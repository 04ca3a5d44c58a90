"""
Orders: what is to be done, in the imperative.

In:       given by `machine.advance`.
Out:      carried out by `engine/act.py`, one function each; each ends by reporting one fact.

Every order about an attempt carries its number and may be carried out twice without harm.
"""

from __future__ import annotations

from pipeyard.model.value import dataclass
from pipeyard.scheduler.event import JobId, NodeId


@dataclass(frozen=True, slots=True)
class LookUpReuse:
    """
    Find out whether an earlier result may stand for the node. Ends in ReuseFound or ReuseMissed.

    Of a choice: which block is taken. Ends in BranchChosen.
    """

    job: JobId
    node: NodeId


@dataclass(frozen=True, slots=True)
class LaunchAttempt:
    """Start the command. Ends in AttemptStarted or PreparationFailed."""

    job: JobId
    node: NodeId
    attempt: int


@dataclass(frozen=True, slots=True)
class StopAttempt:
    """End the command's process. Ends in AttemptExited, AttemptLost or PreparationFailed."""

    job: JobId
    node: NodeId
    attempt: int


@dataclass(frozen=True, slots=True)
class AskCompute:
    """Find out what became of an attempt. Ends in HeartbeatBack, AttemptStarted, AttemptExited, AttemptLost or AttemptUnknown."""

    job: JobId
    node: NodeId
    attempt: int


@dataclass(frozen=True, slots=True)
class StoreOutputs:
    """Put what the attempt wrote in its final place. Ends in OutputsStored or OutputsNotStored."""

    job: JobId
    node: NodeId
    attempt: int
    # Whether later steps may read it; else it is kept to look at.
    is_complete: bool


@dataclass(frozen=True, slots=True)
class RecordReuse:
    """Make an earlier job's outputs this node's own. Ends in nothing: it is done in the same transaction."""

    job: JobId
    node: NodeId
    source_job: str


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Report RetryDue after a while."""

    job: JobId
    node: NodeId
    attempt: int
    seconds: float


Command = LookUpReuse | LaunchAttempt | StopAttempt | AskCompute | StoreOutputs | RecordReuse | StartTimer
