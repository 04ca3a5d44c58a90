"""
Attempts of control nodes: a back end whose attempts are tasks of the engine itself.

In:       attempts to begin, to look at and to stop, as any compute gets them.
Out:      reports, as any compute makes them.
Not here: what a kind of node does (`kinds.py`), its tools (`conduct.py`).

Invariant: when an attempt is reported as ended, none of its children runs any more, and which outputs it
takes is written down. One that nobody here knows of is begun (again): after a restart there is no other way
to go on, and every child is found by its name.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pipeyard.engine.attempts import Attempts
from pipeyard.engine.book import JobBook
from pipeyard.engine.conduct.conduct import Conduct, Stage
from pipeyard.engine.conduct.ending import Ending, write_taken
from pipeyard.engine.conduct.kinds import CONDUCTORS
from pipeyard.engine.failure import error_of
from pipeyard.engine.report import AttemptKey
from pipeyard.launch.plan import LaunchPlan
from pipeyard.model.errors import Bug, PipeyardError, StoreError
from pipeyard.ports import AttemptReport

_log = logging.getLogger(__name__)
_STOPPED = "SIGTERM"


class Conductors:
    """A `Compute`. `begin` belongs to the loop; the other verbs may come from any thread."""

    def __init__(self, stage: Stage, books: Mapping[str, JobBook], attempts: Attempts) -> None:
        """Conduct for an engine, whose *books* and *attempts* these are."""
        self._stage = stage
        self._world = stage.world
        self._threads = stage.threads
        self._books = books
        self._attempts = attempts
        self._loop = asyncio.get_running_loop()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        # What conductors themselves do; a wish to stop cancels this, and the task then ends the children.
        self._works: dict[str, asyncio.Future[Ending]] = {}
        self._unwanted: set[str] = set()
        # What was reported of attempts that ended, until they are forgotten.
        self._ended: dict[str, AttemptReport] = {}
        self.on_report: Callable[[AttemptReport], None] = lambda _report: None

    # --- the verbs of a compute --------------------------------------------------------------

    def staging_root(self, attempt_id: str) -> str:
        """Return the folder in which an attempt keeps what it writes itself."""
        return self._world.computes["local"].staging_root(attempt_id)

    def launch(self, plan: LaunchPlan) -> None:
        """Refuse: a control node has no command."""
        raise Bug(f"attempt {plan.attempt_id} of a control node was planned as a command")

    def look(self, attempt_ids: Sequence[str]) -> Mapping[str, AttemptReport]:
        """Return how attempts are; one that nobody conducts goes on from here."""
        reports = {}
        for attempt_id in attempt_ids:
            ended = self._ended.get(attempt_id)
            if ended is None and attempt_id not in self._tasks:
                self._loop.call_soon_threadsafe(self.begin, attempt_id)
            reports[attempt_id] = ended or AttemptReport(attempt_id, "running")
        return reports

    def stop(self, attempt_id: str) -> None:
        """Ask an attempt to end, and with it its children."""
        self._loop.call_soon_threadsafe(self._stop, attempt_id)

    def forget(self, attempt_id: str) -> None:
        """Remove an attempt's staging folder; its outputs have been stored."""
        self._ended.pop(attempt_id, None)
        shutil.rmtree(self.staging_root(attempt_id), ignore_errors=True)

    def describe(self) -> Mapping[str, Any]:
        """Return how many attempts are under way."""
        return {"conducting": len(self._tasks)}

    # --- their lives -------------------------------------------------------------------------

    def begin(self, attempt_id: str) -> None:
        """Conduct an attempt from now on; one that is under way is left alone."""
        key = self._attempts.find(attempt_id)
        if key is None or attempt_id in self._tasks or attempt_id in self._ended:
            return
        task = self._tasks[attempt_id] = self._loop.create_task(self._live(key))
        task.add_done_callback(lambda _: self._tasks.pop(attempt_id, None))

    def close(self) -> None:
        """Abandon what is under way; a new engine takes it up again."""
        for task in self._tasks.values():
            task.cancel()

    def _stop(self, attempt_id: str) -> None:
        self._unwanted.add(attempt_id)
        self.begin(attempt_id)
        work = self._works.get(attempt_id)
        if work is not None:
            work.cancel()

    async def _live(self, key: AttemptKey) -> None:
        """See an attempt from its beginning to its report."""
        attempt_id, started_at_ms = key.attempt_id, self._world.clock.now_ms()
        began = self._world.clock.monotonic()
        self.on_report(AttemptReport(attempt_id, "running", started_at_ms=started_at_ms))
        root = self.staging_root(attempt_id)
        conduct = Conduct(self._stage, self._books[key.job], key, root)
        ending = await self._ending(conduct)
        await self._end_children(conduct)
        if ending is not None and ending.error is None:
            await self._threads.run(self._threads.sweeper, lambda: write_taken(root, ending.taken))
        error = None if ending is None else ending.error
        report = AttemptReport(
            attempt_id,
            "exited",
            started_at_ms=started_at_ms,
            ended_at_ms=self._world.clock.now_ms(),
            duration_seconds=self._world.clock.monotonic() - began,
            exit_code=None if ending is None else 0,
            signal=_STOPPED if ending is None else None,
            reason=None if error is None else str(error.get("message")),
            code=None if error is None else str(error.get("code")),
        )
        self._ended[attempt_id] = report
        self._unwanted.discard(attempt_id)
        self.on_report(report)

    async def _ending(self, conduct: Conduct) -> Ending | None:
        """Return how the conductor ended; None if it was asked to."""
        attempt_id = conduct.key.attempt_id
        if attempt_id in self._unwanted:
            return None
        conductor = CONDUCTORS[type(conduct.node.control)]
        work = self._works[attempt_id] = asyncio.ensure_future(conductor(conduct))
        try:
            await asyncio.wait({work})
        finally:
            # Of this task: the engine stops.
            work.cancel()
            del self._works[attempt_id]
        if work.cancelled():
            return None
        problem = work.exception()
        if problem is None:
            return work.result()
        if not isinstance(problem, PipeyardError):
            _log.error("a control node could not be carried out", exc_info=problem)
        return Ending(error=error_of(problem, "conductor"))

    async def _end_children(self, conduct: Conduct) -> None:
        """End what still runs, however long the store takes to answer."""
        while True:
            try:
                await conduct.cancel_all()
            except StoreError as problem:
                _log.warning("cannot end the children of %s yet: %s", conduct.key.attempt_id, problem)
            else:
                return
            await asyncio.sleep(self._world.pace.retry_seconds_max)
