"""
What must be asked or done again after a replay.

In:       a state made by feeding stored facts to `advance`.
Out:      orders for everything that was under way when the last engine ended.
Not here: reading facts (`engine/recover.py`).

Every order may have been carried out before; carrying it out twice is harmless.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeyard.scheduler.command import AskCompute, Command, LookUpReuse, StartTimer, StopAttempt, StoreOutputs
from pipeyard.scheduler.state import NodeProgress, NodeState, SchedulerState


def resume_commands(state: SchedulerState) -> list[Command]:
    """Return the orders that bring a replayed state back to life, jobs and nodes in their order."""
    return [order for job in state.jobs.values() for node in job.nodes.values() for order in _orders(node)]


def _orders(node: NodeProgress) -> Iterator[Command]:
    job, name, attempt = node.job, node.order.id, node.attempt
    match node.state:
        case NodeState.CHECKING:
            yield LookUpReuse(job, name)
        case NodeState.QUEUED if node.is_resting:
            # The whole wait again: nobody knows how much of it is over.
            yield StartTimer(job, name, attempt, node.order.backoff_seconds)
        case NodeState.PREPARING | NodeState.RUNNING | NodeState.SILENT:
            yield AskCompute(job, name, attempt)
        case NodeState.CANCELING:
            yield StopAttempt(job, name, attempt)
            yield AskCompute(job, name, attempt)
        case NodeState.FINALIZING:
            yield StoreOutputs(job, name, attempt, node.outcome is NodeState.COMPLETED)
        case _:
            pass
