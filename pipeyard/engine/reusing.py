"""
Steps that are being looked up: asked about together, and made to wait for equal ones that run.

In:       orders to look up, and who ended.
Out:      news: an earlier result stands for a step, or it runs.
Not here: finding out (`lookup.py`), what follows for the records (`turn.py`, `book.py`).

All methods belong to the loop's thread. Looking up changes nothing, so it does not wait
until the facts behind it are durable.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any

from pipeyard.engine.book import JobBook
from pipeyard.engine.choosing import chosen
from pipeyard.engine.lookup import Answer, Asked, Known, LookUp, step_in
from pipeyard.engine.news import News, Reuse
from pipeyard.engine.surroundings import Surroundings
from pipeyard.engine.threads import Threads
from pipeyard.graph.flow import Choice
from pipeyard.graph.model import NodeId
from pipeyard.model.reuse import Reason, ResultRecord
from pipeyard.reuse.choice import Policy
from pipeyard.reuse.twins import Twin, Twins
from pipeyard.scheduler import event as facts

_log = logging.getLogger(__name__)
# So many are asked about at once: enough for one query to serve many, and few enough that of ten thousand steps
# neither all keys and outputs are held at one time, nor the last one's answer waited for before the first is taken.
TOGETHER = 2500
_FAILED = Reason("not-looked-up", "earlier results could not be looked up; the server's log says why")


class Reusing:
    """Answers orders to look up."""

    def __init__(
        self,
        world: Surroundings,
        threads: Threads,
        books: Mapping[str, JobBook],
        tell: Callable[[News], None],
        *,
        begin: Callable[[Coroutine[Any, Any, None]], None],
        is_checking: Callable[[str, NodeId], bool],
    ) -> None:
        """Look up in threads and *tell* what was found; *is_checking* says whether a step still wants to know."""
        self._world = world
        self._threads = threads
        self._books = books
        self._tell = tell
        self._begin = begin
        self._is_checking = is_checking
        self._look_up = LookUp(world)
        self._twins = Twins()
        self._asked: list[Asked] = []
        # Leaders that ended while somebody was looking up what they might have left: key and when, counted in calls.
        self._ended: dict[str, int] = {}
        # Jobs whose results are just being freed.
        self._held_back: frozenset[str] = frozenset()
        # The same, let go while calls were under way that may have seen what is gone: job and the newest such call.
        self._let_go: dict[str, int] = {}
        self._calls = 0
        self._calls_under_way = 0

    def add(self, job: str, node: NodeId) -> None:
        """Ask about a step with the next call."""
        book = self._books.get(job)
        if book is None:
            return
        control = book.graph.nodes[node].control
        if isinstance(control, Choice):
            self._tell(News(chosen(book, node, control, self._world.clock.now_ms())))
        else:
            self._asked.append(Asked(book, node))

    def hand_over(self) -> None:
        """Look up everything that was asked for since the last time."""
        if self._asked:
            asked, self._asked = self._asked, []
            self._begin(self._find_out_all(asked))

    def lead(self, job: str, node: NodeId, key: str) -> None:
        """Say that a step runs since before this engine began."""
        self._twins.lead((job, node), key)

    def hold_back(self, writers: frozenset[str]) -> None:
        """Take no result of these jobs until `let_go`, nor afterwards if it was seen before that."""
        self._held_back = writers

    def let_go(self) -> None:
        """End what the last `hold_back` began."""
        if self._calls_under_way:
            self._let_go.update(dict.fromkeys(self._held_back, self._calls))
        self._held_back = frozenset()

    def ended(self, steps: Iterable[Twin]) -> None:
        """Look up again who waited for steps that ended; what those left is durable."""
        for step in steps:
            book = self._books.get(step[0])
            if book is not None:
                self._look_up.let_go(book.pages[step[1]].job_name)
            key, waiting = self._twins.ended(step)
            if key is not None and self._calls_under_way:
                self._ended[key] = self._calls
            for job, node in waiting:
                self.add(job, node)
        self.hand_over()

    async def _find_out_all(self, asked: Sequence[Asked]) -> None:
        known = Known()
        for start in range(0, len(asked), TOGETHER):
            await self._find_out(asked[start : start + TOGETHER], known, in_passing=True)

    async def _find_out(self, asked: Sequence[Asked], known: Known, *, in_passing: bool) -> None:
        call = self._calls = self._calls + 1
        self._calls_under_way += 1
        group = self._threads.lookers if in_passing else self._threads.readers
        try:
            answers = await self._threads.run(
                group, lambda: self._look_up.answer(asked, in_passing=in_passing, known=known)
            )
        except Exception as problem:  # noqa: BLE001 - the step runs, whatever it was
            _log.warning("earlier results cannot be looked up", exc_info=problem)
            answers = [Answer(one, Policy(takes_planned=False, takes_any=False), reasons=(_FAILED,)) for one in asked]
        finally:
            self._calls_under_way -= 1
        for answer in answers:
            self._take(answer, call)
        if not self._calls_under_way:
            self._ended.clear()
            self._let_go.clear()
        self.hand_over()

    def _take(self, answer: Answer, call: int) -> None:
        job, node = answer.asked.book.name, answer.asked.node
        if not self._is_checking(job, node):
            return
        if answer.needs_time:
            # Several at once, and none of them holds up those that are answered in passing.
            self._begin(self._find_out([answer.asked], Known(), in_passing=False))
        elif answer.found is not None and self._may_be_gone(answer.found.writer, call):
            # It was there when it was looked at, and is about to go or went meanwhile: looked up again, it is gone.
            self._asked.append(answer.asked)
        elif answer.found is not None:
            self._tell(self._found(answer, answer.found))
        elif answer.key is not None and answer.policy.takes_any and self._waits(answer.asked, answer.key, call):
            return
        else:
            if answer.key is not None and answer.may_give:
                self._twins.lead((job, node), answer.key)
            self._tell(self._missed(answer))

    def _may_be_gone(self, writer: str, call: int) -> bool:
        return writer in self._held_back or self._let_go.get(writer, -1) >= call

    def _waits(self, asked: Asked, key: str, call: int) -> bool:
        """Let a step wait for an equal one that runs, or be looked up again if that one has just ended."""
        if self._ended.get(key, -1) >= call:
            self._asked.append(asked)
            return True
        leader = self._twins.leader_of(key)
        if leader is None:
            return False
        self._twins.wait((asked.book.name, asked.node), key)
        return True

    def _found(self, answer: Answer, found: ResultRecord) -> News:
        job, node = answer.asked.book.name, answer.asked.node
        now_ms = self._world.clock.now_ms()
        result = self._result(answer, ended_at_ms=now_ms, source_job=found.writer)
        registered = answer.registered
        outputs, seen = tuple(answer.outputs), tuple(answer.seen)
        reuse = Reuse(result, answer.reasons, outputs, registered=registered.earlier, seen=seen)
        return News(facts.ReuseFound(job, node, now_ms, found.writer), versions=registered.new, reuse=reuse)

    def _missed(self, answer: Answer) -> News:
        job, node = answer.asked.book.name, answer.asked.node
        reuse = Reuse(self._result(answer) if answer.key is not None else None, answer.reasons, read=answer.read)
        return News(facts.ReuseMissed(job, node, self._world.clock.now_ms()), reuse=reuse)

    def _result(self, answer: Answer, *, ended_at_ms: int | None = None, source_job: str | None = None) -> ResultRecord:
        book, node = answer.asked.book, answer.asked.node
        return ResultRecord(
            workspace=book.workspace,
            key=answer.key or "",
            job_name=book.pages[node].job_name,
            root_name=book.name,
            node_id=node,
            step=step_in(book, node),
            ended_at_ms=ended_at_ms,
            parts=answer.parts,
            is_reusable=answer.may_give,
            source_job=source_job,
        )
