"""
Where facts and reports wait for the next turn.

In:       news from the loop's own thread, reports of computes from any thread.
Out:      everything that waits, in the order in which it came.

Invariant: many reports wake the loop once.
"""

from __future__ import annotations

import asyncio
from collections import deque

from pipeyard.engine.news import News
from pipeyard.ports import AttemptReport


class Inbox:
    """A queue that is emptied all at once."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wake what waits on *loop*."""
        self._loop = loop
        self._waiting: deque[News | AttemptReport] = deque()
        self._wake = asyncio.Event()
        # Whether a wake-up from another thread is on its way.
        self._is_waking = False

    def put(self, news: News) -> None:
        """Add news; from the loop's thread only."""
        self._waiting.append(news)
        self._wake.set()

    def put_report(self, report: AttemptReport) -> None:
        """Add a report; from any thread."""
        self._waiting.append(report)
        if not self._is_waking:
            self._is_waking = True
            try:
                self._loop.call_soon_threadsafe(self._wake_up)
            except RuntimeError:
                # The loop is closed; whoever starts next asks the compute again.
                return

    async def take(self) -> list[News | AttemptReport]:
        """Return everything that waits, at least one."""
        await self._wake.wait()
        self._wake.clear()
        taken = []
        while self._waiting:
            taken.append(self._waiting.popleft())
        return taken

    def _wake_up(self) -> None:
        self._is_waking = False
        self._wake.set()
