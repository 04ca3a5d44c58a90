"""
Hand over attempts whose outputs are to be stored, several at a time.

In:       attempts that ended.
Out:      news of each; while the server cannot start workers, no news but another try later.
Not here: what becomes of one attempt (`finish.py`).

Invariant: what a step wrote is never called lost because of the server's own trouble. Its
attempt stays in finalizing, here and for the next server.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from pipeyard.engine.book import JobBook
from pipeyard.engine.finish import Finished, Finisher
from pipeyard.engine.news import News
from pipeyard.engine.surroundings import Pace
from pipeyard.engine.threads import STORING_AT_ONCE, Threads
from pipeyard.graph.model import NodeId
from pipeyard.model.errors import NoWorkers

_log = logging.getLogger(__name__)

# While a call that stores is so young, what ends meanwhile is gathered for the next.
_STORE_WAIT_SECONDS = 0.02
# What no other step reads is gathered for so long while others run: a call costs more than an output.
_GATHER_SECONDS = 0.03


class Storing:
    """Gathers what ended and has it stored. All methods belong to the loop."""

    def __init__(
        self,
        finisher: Finisher,
        threads: Threads,
        pace: Pace,
        tell: Callable[[News], None],
        begin: Callable[[Coroutine[Any, Any, None]], None],
        *,
        under_way: Callable[[], int] = lambda: 0,
    ) -> None:
        """
        News go to *tell*; *begin* starts a task that is abandoned with the others.

        *under_way* counts the attempts that are not at their end, those that are being stored included.
        """
        self._finisher = finisher
        self._threads = threads
        self._pace = pace
        self._tell = tell
        self._begin = begin
        self._under_way = under_way
        self._waiting: list[Finished] = []
        # Attempts in calls that are under way.
        self._in_calls = 0
        # When the first of them came, in the loop's time; and whether a step waits for one of them.
        self._waits_since = 0.0
        self._is_awaited = False
        # By job: the steps that others wait for.
        self._read: WeakKeyDictionary[JobBook, frozenset[NodeId]] = WeakKeyDictionary()
        self._running = 0
        # When the last call began, in the loop's time.
        self._began = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._retry_seconds = pace.retry_seconds
        # Not before this, in the loop's time; after the server failed to start workers.
        self._not_before = 0.0
        # What keeps the server from storing, None for nothing.
        self.problem: str | None = None

    def add(self, finished: Finished) -> None:
        """Remember an attempt for the next `hand_over`."""
        if not self._waiting:
            self._waits_since = asyncio.get_running_loop().time()
        self._waiting.append(finished)
        self._is_awaited |= finished.key.node in self._read_in(finished.book)

    def _read_in(self, book: JobBook) -> frozenset[NodeId]:
        found = self._read.get(book)
        if found is None:
            nodes = book.graph.nodes.values()
            found = self._read[book] = frozenset(upstream for node in nodes for upstream in node.upstream)
        return found

    def hand_over(self) -> None:
        """Begin to store what ended, unless a call is under way that will soon be over, or all storers are busy."""
        if not self._waiting:
            return
        loop = asyncio.get_running_loop()
        self.close()
        if self._running >= STORING_AT_ONCE:
            return
        young = self._began + _STORE_WAIT_SECONDS if self._running else 0.0
        others = self._under_way() - len(self._waiting) - self._in_calls
        # With nothing else under way it is the end of its job that waits.
        gathered = 0.0 if self._is_awaited or others <= 0 else self._waits_since + _GATHER_SECONDS
        wait = max(young, gathered, self._not_before) - loop.time()
        if wait > 0:
            self._timer = loop.call_later(wait, self.hand_over)
            return
        finished, self._waiting = self._waiting, []
        self._is_awaited = False
        self._running += 1
        self._in_calls += len(finished)
        self._began = loop.time()
        # Begun at once: a task of its own would wait until the loop has done with this turn.
        storing = self._threads.begin(self._threads.storers, lambda: self._finisher.store(finished))
        self._begin(self._stored(finished, storing))

    def close(self) -> None:
        """Begin nothing by itself any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def _stored(self, finished: Sequence[Finished], storing: asyncio.Future[list[News]]) -> None:
        try:
            news = await storing
        except NoWorkers as problem:
            self._wait(finished, problem)
        else:
            self._retry_seconds, self.problem = self._pace.retry_seconds, None
            for one in news:
                self._tell(one)
        finally:
            self._running -= 1
            self._in_calls -= len(finished)
        self.hand_over()

    def _wait(self, finished: Sequence[Finished], problem: NoWorkers) -> None:
        said = f"{problem.message}; {problem.hint}"
        if said != self.problem:
            _log.error("outputs wait, nothing is lost: %s", said)
        self.problem = said
        self._waiting[:0] = finished
        self._not_before = asyncio.get_running_loop().time() + self._retry_seconds
        self._retry_seconds = min(2 * self._retry_seconds, self._pace.retry_seconds_max)
