"""
What a compute says, as facts.

In:       an `AttemptReport`, where the attempt belongs, and how its node stands.
Out:      the facts that follow, in order.
Not here: listening to computes (`act.py`, `supervise.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeyard.model.errors import Bug
from pipeyard.model.value import dataclass
from pipeyard.ports import AttemptReport
from pipeyard.scheduler import event as facts
from pipeyard.scheduler.state import NodeState


@dataclass(frozen=True, slots=True)
class AttemptKey:
    """Which try at which node an attempt is."""

    job: str
    node: str
    attempt: int
    # The compute that runs it.
    pool: str
    # The node's own job name.
    job_name: str

    @property
    def attempt_id(self) -> str:
        """Return the name that computes know it by."""
        return f"{self.job_name}.{self.attempt}"


def facts_of(report: AttemptReport, key: AttemptKey, state: NodeState, now_ms: int) -> Iterator[facts.NodeEvent]:
    """Yield what a report adds to what is known of a node in *state*."""
    job, node, attempt = key.job, key.node, key.attempt
    match report.state:
        case "starting":
            pass
        case "running":
            yield from _running(report, key, state, now_ms)
        case "exited":
            if state is NodeState.PREPARING and report.started_at_ms is not None:
                yield facts.AttemptStarted(job, node, attempt, report.started_at_ms, dict(report.ways))
            yield _exited(report, key, now_ms)
        case "refused":
            error = {"code": report.code or "refused", "message": report.reason or "the compute refused to start it"}
            yield facts.PreparationFailed(job, node, attempt, now_ms, error)
        case "lost":
            yield facts.AttemptLost(job, node, attempt, now_ms, report.reason or "nobody knows how it ended")
        case "unknown":
            yield facts.AttemptUnknown(job, node, attempt, now_ms)
        case other:
            raise Bug(f"attempt {report.attempt_id} was reported as `{other}`")


def _running(report: AttemptReport, key: AttemptKey, state: NodeState, now_ms: int) -> Iterator[facts.NodeEvent]:
    if state is NodeState.SILENT:
        yield facts.HeartbeatBack(key.job, key.node, key.attempt, now_ms)
    elif state in (NodeState.PREPARING, NodeState.CANCELING):
        started_at_ms = now_ms if report.started_at_ms is None else report.started_at_ms
        yield facts.AttemptStarted(key.job, key.node, key.attempt, started_at_ms, dict(report.ways))


def _exited(report: AttemptReport, key: AttemptKey, now_ms: int) -> facts.AttemptExited:
    error = None
    if report.reason is not None and not report.timed_out:
        error = {"code": report.code or "step-failed", "message": report.reason}
    return facts.AttemptExited(
        job=key.job,
        node=key.node,
        attempt=key.attempt,
        at_ms=now_ms if report.ended_at_ms is None else report.ended_at_ms,
        exit_code=report.exit_code,
        signal=report.signal,
        timed_out=report.timed_out,
        duration_seconds=report.duration_seconds,
        error=error,
        log_dropped=report.log_dropped,
        rank=report.rank,
        rank_name=report.rank_name,
    )
