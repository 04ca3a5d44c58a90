"""
Where facts and reports wait for the next turn.

In:       news from the loop's own thread, reports of computes from any thread.
Out:      everything that waits, in the order in which it came.

Invariant: many reports wake the loop once. A report that an attempt began wakes it a
little later: of a short command the end is then known too, and both are stored together.
"""

from __future__ import annotations

import asyncio
from collections import deque

from pipeyard.engine.news import News
from pipeyard.ports import AttemptReport

# Nobody sees that `Running` is shown so much later; a turn and a commit less are felt.
BEGIN_WAIT_SECONDS = 0.02


class Inbox:
    """A queue that is emptied all at once."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wake what waits on *loop*."""
        self._loop = loop
        self._waiting: deque[News | AttemptReport] = deque()
        self._wake = asyncio.Event()
        # Whether a wake-up from another thread is on its way.
        self._is_waking = False
        # Whether the loop is about to wait for the end of what began.
        self._is_patient = False

    def put(self, news: News) -> None:
        """Add news; from the loop's thread only."""
        self._waiting.append(news)
        self._wake.set()

    def put_report(self, report: AttemptReport) -> None:
        """Add a report; from any thread."""
        self._waiting.append(report)
        if self._is_waking or (report.state == "running" and self._is_patient):
            return
        try:
            if report.state == "running":
                self._is_patient = True
                self._loop.call_soon_threadsafe(self._wake_up_later)
            else:
                self._is_waking = True
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

    def news(self) -> list[News]:
        """Return the news that waits; from the loop's thread only."""
        return [one for one in tuple(self._waiting) if isinstance(one, News)]

    def _wake_up_later(self) -> None:
        self._loop.call_later(BEGIN_WAIT_SECONDS, self._wake_if_patient)

    def _wake_if_patient(self) -> None:
        self._is_patient = False
        if self._waiting:
            self._wake.set()

    def _wake_up(self) -> None:
        self._is_waking = False
        self._wake.set()
