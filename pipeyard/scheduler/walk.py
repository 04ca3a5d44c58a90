"""
How a node goes on, from a decision to its consequences below.

In:       a node, and what shall become of it.
Out:      changed states, orders and moves, gathered for one fact.
Not here: which fact leads to what (`machine.py`), who starts first (`queue.py`).
"""

from __future__ import annotations

from collections.abc import Iterable

from pipeyard.model.errors import Bug
from pipeyard.model.retry import FailureKind
from pipeyard.scheduler.command import Command, LaunchAttempt, LookUpReuse, StartTimer, StopAttempt, StoreOutputs
from pipeyard.scheduler.event import NodeId
from pipeyard.scheduler.failure import bypassed_error, job_error, skipped_error, stopped_error
from pipeyard.scheduler.queue import enqueue, next_to_start, release, take
from pipeyard.scheduler.retry import kind_of_exit, may_retry, with_next_try
from pipeyard.scheduler.state import (
    ALLOWED,
    NOT_BEGUN,
    Error,
    JobMove,
    JobState,
    Move,
    NodeMove,
    NodeProgress,
    NodeState,
    Pool,
    SchedulerState,
    holds_slot,
    job_status,
)

_S = NodeState
_ALIVE = frozenset({_S.PREPARING, _S.RUNNING, _S.SILENT})


