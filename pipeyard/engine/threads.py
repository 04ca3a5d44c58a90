"""
The threads in which the engine calls ports that block.

Invariant: one thread writes to the store. One thread speaks to computes in the
order in which it was told to, so that an order to stop never overtakes the launch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Result = TypeVar("_Result")

STORING_AT_ONCE = 4
BUILDING_AT_ONCE = 4
# Waiting for workers that fetch inputs; the workers themselves are fewer.
BRINGING_AT_ONCE = 4


class Threads:
    """Named groups of threads, started when first used."""

    def __init__(self) -> None:
        """Name the groups; no thread exists before it is needed."""
        self.writer = ThreadPoolExecutor(1, "pipeyard-writer")
        # Launches and stops.
        self.hands = ThreadPoolExecutor(1, "pipeyard-hands")
        # Looks at computes, which may hang while something is launched.
        self.eyes = ThreadPoolExecutor(1, "pipeyard-eyes")
        self.storers = ThreadPoolExecutor(STORING_AT_ONCE, "pipeyard-storer")
        self.builders = ThreadPoolExecutor(BUILDING_AT_ONCE, "pipeyard-builder")
        self.bringers = ThreadPoolExecutor(BRINGING_AT_ONCE, "pipeyard-bringer")
        # Reads of the store.
        self.reader = ThreadPoolExecutor(1, "pipeyard-reader")
        # Lines for people, folders that nobody needs any more.
        self.sweeper = ThreadPoolExecutor(1, "pipeyard-sweeper")

    async def run(self, group: ThreadPoolExecutor, work: Callable[[], _Result]) -> _Result:
        """Return what *work* returns in a thread of a group."""
        return await asyncio.get_running_loop().run_in_executor(group, work)

    def close(self) -> None:
        """Let what was begun finish, drop what was not. Chores are all done, or folders would be left behind."""
        for group in (self.hands, self.eyes, self.storers, self.builders, self.bringers, self.reader, self.writer):
            group.shutdown(wait=True, cancel_futures=True)
        self.sweeper.shutdown(wait=True)
