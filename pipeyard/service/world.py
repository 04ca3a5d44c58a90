"""
The parts of the outside that use cases work with, in one value.

In:       made once by `app.py`; tests make their own from fakes.
Not here: any use case; choosing concrete classes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeyard.model.errors import NotFound
from pipeyard.model.record import DEFAULT_WORKSPACE
from pipeyard.ports import Clock, Datastores, JobRunner, Store, WebSource


@dataclass(frozen=True, slots=True)
class World:
    """What a use case may touch."""

    store: Store
    datastores: Datastores
    runner: JobRunner
    web: WebSource
    clock: Clock
    # Random bits for names: a text of that many characters from 0-9a-z.
    random_text: Callable[[int], str]
    # The staging folder of a job's newest attempt, while it exists.
    staging_of: Callable[[str], Path | None]
    # `http://127.0.0.1:<port>`, for the addresses inside job JSON.
    endpoint: str
    # Slots of the compute that always exists.
    cpu_count: int

    def known_workspace(self, workspace: str) -> str:
        """Return the workspace's name, or raise `NotFound`: there is one, for now."""
        if workspace != DEFAULT_WORKSPACE:
            raise NotFound(
                f"there is no workspace `{workspace}`", hint=f"this server has one workspace, `{DEFAULT_WORKSPACE}`"
            )
        return workspace