class Walk:
    """Everything that follows from one fact. Made and used by `machine.advance` only."""

    __slots__ = ("at_ms", "commands", "is_news", "moves", "state", "touched")

    def __init__(self, state: SchedulerState, at_ms: int) -> None:
        """Begin with nothing changed."""
        self.state = state
        self.at_ms = at_ms
        self.commands: list[Command] = []
        self.moves: list[Move] = []
        self.is_news = False
        # Computes on which a node may be able to start now, in the order they were met.
        self.touched: dict[str, None] = {}

    # --- how a node goes on ------------------------------------------------------------------

    def check(self, node: NodeProgress) -> None:
        """Begin to look up whether an earlier result may stand for a node that has all its inputs."""
        self.move(node, _S.CHECKING)
        self.commands.append(LookUpReuse(node.job, node.order.id))

    def queue(self, job: JobState, node: NodeProgress) -> None:
        """Let a node wait for its slots."""
        self.move(node, _S.QUEUED)
        self.line_up(job, node)

    def line_up(self, job: JobState, node: NodeProgress) -> None:
        """Put a queued node in line."""
        enqueue(self.pool(node.order.compute), job, node)
        self.touched[node.order.compute] = None

    def prepare(self, node: NodeProgress) -> None:
        """Begin the next attempt of a node that was given its slots."""
        node.attempt += 1
        self.move(node, _S.PREPARING)
        self.commands.append(LaunchAttempt(node.job, node.order.id, node.attempt))

    def start_waiting(self, pool: Pool) -> None:
        """Begin as many waiting nodes as fit."""
        while (node := next_to_start(pool)) is not None:
            take(pool, node.order.instances)
            self.prepare(node)

    def finalize(self, job: JobState, node: NodeProgress, outcome: NodeState, error: Error | None) -> None:
        """Store what an ended attempt wrote, and remember what the node will be then."""
        node.outcome, node.error = outcome, error
        self.move(node, _S.FINALIZING)
        self.commands.append(StoreOutputs(job.id, node.order.id, node.attempt, outcome is _S.COMPLETED))

    def settle(
        self, job: JobState, node: NodeProgress, problem: Error | None, kind: FailureKind = FailureKind.OUTPUTS
    ) -> None:
        """Give a finalizing node the end that was remembered; a *problem* of a *kind* spoils only a good one."""
        outcome, error = node.outcome, node.error or {}
        if outcome is _S.FAILED:
            self.fail(job, node, kind_of_exit(error), error)
        elif outcome is _S.COMPLETED and problem is not None:
            self.fail(job, node, kind, problem)
        else:
            self.end(job, node, outcome or _S.CANCELED, node.error)

    def fail(self, job: JobState, node: NodeProgress, kind: FailureKind, error: Error) -> None:
        """Try a node again if it may be, else let it fail and skip or stop what follows."""
        if job.may_start(node) and may_retry(node.order, node.attempt, kind, error):
            self._retry(job, node, with_next_try(node.order, node.attempt, error))
            return
        if job.failed_node is None:
            job.failed_node = node.order.id
        job.failed_count += 1
        self.end(job, node, _S.FAILED, error)
        if job.continue_on_step_failure or node.order.is_final:
            self._end_below(job, [node], _S.SKIPPED, skipped_error(node.order.id))
        elif job.canceled_by is None:
            self.stop_all(job)

    def _retry(self, job: JobState, node: NodeProgress, error: Error) -> None:
        self.move(node, _S.QUEUED, error)
        node.outcome = None
        node.error = None
        if node.order.backoff_seconds > 0:
            node.is_resting = True
            self.commands.append(StartTimer(job.id, node.order.id, node.attempt, node.order.backoff_seconds))
        else:
            self.line_up(job, node)

    def end(self, job: JobState, node: NodeProgress, after: NodeState, error: Error | None = None) -> None:
        """Bring a node to its end and wake what waits for it."""
        self.move(node, after, error)
        node.outcome = None
        node.error = error
        job.open_count -= 1
        if after is _S.COMPLETED:
            job.has_begun = True
            for below in node.downstream:
                below.waits_for -= 1
                if below.waits_for == 0 and below.state is _S.WAITING:
                    self.check(below)
        if not node.order.is_final:
            job.ordinary_count -= 1
            if job.ordinary_count == 0:
                self._begin_final(job)

    def _begin_final(self, job: JobState) -> None:
        """Begin what was to wait until everything else has ended."""
        for node in job.nodes.values():
            if node.order.is_final and node.waits_for == 0 and node.state is _S.WAITING:
                self.check(node)

    def bypass(self, job: JobState, choice: NodeProgress, nodes: Iterable[NodeId]) -> None:
        """End the nodes of a block that is not taken, and what can get its inputs from nowhere else."""
        error = bypassed_error(choice.order.id)
        bypassed = [job.nodes[id_] for id_ in nodes if job.nodes[id_].state is _S.WAITING]
        for node in bypassed:
            self.end(job, node, _S.BYPASSED, error)
        self._end_below(job, bypassed, _S.BYPASSED, error)

    def _end_below(self, job: JobState, ended: Iterable[NodeProgress], after: NodeState, error: Error) -> None:
        """End every node that can no longer get its inputs; each edge is walked once."""
        stack = list(ended)
        while stack:
            for below in stack.pop().downstream:
                if below.state is _S.WAITING:
                    self.end(job, below, after, error)
                    stack.append(below)

    def stop_all(self, job: JobState) -> None:
        """End everything that is not at its end and may be stopped; what is finalizing may finish."""
        for node in job.nodes.values():
            if node.order.is_final and not job.is_final_canceled:
                continue
            if node.state in NOT_BEGUN:
                self._give_up(job, node)
            elif node.state in _ALIVE:
                self.move(node, _S.CANCELING)
                self.commands.append(StopAttempt(job.id, node.order.id, node.attempt))

    def _give_up(self, job: JobState, node: NodeProgress) -> None:
        if job.canceled_by is None and job.failed_node is not None and node.attempt == 0:
            self.end(job, node, _S.SKIPPED, skipped_error(job.failed_node))
        else:
            self.end(job, node, _S.CANCELED, stopped_error(job))

    # --- the moves themselves ----------------------------------------------------------------

    def move(self, node: NodeProgress, after: NodeState, error: Error | None = None) -> None:
        """Change a node's state. Nothing else does."""
        before = node.state
        if after not in ALLOWED[before]:
            raise Bug(f"node `{node.order.id}` of {node.job} may not go from {before.value} to {after.value}")
        had_slot = holds_slot(node)
        node.state = after
        self.is_news = True
        if had_slot and not holds_slot(node):
            release(self.state.pools[node.order.compute], node.order.instances)
            self.touched[node.order.compute] = None
        self.moves.append(NodeMove(node.job, node.order.id, before, after, node.attempt, self.at_ms, error))

    def update(self, job: JobState) -> None:
        """Change a job's public status to what follows from its nodes."""
        before, after = job.status, job_status(job)
        if after is before:
            return
        job.status = after
        error = job_error(job) if after.is_terminal else None
        self.moves.append(JobMove(job.id, before, after, self.at_ms, error))

    def pool(self, compute: str) -> Pool:
        """Return a compute's slots; of one that nobody spoke of yet, none."""
        pool = self.state.pools.get(compute)
        if pool is None:
            pool = self.state.pools[compute] = Pool()
        return pool
