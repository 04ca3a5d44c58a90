"""
What follows from some facts: one turn of the loop, up to what it wants stored.

In:       facts and reports that waited.
Out:      rows to store, orders to carry out afterwards, records to show afterwards.
Not here: storing and acting (`loop.py`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping, Sequence

from pipeyard.engine.attempts import Attempts
from pipeyard.engine.book import JobBook
from pipeyard.engine.history import record_of
from pipeyard.engine.news import News, Reuse
from pipeyard.engine.page import NodePage
from pipeyard.engine.report import AttemptKey, facts_of
from pipeyard.engine.shares import Shares
from pipeyard.graph.model import NodeId
from pipeyard.model.asset_record import AssetVersion
from pipeyard.model.assets import Manifest
from pipeyard.model.record import Batch, EventRecord, JobChange, JobRecord, OutputRecord
from pipeyard.model.reuse import ResultEnd, ResultRecord
from pipeyard.ports import AttemptReport
from pipeyard.scheduler import command as orders
from pipeyard.scheduler import event as facts
from pipeyard.scheduler.machine import advance
from pipeyard.scheduler.state import TERMINAL, UNDER_WAY, JobMove, Move, NodeMove, NodeState, SchedulerState, holds_slot

# What stands for the manifest of an output that is another step's.
_SHARED = Manifest(())


class Turn:
    """What one turn gathers."""

    def __init__(
        self, state: SchedulerState, books: Mapping[str, JobBook], attempts: Attempts, shares: Shares, now_ms: int
    ) -> None:
        """Begin a turn over *books*."""
        self._state = state
        self._books = books
        self._attempts = attempts
        self._shares = shares
        self._now_ms = now_ms
        self._waiting: deque[News] = deque()
        self.changes: list[JobChange] = []
        self.events: list[EventRecord] = []
        self.outputs: list[tuple[OutputRecord, Manifest]] = []
        # What completed steps wrote, to be registered.
        self.versions: list[AssetVersion] = []
        # To be carried out when the turn is durable.
        self.commands: list[orders.Command] = []
        # May be carried out at once: the compute's own record of the end is durable, and
        # storing twice is harmless. The step after this one starts a transaction earlier.
        # Looking up changes nothing.
        self.early: list[orders.StoreOutputs | orders.LookUpReuse] = []
        self.results: list[ResultRecord] = []
        self.ended_results: list[ResultEnd] = []
        self.manifests: list[tuple[str, str, Manifest]] = []
        # Whose outputs' files nobody can look up yet.
        self._fresh: list[NodePage] = []
        # Steps that came to their end.
        self.ended_steps: list[tuple[str, NodeId]] = []
        # By root job, in order.
        self.moves: dict[str, list[Move]] = {}
        self.changed: dict[str, Sequence[JobRecord]] = {}
        # Attempts that are at their end: nothing of them is to be stored any more.
        self.ended: list[AttemptKey] = []
        # Of these, the ones whose folders hold something that was not stored.
        self.unstored: set[AttemptKey] = set()
        # Pool and seconds of each attempt whose process ended.
        self.exits: list[tuple[str, float]] = []
        self.ended_jobs: list[str] = []
        # Told when the batch is durable.
        self.done: list[asyncio.Future[None]] = []

    def take_in(self, arrived: Iterable[News | AttemptReport]) -> None:
        """Advance by everything that arrived."""
        for one in arrived:
            self._waiting.extend([one] if isinstance(one, News) else self._news_of(one))
            # One at a time: what a report means depends on what the last one changed.
            while self._waiting:
                self._advance(self._waiting.popleft())
        for root_name in {**self.moves, **dict.fromkeys(self._warned())}:
            some, records = self._books[root_name].take_changes()
            self.changes += some
            self.changed[root_name] = records

    def _warned(self) -> list[str]:
        return [name for name, book in self._books.items() if book.has_changes]

    def _news_of(self, report: AttemptReport) -> Iterable[News]:
        key = self._attempts.find(report.attempt_id)
        job = self._state.jobs.get(key.job) if key is not None else None
        if key is None or job is None:
            return ()
        found = facts_of(report, key, job.nodes[key.node].state, self._now_ms)
        return [News(fact) for fact in found]

    def _advance(self, news: News) -> None:
        fact = news.fact
        if news.done is not None:
            self.done.append(news.done)
        commands, moves, is_news = advance(self._state, fact)
        # A fact that changed nothing is not kept, but it may call for an order to be given again.
        if is_news and not isinstance(fact, facts.ComputeSized):
            self._keep(news, fact)
        for move in moves:
            self._note(move)
        if news.versions and any(isinstance(move, NodeMove) and move.after is NodeState.COMPLETED for move in moves):
            # A step that was canceled meanwhile has its outputs stored, and registers nothing.
            self.versions += news.versions
        for command in commands:
            if isinstance(command, (orders.StoreOutputs, orders.LookUpReuse)):
                self.early.append(command)
            else:
                self.commands.append(command)

    def _keep(self, news: News, fact: facts.JobSubmitted | facts.CancelAsked | facts.NodeEvent) -> None:
        book = self._books[fact.job]
        book.note_fact(fact)
        if not news.is_stored:
            self.events.append(record_of(fact, book.next_seq()))
        if news.reuse is not None and isinstance(fact, (facts.ReuseFound, facts.ReuseMissed)):
            self._keep_reuse(book, fact.node, news.reuse)
        if isinstance(fact, facts.AttemptExited) and fact.duration_seconds is not None:
            self.exits.append((book.pages[fact.node].pool, fact.duration_seconds))
        if isinstance(fact, (facts.OutputsStored, facts.OutputsNotStored)):
            page = book.pages[fact.node]
            page.failure = news.failure
            if news.is_doubtful and page.may_give is not None:
                page.may_give = False
            page.outputs |= {output.output: output for output, _ in news.outputs}
            page.fresh |= {output.output: manifest for output, manifest in news.outputs}
            self._fresh.append(page)
            self.outputs += news.outputs
            if isinstance(fact, facts.OutputsNotStored):
                self.unstored.add(AttemptKey(fact.job, fact.node, fact.attempt, page.pool, page.job_name))

    def forget_files(self) -> None:
        """Let go of what the store has by now."""
        for page in self._fresh:
            page.fresh = {}

    def _keep_reuse(self, book: JobBook, node: NodeId, reuse: Reuse) -> None:
        book.note_reuse(node, reuse)
        if reuse.result is not None:
            self.results.append(reuse.result)
        # Rows that point to where they are: the manifest is the original's.
        self.outputs += [(output, _SHARED) for output in reuse.outputs]
        self.manifests += reuse.seen

    def _note(self, move: Move) -> None:
        book = self._books[move.job]
        book.note_moves((move,))
        self.moves.setdefault(move.job, []).append(move)
        if isinstance(move, JobMove):
            if move.after.is_terminal:
                self.ended_jobs.append(move.job)
            return
        page = book.pages[move.node]
        key = AttemptKey(move.job, move.node, move.attempt, page.pool, page.job_name)
        node = self._state.jobs[move.job].nodes[move.node]
        if move.after is NodeState.PREPARING:
            self.events.append(record_of(_slots_taken(move), book.next_seq()))
            book.note_share(move.node, self._shares.take(key, node.order.instances))
        elif move.before is NodeState.PREPARING and move.after is NodeState.RUNNING:
            share = self._shares.settle(key, node.order.instances)
            if share is not None:
                book.note_share(move.node, share)
        elif not holds_slot(node) or move.after is NodeState.QUEUED:
            self._shares.give_back(key)
        if move.before in UNDER_WAY and move.after not in UNDER_WAY:
            self.ended.append(key)
        if move.after in TERMINAL:
            self.ended_steps.append((move.job, move.node))
        if move.before is NodeState.FINALIZING and move.after is NodeState.COMPLETED and page.may_give is not None:
            self.ended_results.append(ResultEnd(page.job_name, move.at_ms, page.may_give))


def batch_of(turns: Sequence[Turn]) -> Batch:
    """Return everything that some turns want stored, in their order."""
    return Batch(
        changes=tuple(change for turn in turns for change in turn.changes),
        events=tuple(event for turn in turns for event in turn.events),
        outputs=tuple(output for turn in turns for output in turn.outputs),
        results=tuple(result for turn in turns for result in turn.results),
        ended_results=tuple(end for turn in turns for end in turn.ended_results),
        manifests=tuple(seen for turn in turns for seen in turn.manifests),
        assets=tuple(version for turn in turns for version in turn.versions),
    )


def _slots_taken(move: NodeMove) -> facts.SlotsTaken:
    return facts.SlotsTaken(move.job, move.node, move.attempt, move.at_ms)
