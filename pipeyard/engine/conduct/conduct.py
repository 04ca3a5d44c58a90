"""
One attempt of a control node, as its conductor works with it.

In:       the attempt; a conductor's wishes.
Out:      child jobs begun, waited for and canceled; lines in the node's log; notes on its record.
Not here: when to do what (`sweep.py` and the others), the attempt's life (`conductors.py`).

Invariant: a conductor remembers nothing that it could not find again. `children` are in the store, and a
child's name follows from its index, so a conductor that begins again after a restart goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pipeyard.engine.book import JobBook
from pipeyard.engine.conduct.ending import Taken
from pipeyard.engine.diary import Diary, dated
from pipeyard.engine.made import made_in, values_of
from pipeyard.engine.report import AttemptKey
from pipeyard.engine.surroundings import Surroundings
from pipeyard.engine.threads import Threads
from pipeyard.graph.model import Data, Literal, Node, NodeOutput
from pipeyard.launch.plan import OUTPUTS_DIR
from pipeyard.model.assets import DataUri
from pipeyard.model.diagnostic import Place
from pipeyard.model.errors import Bug, ComputeError, Conflict, NotFound
from pipeyard.model.record import JobFilter, JobRecord
from pipeyard.model.value import dataclass
from pipeyard.ports import AcceptedJob, ChildJobs, ChildOrder

# Asked for together; a sweep has a thousand trials at most.
_CHILDREN_MAX = 100_000
_BY = "pipeyard"
_T = TypeVar("_T")


class JobEngine(Protocol):
    """The engine, as conductors use it."""

    async def submit(self, job: AcceptedJob) -> None:
        """Store a job and begin with it."""

    async def cancel(self, workspace: str, root_name: str, by: str) -> None:
        """Ask a job to end."""

    async def wait_for_end(self, root_name: str) -> None:
        """Return when nothing more will happen in a job."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What all conductors of one engine share."""

    world: Surroundings
    threads: Threads
    engine: JobEngine
    # None: this engine was started without anybody who makes child jobs.
    child_jobs: ChildJobs | None


