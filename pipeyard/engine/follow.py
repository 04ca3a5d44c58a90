"""
Live streams of what changes in a job.

In:       changed records, after they were stored.
Out:      the same records to everybody who follows the job.
Not here: the first picture, which a follower reads from the store after subscribing.

Invariant: a slow follower blocks nobody. What it has not taken yet is kept once per
record, newest wins, so the memory that it costs is bounded by the job's size.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable
from contextlib import suppress

from pipeyard.model.record import JobRecord


class Follower:
    """An asynchronous iterator of changed records, a tuple at a time; it ends when the job has ended."""

    def __init__(self, audience: Audience, root_name: str) -> None:
        """Begin to follow; made by `Audience.subscribe`."""
        self._audience = audience
        self._root_name = root_name
        self._waiting: dict[str, JobRecord] = {}
        self._is_over = False
        self._wake = asyncio.Event()

    def offer(self, records: Iterable[JobRecord]) -> None:
        """Keep changed records until they are taken."""
        for record in records:
            self._waiting[record.name] = record
        if self._waiting:
            # Woken without anything to take, it would believe that it is the end.
            self._wake.set()

    def end(self) -> None:
        """Say that nothing more will come."""
        self._is_over = True
        self._wake.set()

    def close(self) -> None:
        """Stop following."""
        self._audience.leave(self._root_name, self)
        self.end()

    def __aiter__(self) -> Follower:
        """Return itself."""
        return self

    async def __anext__(self) -> tuple[JobRecord, ...]:
        """Return what changed since the last time; waits until something has."""
        await self._wake.wait()
        self._wake.clear()
        if self._is_over:
            # The last records first, the end afterwards.
            self._wake.set()
        if not self._waiting:
            self._audience.leave(self._root_name, self)
            raise StopAsyncIteration
        records = tuple(self._waiting.values())
        self._waiting.clear()
        return records


class Audience:
    """Everybody who follows a job."""

    def __init__(self) -> None:
        """Start with nobody."""
        self._followers: dict[str, list[Follower]] = {}
        # How often each job that goes on was told of. The word is this audience's own: the next server's counts anew.
        self._told: dict[str, int] = {}
        self._word = uuid.uuid4().hex[:8]

    def subscribe(self, root_name: str) -> Follower:
        """Return a stream of what changes from now on."""
        follower = Follower(self, root_name)
        self._followers.setdefault(root_name, []).append(follower)
        return follower

    def mark_of(self, root_name: str) -> str:
        """Return a text that stays the same as long as nothing is told of a job."""
        return f"{self._word}.{self._told.get(root_name, 0)}"

    def tell(self, root_name: str, records: Iterable[JobRecord]) -> None:
        """Give changed records to those who follow the job."""
        self._told[root_name] = self._told.get(root_name, 0) + 1
        for follower in self._followers.get(root_name, ()):
            follower.offer(records)

    def end(self, root_name: str) -> None:
        """End every stream of a job."""
        self._told.pop(root_name, None)
        for follower in self._followers.pop(root_name, ()):
            follower.end()

    def leave(self, root_name: str, follower: Follower) -> None:
        """Forget a follower; one that has left already is no error."""
        followers = self._followers.get(root_name, [])
        with suppress(ValueError):
            followers.remove(follower)
        if not followers:
            self._followers.pop(root_name, None)
