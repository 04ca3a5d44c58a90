"""
Walk jobs from fact to fact: the only door through which a state changes.

In:       the state and one fact.
Out:      orders to carry out and the moves that were made.
Not here: clocks, disks, processes. Facts bring their time; orders are carried out
          by `engine/act.py`.

Invariant: a fact about an older attempt, or one that does not fit the state,
changes nothing. That makes doubled and late facts harmless.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pipeyard.model.errors import Bug
from pipeyard.model.retry import FailureKind
from pipeyard.scheduler import event as facts
from pipeyard.scheduler.command import (
    AskCompute,
    Command,
    LaunchAttempt,
    RecordReuse,
    StopAttempt,
)
from pipeyard.scheduler.failure import (
    exit_error,
    is_clean,
    lost_error,
    never_started_error,
    stopped_error,
)
from pipeyard.scheduler.queue import resize, take_again
from pipeyard.scheduler.state import (
    JobState,
    Move,
    NodeProgress,
    NodeState,
    SchedulerState,
)
from pipeyard.scheduler.walk import Walk

_S = NodeState
_ALIVE = frozenset({_S.PREPARING, _S.RUNNING, _S.SILENT})


class Advance(NamedTuple):
    """What one fact led to, in order."""

    commands: list[Command]
    moves: list[Move]
    # Whether the fact fitted; one that did not changed nothing and need not be kept.
    is_news: bool


def new_state() -> SchedulerState:
    """Return the state in which nothing was ever submitted and no compute has a size."""
    return SchedulerState()


def advance(state: SchedulerState, event: facts.Event) -> Advance:
    """Change *state* as *event* demands and return what is to be done."""
    turn = _Turn(state, event.at_ms)
    turn.take_in(event)
    return Advance(turn.commands, turn.moves, turn.is_news)


def forget(state: SchedulerState, job_id: str) -> None:
    """Drop a job that is at its end; facts about it change nothing from then on."""
    job = state.jobs.get(job_id)
    if job is None:
        return
    if not job.status.is_terminal:
        raise Bug(f"job {job_id} is {job.status.value} and cannot be forgotten")
    del state.jobs[job_id]


class _Turn(Walk):
    """One fact being taken in."""

    def take_in(self, event: facts.Event) -> None:
        answers = _ANSWERS.get(type(event))
        if answers is not None:
            job = self._about_node(event, answers)
        elif isinstance(event, facts.JobSubmitted):
            job = self._submit(event)
        elif isinstance(event, facts.CancelAsked):
            job = self._cancel(event)
        elif isinstance(event, facts.ComputeSized):
            job = None
            self.is_news = True
            self._resize(event)
        else:
            raise Bug(f"{type(event).__name__} is no fact")
        for compute in self.touched:
            self.start_waiting(self.state.pools[compute])
        if job is not None:
            self.update(job)

    def _resize(self, event: facts.ComputeSized) -> None:
        pool = self.pool(event.compute)
        if pool.slots is not None and pool.slots != event.slots and pool.used > pool.slots:
            self._tell_held(event.compute)
        resize(pool, event.slots, event.ahead)
        self.touched[event.compute] = None

    def _tell_held(self, compute: str) -> None:
        """Order once more what a compute may hold: only an order says how many slots there are."""
        for job in self.state.jobs.values():
            for node in job.nodes.values():
                if node.state is _S.PREPARING and node.order.compute == compute and node.order.may_be_held:
                    self.commands.append(LaunchAttempt(job.id, node.order.id, node.attempt))

    # --- facts about jobs --------------------------------------------------------------------

    def _submit(self, event: facts.JobSubmitted) -> JobState | None:
        if event.job in self.state.jobs:
            return None
        nodes = {
            order.id: NodeProgress(event.job, order, position, waits_for=len(order.upstream))
            for position, order in enumerate(event.nodes)
        }
        job = JobState(
            id=event.job,
            submitted_at_ms=event.at_ms,
            priority=event.priority,
            continue_on_step_failure=event.continue_on_step_failure,
            nodes=nodes,
            open_count=len(nodes),
            ordinary_count=sum(not order.is_final for order in event.nodes),
        )
        for node in nodes.values():
            for upstream in node.order.upstream:
                nodes[upstream].downstream.append(node)
        self.state.jobs[event.job] = job
        self.is_news = True
        for node in nodes.values():
            if node.waits_for == 0 and not node.order.is_final:
                self.check(node)
        return job

    def _cancel(self, event: facts.CancelAsked) -> JobState | None:
        job = self.state.jobs.get(event.job)
        if job is None or job.status.is_terminal or event.at_ms <= job.canceled_at_ms:
            return None
        # What is final runs after a job that was canceled, too. Who cancels then means that.
        is_final = job.ordinary_count == 0
        if job.is_final_canceled if is_final else job.canceled_by is not None:
            return None
        job.is_final_canceled, job.canceled_at_ms = is_final, event.at_ms
        job.canceled_by = job.canceled_by or event.by
        self.is_news = True
        self.stop_all(job)
        return job

    # --- facts about nodes -------------------------------------------------------------------

    def _about_node(self, event: Any, answers: Mapping[NodeState, _Answer]) -> JobState | None:
        job = self.state.jobs.get(event.job)
        node = job.nodes.get(event.node) if job is not None else None
        answer = answers.get(node.state) if node is not None else None
        if job is None or node is None or answer is None:
            return None
        if type(event) not in _WITHOUT_ATTEMPT and event.attempt != node.attempt:
            return None
        answer(self, job, node, event)
        return job

    def reuse_found(self, job: JobState, node: NodeProgress, event: facts.ReuseFound) -> None:
        self.commands.append(RecordReuse(job.id, node.order.id, event.source_job))
        self.end(job, node, _S.COMPLETED)

    def reuse_missed(self, job: JobState, node: NodeProgress, event: facts.ReuseMissed) -> None:
        del event
        job.has_begun = True
        self.queue(job, node)

    def branch_chosen(self, job: JobState, node: NodeProgress, event: facts.BranchChosen) -> None:
        # First those that shall not run: they wait for nothing but this.
        self.bypass(job, node, event.bypassed)
        self.end(job, node, _S.COMPLETED)

    def slots_taken(self, job: JobState, node: NodeProgress, event: facts.SlotsTaken) -> None:
        """Repeat a decision of an earlier engine, which knew that the wait before a next try was over."""
        if job.may_start(node) and event.attempt == node.attempt + 1:
            node.is_resting = False
            take_again(self.pool(node.order.compute), node.order.instances)
            self.prepare(node)

    def retry_due(self, job: JobState, node: NodeProgress, event: facts.RetryDue) -> None:
        del event
        if node.is_resting:
            node.is_resting = False
            self.is_news = True
            self.line_up(job, node)

    def started(self, job: JobState, node: NodeProgress, event: facts.AttemptStarted) -> None:
        del job, event
        self.move(node, _S.RUNNING)

    def started_too_late(self, job: JobState, node: NodeProgress, event: facts.AttemptStarted) -> None:
        """Ask again: the first order to stop may have come before there was anything to stop."""
        del event
        self.commands.append(StopAttempt(job.id, node.order.id, node.attempt))

    def preparation_failed(self, job: JobState, node: NodeProgress, event: facts.PreparationFailed) -> None:
        self.fail(job, node, FailureKind.PREPARATION, event.error)

    def exited(self, job: JobState, node: NodeProgress, event: facts.AttemptExited) -> None:
        if is_clean(event):
            self.finalize(job, node, _S.COMPLETED, None)
        else:
            self.finalize(job, node, _S.FAILED, exit_error(event))

    def exited_as_asked(self, job: JobState, node: NodeProgress, event: facts.AttemptExited) -> None:
        error = {**stopped_error(job), "exit_code": event.exit_code, "signal": event.signal}
        self.finalize(job, node, _S.CANCELED, error)

    def fell_silent(self, job: JobState, node: NodeProgress, event: facts.HeartbeatLate) -> None:
        del event
        self.move(node, _S.SILENT)
        self.commands.append(AskCompute(job.id, node.order.id, node.attempt))

    def spoke_again(self, job: JobState, node: NodeProgress, event: facts.HeartbeatBack) -> None:
        del job, event
        self.move(node, _S.RUNNING)

    def lost(self, job: JobState, node: NodeProgress, event: facts.AttemptLost) -> None:
        self.fail(job, node, FailureKind.LOST, lost_error(event))

    def lost_at_the_end(self, job: JobState, node: NodeProgress, event: facts.AttemptLost) -> None:
        self.settle(job, node, lost_error(event), FailureKind.LOST)

    def unknown(self, job: JobState, node: NodeProgress, event: facts.AttemptUnknown) -> None:
        del event
        self.fail(job, node, FailureKind.LOST, never_started_error())

    def launch_again(self, job: JobState, node: NodeProgress, event: facts.AttemptUnknown) -> None:
        del event
        self.commands.append(LaunchAttempt(job.id, node.order.id, node.attempt))

    def ended_as_asked(self, job: JobState, node: NodeProgress, event: object) -> None:
        del event
        self.end(job, node, _S.CANCELED, stopped_error(job))

    def stored(self, job: JobState, node: NodeProgress, event: facts.OutputsStored) -> None:
        del event
        self.settle(job, node, None)

    def not_stored(self, job: JobState, node: NodeProgress, event: facts.OutputsNotStored) -> None:
        self.settle(job, node, event.error)


_Answer = Callable[[_Turn, JobState, NodeProgress, Any], None]

# Facts that do not name the attempt the node is in.
_WITHOUT_ATTEMPT = frozenset({facts.ReuseFound, facts.ReuseMissed, facts.BranchChosen, facts.SlotsTaken})


def _answers() -> dict[type, dict[NodeState, _Answer]]:
    """Return which fact is taken in, in which state, by whom. What is not listed changes nothing."""
    alive = (_S.PREPARING, _S.RUNNING, _S.SILENT)
    return {
        facts.ReuseFound: {_S.CHECKING: _Turn.reuse_found},
        facts.ReuseMissed: {_S.CHECKING: _Turn.reuse_missed},
        facts.BranchChosen: {_S.CHECKING: _Turn.branch_chosen},
        facts.SlotsTaken: {_S.QUEUED: _Turn.slots_taken},
        facts.RetryDue: {_S.QUEUED: _Turn.retry_due},
        facts.AttemptStarted: {
            _S.PREPARING: _Turn.started,
            _S.SILENT: _Turn.spoke_again,
            _S.CANCELING: _Turn.started_too_late,
        },
        facts.PreparationFailed: {_S.PREPARING: _Turn.preparation_failed, _S.CANCELING: _Turn.ended_as_asked},
        facts.AttemptExited: {**dict.fromkeys(alive, _Turn.exited), _S.CANCELING: _Turn.exited_as_asked},
        facts.HeartbeatLate: {_S.RUNNING: _Turn.fell_silent},
        facts.HeartbeatBack: {_S.SILENT: _Turn.spoke_again},
        facts.AttemptLost: {
            **dict.fromkeys(alive, _Turn.lost),
            _S.FINALIZING: _Turn.lost_at_the_end,
            _S.CANCELING: _Turn.ended_as_asked,
        },
        facts.AttemptUnknown: {
            _S.PREPARING: _Turn.launch_again,
            _S.RUNNING: _Turn.unknown,
            _S.SILENT: _Turn.unknown,
            _S.CANCELING: _Turn.ended_as_asked,
        },
        facts.OutputsStored: {_S.FINALIZING: _Turn.stored},
        facts.OutputsNotStored: {_S.FINALIZING: _Turn.not_stored},
    }


_ANSWERS = _answers()
