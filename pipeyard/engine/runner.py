"""
The engine for callers in other threads, which may wait.

In:       calls of the service, from any thread but the loop's own.
Out:      the same calls in the engine's loop; a `JobRunner`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from pipeyard.engine.loop import Engine
from pipeyard.model.instance import UNMEASURED, Instance, NodeUse, PoolUse
from pipeyard.ports import AcceptedJob


class ThreadedRunner:
    """Hands calls to an engine that turns in another thread."""

    def __init__(self, engine: Engine, loop: asyncio.AbstractEventLoop) -> None:
        """Speak to *engine*, which was started in *loop*."""
        self._engine = engine
        self._loop = loop

    def submit(self, job: AcceptedJob) -> None:
        """Return when the job is stored durably and will run. `Conflict` if its name is taken."""
        asyncio.run_coroutine_threadsafe(self._engine.submit(job), self._loop).result()

    def cancel(self, workspace: str, root_name: str, by: str) -> None:
        """Return when the wish is stored; steps end in their own time."""
        asyncio.run_coroutine_threadsafe(self._engine.cancel(workspace, root_name, by), self._loop).result()

    def hold_back(self, job_names: frozenset[str]) -> frozenset[str]:
        """Return those whose outputs nothing that is under way has; until `let_go`, nothing takes them."""
        return asyncio.run_coroutine_threadsafe(self._engine.hold_back(job_names), self._loop).result()

    def let_go(self) -> None:
        """End what the last `hold_back` began."""
        asyncio.run_coroutine_threadsafe(self._engine.let_go(), self._loop).result()

    def resize(self, compute: str, slots: int, instance: Instance = UNMEASURED) -> None:
        """Give a pool this many slots from now on, and say what each has."""
        self._loop.call_soon_threadsafe(self._engine.resize, compute, slots, instance)

    def pool_use(self, compute: str) -> PoolUse | None:
        """Return how full a pool is, at once."""
        return self._engine.pool_use(compute)

    def nodes_of(self, compute: str) -> Sequence[NodeUse]:
        """Return the instances of a pool and who has each."""
        return asyncio.run_coroutine_threadsafe(self._engine.nodes_of(compute), self._loop).result()

    def staging_of(self, job_name: str) -> Path | None:
        """Return the staging folder of a step that is under way, by its job name."""
        root = self._engine.staging_of(job_name)
        return None if root is None else Path(root)
