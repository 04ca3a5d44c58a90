"""
The threads in which the engine calls ports that block.

Invariant: one thread writes to the store. One thread speaks to computes in the
order in which it was told to, so that an order to stop never overtakes the launch.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

_Result = TypeVar("_Result")
# Who waits, and the result or what was raised.
_Answered = tuple[asyncio.Future[Any], Any, BaseException | None]

STORING_AT_ONCE = 4
# They only wait: how much is built at once is decided where it is built.
BUILDING_AT_ONCE = 32
# Waiting for workers that fetch inputs; the workers themselves are fewer.
BRINGING_AT_ONCE = 4


# Looking at files, which is soon over unless they changed or were never looked at.
CHECKING_AT_ONCE = 2
# Waiting for workers that read inputs and outputs.
READING_AT_ONCE = 4


class Threads:
    """Named groups of threads, started when first used."""

    def __init__(self) -> None:
        """Name the groups; no thread exists before it is needed."""
        self._answered: deque[_Answered] = deque()
        # Whether the loop is about to take the answers.
        self._is_waking = False
        self.writer = ThreadPoolExecutor(1, "pipeyard-writer")
        # Launches and stops.
        self.hands = ThreadPoolExecutor(1, "pipeyard-hands")
        # Looks at computes, which may hang while something is launched.
        self.eyes = ThreadPoolExecutor(1, "pipeyard-eyes")
        self.storers = ThreadPoolExecutor(STORING_AT_ONCE, "pipeyard-storer")
        self.builders = ThreadPoolExecutor(BUILDING_AT_ONCE, "pipeyard-builder")
        self.bringers = ThreadPoolExecutor(BRINGING_AT_ONCE, "pipeyard-bringer")
        self.checkers = ThreadPoolExecutor(CHECKING_AT_ONCE, "pipeyard-checker")
        # Looking up earlier results: in passing, and where much has to be read first.
        self.lookers = ThreadPoolExecutor(1, "pipeyard-looker")
        self.readers = ThreadPoolExecutor(READING_AT_ONCE, "pipeyard-input-reader")
        # Reads of the store.
        self.reader = ThreadPoolExecutor(1, "pipeyard-reader")
        # Lines for people, folders that nobody needs any more.
        self.sweeper = ThreadPoolExecutor(1, "pipeyard-sweeper")

    async def run(self, group: ThreadPoolExecutor, work: Callable[[], _Result]) -> _Result:
        """Return what *work* returns in a thread of a group."""
        return await self.begin(group, work)

    def begin(self, group: ThreadPoolExecutor, work: Callable[[], _Result]) -> asyncio.Future[_Result]:
        """Begin *work* now, before the loop comes to anything else; return what to wait for."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[_Result] = loop.create_future()
        group.submit(self._answer, loop, answer, work).add_done_callback(lambda done: self._drop(loop, answer, done))
        return answer

    def _answer(
        self, loop: asyncio.AbstractEventLoop, answer: asyncio.Future[_Result], work: Callable[[], _Result]
    ) -> None:
        try:
            result = work()
        except BaseException as problem:  # noqa: BLE001 - raised again where it is waited for
            self._post(loop, (answer, None, problem))
        else:
            self._post(loop, (answer, result, None))

    def _drop(self, loop: asyncio.AbstractEventLoop, answer: asyncio.Future[Any], done: Future[None]) -> None:
        if done.cancelled():
            self._post(loop, (answer, None, asyncio.CancelledError()))

    def _post(self, loop: asyncio.AbstractEventLoop, answered: _Answered) -> None:
        """
        Hand an answer to the loop. Answers of several threads wake it once.

        `run_in_executor` wakes it for each, and chains two futures that both know locks.
        """
        self._answered.append(answered)
        if not self._is_waking:
            self._is_waking = True
            with suppress(RuntimeError):  # The loop is closed: nobody waits any more.
                loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        # Before the answers are taken: one that comes meanwhile wakes the loop again.
        self._is_waking = False
        while self._answered:
            answer, result, problem = self._answered.popleft()
            if answer.done():
                continue
            if problem is None:
                answer.set_result(result)
            elif isinstance(problem, asyncio.CancelledError):
                answer.cancel()
            else:
                answer.set_exception(problem)

    def close(self) -> None:
        """Let what was begun finish, drop what was not. Chores are all done, or folders would be left behind."""
        groups = (
            self.hands,
            self.eyes,
            self.storers,
            self.builders,
            self.bringers,
            self.checkers,
            self.lookers,
            self.readers,
        )
        for group in (*groups, self.reader, self.writer):
            group.shutdown(wait=True, cancel_futures=True)
        self.sweeper.shutdown(wait=True)