class Conduct:
    """The tools of one conductor. All methods belong to the engine's loop."""

    def __init__(self, stage: Stage, book: JobBook, key: AttemptKey, root: str) -> None:
        """Work for one attempt, whose staging folder is *root*."""
        self._world = stage.world
        self._threads = stage.threads
        self._engine = stage.engine
        self._child_jobs = stage.child_jobs
        self._diary = Diary(stage.world.datastores)
        self._begun: set[str] = set()
        self.book = book
        self.key = key
        self.root = root

    @property
    def world(self) -> Surroundings:
        """Return everything that the engine works with."""
        return self._world

    @property
    def node(self) -> Node:
        """Return the control node."""
        return self.book.graph.nodes[self.key.node]

    # --- what the node itself was given ------------------------------------------------------

    def values(self) -> dict[str, Literal | Data]:
        """Return the node's own inputs; of what another step wrote, where it is. `ComputeError` if that is gone."""
        written = values_of(self.node, made_in(self.book))
        return {
            name: Literal(written[name]) if name in written else self._value(name, bound)
            for name, bound in self.node.inputs.items()
        }

    def _value(self, name: str, bound: Any) -> Literal | Data:
        if not isinstance(bound, NodeOutput):
            value: Literal | Data = bound
            return value
        made = self.book.pages[bound.node].outputs.get(bound.output)
        if made is None:
            raise ComputeError(
                f"input `{name}`: step `{bound.node}` left no output `{bound.output}`", code="missing-output"
            )
        content = made.digest if made.is_own_place else None
        return Data(DataUri(str(made.uri)), bound.type, bound.mode, Place(), content=content)

    # --- children ----------------------------------------------------------------------------

    async def children(self) -> list[JobRecord]:
        """Return the child jobs of all attempts so far, by index."""
        which = JobFilter(parent_name=self.key.job_name, archived="all")
        store, workspace = self._world.store, self.book.workspace
        return list(await self.read(lambda: store.list_jobs(workspace, which, limit=_CHILDREN_MAX)))

    async def taken_up(self) -> tuple[int, list[JobRecord]]:
        """Return the first index of this attempt, behind those of earlier ones, and the children it has, by index."""
        first, own = 0, []
        for record in await self.children():
            child = record.detail["child"]
            if child["attempt"] == self.key.attempt:
                own.append(record)
            else:
                first = max(first, child["index"] + 1)
        return first, own

    async def begin(self, order: ChildOrder) -> str:
        """Submit a child and return its name; one that was submitted before is left as it is."""
        root, step, node = self.book.root, self.book.record_of(self.key.node), self.node
        child_jobs = self._child_jobs
        if child_jobs is None:
            raise Bug("this engine was started without anybody who makes child jobs")
        plan = self.book.plan
        is_rerun = self.book.graph.is_rerun or (plan is not None and node.id in plan.rerun)
        wanted = replace(order, is_rerun=is_rerun)
        job = await self.read(lambda: child_jobs.make(root, step, node, wanted))
        name = job.records[0].name
        self._begun.add(name)
        with suppress(Conflict):
            await self._engine.submit(job)
        return name

    async def child(self, name: str) -> JobRecord:
        """Return a child as it is now."""
        store, workspace = self._world.store, self.book.workspace
        found = await self.read(lambda: store.load_job(workspace, name))
        if found is None:
            raise NotFound(f"there is no job `{name}`")
        return found

    async def children_named(self, names: Collection[str]) -> list[JobRecord]:
        """Return some children as they are now."""
        store, workspace = self._world.store, self.book.workspace
        found = await self.read(lambda: [store.load_job(workspace, name) for name in names])
        return [child for child in found if child is not None]

    def end_of(self, name: str) -> asyncio.Future[None]:
        """Return what is done when a child has ended; for who waits for many, again and again."""
        return asyncio.ensure_future(self._engine.wait_for_end(name))

    async def ended(self, names: Collection[str], *, seconds: float | None = None) -> set[str]:
        """Return those of the children that have ended, as soon as one has or so many seconds are over."""
        waits = {self.end_of(name): name for name in names}
        if not waits:
            return set()
        try:
            done, _ = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        return {waits[wait] for wait in done if not wait.cancelled()}

    async def cancel(self, name: str, by: str = _BY) -> None:
        """Ask a child to end; one that has ended is left alone."""
        with suppress(Conflict, NotFound):
            await self._engine.cancel(self.book.workspace, name, by)

    async def cancel_all(self) -> None:
        """End every child that has not ended, and wait for that."""
        names = self._begun | {child.name for child in await self.children() if not child.status.is_terminal}
        for name in names:
            await self.cancel(name)
        for name in names:
            await self._engine.wait_for_end(name)

    async def outputs_of(self, child: JobRecord) -> dict[str, Taken]:
        """Return the outputs of a child that completed, and who wrote each."""
        promoted = {name: value.get("from") for name, value in (child.detail.get("outputs") or {}).items()}
        found = {}
        for name, of in promoted.items():
            if of is None:
                found[name] = Taken(child.writer, name)
            else:
                step = await self.child(of["job"])
                found[name] = Taken(step.writer, of["output"])
        return found

    # --- what people see ---------------------------------------------------------------------

    def say(self, *lines: str) -> None:
        """Append lines to the log of the node's own job."""
        dated_lines = dated(self._world.clock.now_ms(), lines)
        self._diary.write(self.book.workspace, self.key.job_name, dated_lines)

    def note(self, **detail: Any) -> None:
        """Keep facts in the `detail` of the node's record; stored with what happens next."""
        self.book.note_control(self.key.node, detail)

    # --- small parts -------------------------------------------------------------------------

    async def read(self, work: Callable[[], _T]) -> _T:
        """Return what a blocking call returns, made in a thread."""
        return await self._threads.run(self._threads.reader, work)

    def output_folder(self, name: str) -> Path:
        """Return the staging folder of an output that the conductor writes itself."""
        folder = Path(self.root) / OUTPUTS_DIR / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder
