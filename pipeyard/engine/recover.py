"""
Replay the log after a restart.

In:       the store, and somebody who makes a job's graph again.
Out:      a scheduler state and books that stand where the last engine's stood.
Not here: going on (`loop.py` carries out `scheduler/recover.py`'s orders).

A job is replayed from its own facts alone, on computes that have no size yet, so
neither its neighbours nor a changed machine make a difference.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import field

from pipeyard.engine.book import LOCAL_POOL, JobBook
from pipeyard.engine.history import fact_of
from pipeyard.engine.orders import node_orders
from pipeyard.engine.reading import may_change
from pipeyard.engine.report import AttemptKey
from pipeyard.graph.model import NodeId
from pipeyard.model.errors import Bug, PipeyardError, StoreError
from pipeyard.model.instance import Share
from pipeyard.model.record import Batch, EventRecord, JobChange, JobRecord
from pipeyard.model.status import JobStatus
from pipeyard.model.value import dataclass
from pipeyard.ports import GraphSource, Store
from pipeyard.scheduler import event as facts
from pipeyard.scheduler.machine import advance, forget
from pipeyard.scheduler.state import TERMINAL, UNDER_WAY, NodeState, SchedulerState, holds_slot

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Replay:
    """What was under way, found again."""

    store: Store
    source: GraphSource
    state: SchedulerState
    # Slots by pool, as far as anybody said.
    slots: Mapping[str, int]
    now_ms: int
    # By root name, oldest job first.
    books: dict[str, JobBook] = field(default_factory=dict)
    # Attempts of jobs that nobody can go on with; they are to be stopped.
    orphans: list[AttemptKey] = field(default_factory=list)
    # What attempts that are under way have of their computes, and how many instances that is.
    shares: list[tuple[AttemptKey, Share, int]] = field(default_factory=list)

    # Steps that run under a key since before: job, node, key.
    leaders: list[tuple[str, NodeId, str]] = field(default_factory=list)

    def run(self) -> None:
        """Replay every unfinished job. One that cannot be is stored as failed; the others go on."""
        for root in self.store.unfinished():
            records = self.store.load_tree(root.workspace, root.name)
            events = self.store.load_events(root.workspace, root.name)
            try:
                self.books[root.name] = self._replay(root, records, events)
            except StoreError:
                # The store's trouble is not the job's.
                raise
            except Exception as problem:  # noqa: BLE001 - one unreadable job must not stop the others
                _log.exception("job %s cannot go on", root.name)
                self._drop(root.name)
                self._give_up(records, events, problem)

    def _replay(self, root: JobRecord, records: Sequence[JobRecord], events: Sequence[EventRecord]) -> JobBook:
        submission = self.store.load_submission(root.workspace, root.name)
        if submission is None or not events:
            raise Bug(f"of job {root.name} nothing but its records was stored")
        book = JobBook(self.source.graph_of(root, submission), records, seq=events[-1].seq)
        orders = node_orders(book, self.slots)
        for event in events:
            fact = fact_of(event, orders)
            _, moves, is_news = advance(self.state, fact)
            if is_news:
                book.note_fact(fact)
            book.replay(moves)
        for node in self.state.jobs[root.name].nodes.values():
            page = book.pages[node.order.id]
            if holds_slot(node):
                key = AttemptKey(root.name, node.order.id, node.attempt, page.pool, page.job_name)
                self.shares.append((key, page.share, node.order.instances))
            if node.state is NodeState.COMPLETED:
                outputs = self.store.load_outputs(root.workspace, page.job_name)
                page.outputs = {output.output: output for output in outputs}
        self._take_results(book)
        return book

    def _take_results(self, book: JobBook) -> None:
        """Go on with what was found out about steps that have not ended."""
        nodes = self.state.jobs[book.name].nodes
        for result in self.store.results_of_root(book.workspace, book.name):
            node = nodes.get(result.node_id)
            if node is None or node.state in TERMINAL:
                continue
            # What it read cannot be compared any more.
            is_sound = not may_change(book.graph, book.graph.nodes[result.node_id])
            book.pages[result.node_id].may_give = result.is_reusable and is_sound
            if result.is_reusable:
                self.leaders.append((book.name, result.node_id, result.key))

    def _drop(self, name: str) -> None:
        """Take a half replayed job out of the state again, through the one door."""
        job = self.state.jobs.get(name)
        if job is None:
            return
        advance(self.state, facts.CancelAsked(name, self.now_ms, "recovery"))
        for node in job.nodes.values():
            if node.state in UNDER_WAY:
                advance(self.state, facts.AttemptLost(name, node.order.id, node.attempt, self.now_ms, "dropped"))
        forget(self.state, name)

    def _give_up(self, records: Sequence[JobRecord], events: Sequence[EventRecord], problem: Exception) -> None:
        reason = problem.message if isinstance(problem, PipeyardError) else f"{type(problem).__name__}: {problem}"
        error = {"code": "cannot-resume", "message": f"the job cannot go on after a restart: {reason}"}
        newest = {event.node_id: event.attempt for event in events if event.kind == facts.SlotsTaken.__name__}
        changes = []
        for record in records:
            if record.status.is_terminal:
                continue
            status = JobStatus.FAILED if record.is_root else JobStatus.CANCELED
            changes.append(JobChange(record.name, {"status": status, "ended_at_ms": self.now_ms, "error": error}))
            attempt = newest.get(record.node_id)
            if attempt is not None and record.kind == "command":
                pool = record.detail.get("pool") or LOCAL_POOL
                self.orphans.append(AttemptKey(record.root_name, record.node_id, attempt, pool, record.name))
        self.store.commit(Batch(changes=tuple(changes)))
