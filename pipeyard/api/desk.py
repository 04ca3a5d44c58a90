"""
What the routes work with, in one value.

In:       made once by `app.py`, or by a test.
Not here: any route.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, Protocol

from pipeyard.api.gate import Gate
from pipeyard.model.record import JobRecord
from pipeyard.model.value import dataclass
from pipeyard.ports import Uploads
from pipeyard.service.log import LogReader
from pipeyard.service.tidy import Tidier
from pipeyard.service.tracking_log import TrackingLog
from pipeyard.service.world import World


class Watch(Protocol):
    """Changed records of one job, a tuple at a time, as they are stored; ends with the job."""

    def __aiter__(self) -> AsyncIterator[tuple[JobRecord, ...]]:
        """Return itself."""

    async def __anext__(self) -> tuple[JobRecord, ...]:
        """Return what changed since the last time."""

    def close(self) -> None:
        """Stop watching."""


def _nobody_tells(_root_name: str) -> None:
    return None


def _nobody_marks(_root_name: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Desk:
    """One server's parts as its routes see them."""

    world: World
    gate: Gate
    uploads: Uploads
    # Stores what MLflow's clients log.
    tracking_log: TrackingLog
    # Whose server this is; named when a page cancels a job.
    owner: str
    # What `GET /health` says.
    health: Callable[[], Mapping[str, Any]]
    # Begins a graceful stop and returns at once.
    shut_down: Callable[[], None]
    # Whether a stop has begun: followers are let go.
    is_stopping: Callable[[], bool] = lambda: False
    # What keeps the server from storing what happens, None for nothing; followers are told.
    problem: Callable[[], str | None] = lambda: None
    # Tells what changes in a root job; None: followers look into the store.
    watch: Callable[[str], Watch | None] = _nobody_tells
    # Equal for two readers of a root job who know the same of it; None: that cannot be said.
    mark_of: Callable[[str], str | None] = _nobody_marks
    # None: nothing is freed.
    tidier: Tidier | None = None
    logs: LogReader = field(default_factory=LogReader)
    # The built Studio; None: plain pages stand in for it.
    studio: Path | None = None
