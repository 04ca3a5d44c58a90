"""
What the routes work with, in one value.

In:       made once by `app.py`, or by a test.
Not here: any route.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeyard.api.gate import Gate
from pipeyard.ports import Uploads
from pipeyard.service.log import LogReader
from pipeyard.service.world import World


@dataclass(frozen=True, slots=True)
class Desk:
    """One server's parts as its routes see them."""

    world: World
    gate: Gate
    uploads: Uploads
    # Whose server this is; named when a page cancels a job.
    owner: str
    # What `GET /health` says.
    health: Callable[[], Mapping[str, Any]]
    # Begins a graceful stop and returns at once.
    shut_down: Callable[[], None]
    # Whether a stop has begun: followers are let go.
    is_stopping: Callable[[], bool] = lambda: False
    logs: LogReader = field(default_factory=LogReader)
