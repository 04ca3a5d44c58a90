"""
Take facts, advance, store, act; nothing else.

In:       facts, from whoever has one.
Out:      batches for the store, orders for the actor, changed records for followers.
Not here: deciding (`scheduler/`), what a turn gathers (`turn.py`), the meaning of orders (`act.py`).

Invariant: nothing is acted on, and nobody is told of it, before it is durable (but for
outputs, see `turn.py`). All facts that arrive during one commit share the next; one
that leads to no order waits a moment for company.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any

from pipeyard.engine.act import Actor
from pipeyard.engine.ahead import Ahead
from pipeyard.engine.book import JobBook
from pipeyard.engine.chores import Chores
from pipeyard.engine.diary import Diary, dated, lines_of
from pipeyard.engine.follow import Audience, Follower
from pipeyard.engine.history import record_of
from pipeyard.engine.inbox import Inbox
from pipeyard.engine.news import News
from pipeyard.engine.orders import node_orders
from pipeyard.engine.recover import Replay
from pipeyard.engine.shares import Shares
from pipeyard.engine.supervise import Supervisor
from pipeyard.engine.surroundings import Surroundings
from pipeyard.engine.threads import Threads
from pipeyard.engine.turn import Turn, batch_of
from pipeyard.graph.control import CONTROL_POOL
from pipeyard.graph.model import NodeId
from pipeyard.model.errors import Bug, Conflict, NotFound, StoreError
from pipeyard.model.instance import UNMEASURED, Instance, NodeUse, PoolUse
from pipeyard.model.record import Batch
from pipeyard.model.tidy import mentions_of
from pipeyard.ports import AcceptedJob, AttemptReport, ChildJobs, GraphSource
from pipeyard.scheduler import event as facts
from pipeyard.scheduler.invariants import check_invariants
from pipeyard.scheduler.machine import forget, new_state
from pipeyard.scheduler.recover import resume_commands
from pipeyard.scheduler.state import NodeState

_log = logging.getLogger(__name__)

# A fact that nobody waits for is stored so much later, mostly together with the next.
STORE_WAIT_SECONDS = 0.02
# Steps of a job after which memory is given back.
_LARGE = 1000
_GIVE_BACK_SECONDS = 1.0
# Control nodes under way at once: as good as any number.
_CONTROLS_MAX = 100_000


class Engine:
    """
    Runs jobs. All methods belong to the loop that `start` was called in.

    `submit` and `cancel` return when what they did is durable.
    """

    def __init__(self, world: Surroundings) -> None:
        """Make an engine that does nothing before `start`."""
        self._world = world
        self._threads = Threads()
        self._state = new_state()
        self._books: dict[str, JobBook] = {}
        # Slots by pool, as told; known before the first job is replayed.
        self._slots: dict[str, int] = {}
        self._shares = Shares(world.machine)
        self._ahead = Ahead(world.pace.ahead_per_slot, self._state)
        self._audience = Audience()
        self._tasks: list[asyncio.Task[None]] = []
        self.resize(CONTROL_POOL, _CONTROLS_MAX)
        self._inbox: Inbox
        self._actor: Actor
        self._chores: Chores
        # Taken in and not stored yet.
        self._turns: list[Turn] = []
        self._has_turns = asyncio.Event()
        # Set while turns wait for which nobody waits.
        self._store_timer: asyncio.TimerHandle | None = None
        self._supervisor: Supervisor
        self._store_problem: str | None = None
        # Set when a mistake of ours ended the loop.
        self._bug: BaseException | None = None
        self._ends: dict[str, asyncio.Future[None]] = {}
        # Jobs on their way into the store.
        self._submitting: dict[str, asyncio.Future[None]] = {}
        # Jobs whose outputs are just being freed.
        self._held_back: frozenset[str] = frozenset()
        # Callers who wait until their wish is durable.
        self._promises: set[asyncio.Future[None]] = set()

    async def start(self, source: GraphSource, child_jobs: ChildJobs | None = None) -> None:
        """
        Take up every unfinished job where the last engine left it, then begin to turn.

        Without *child_jobs* no control node can be carried out.
        """
        self._inbox = Inbox(asyncio.get_running_loop())
        self._actor = Actor(
            self._world,
            self._threads,
            self._books,
            self._inbox.put,
            self._inbox.put_report,
            engine=self,
            child_jobs=child_jobs,
            note=self._write_lines,
            is_checking=self._is_checking,
            slots_of=self._slots.get,
        )
        self._chores = Chores(self._threads, Diary(self._world.datastores), self._actor.compute_of)
        self._supervisor = Supervisor(self._world, self._actor, self._inbox.put)
        for compute in self._world.computes.values():
            compute.on_report = self._inbox.put_report
        await self._recover(source)
        self._tasks = [
            asyncio.create_task(self._guard(work), name=name)
            for name, work in (
                ("engine-take", self._take_for_ever),
                ("engine-store", self._store_for_ever),
                ("engine-supervise", self._supervisor.run),
            )
        ]

    async def stop(self) -> None:
        """End without touching what runs: its compute goes on with it, and a new engine takes over."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._actor.close()
        self._chores.finish()
        await asyncio.to_thread(self._threads.close)
        self._abandon_all()

    async def submit(self, job: AcceptedJob) -> None:
        """Store a job and begin with it. `Conflict` if its name is taken; on any error nothing was stored."""
        self._refuse_if_broken()
        root = job.records[0]
        if self._held_back:
            self._refuse_what_goes(job)
        if root.name in self._books:
            raise Conflict(f"a job called `{root.name}` exists already", code="job-exists")
        book = JobBook(job.graph, job.records)
        submitted = facts.JobSubmitted(
            job=root.name,
            at_ms=root.created_at_ms,
            nodes=node_orders(book, self._slots),
            continue_on_step_failure=job.graph.continue_on_step_failure,
        )
        event = record_of(submitted, book.next_seq())
        batch = Batch(
            submissions=(job.submission,),
            jobs=job.records,
            events=(event,),
            uses=job.uses,
            output_uses=job.output_uses,
            audit=job.audit,
        )
        # Entered before it is stored, so that nobody can meet a stored job that the engine does not know.
        self._books[root.name] = book
        # A caller who gives up waiting must not leave a stored job that nobody runs.
        storing = self._submitting[root.name] = asyncio.ensure_future(self._begin_job(submitted, batch))
        await asyncio.shield(storing)

    async def _begin_job(self, submitted: facts.JobSubmitted, batch: Batch) -> None:
        try:
            await self._threads.run(self._threads.writer, lambda: self._world.store.commit(batch))
            self._inbox.put(News(submitted, is_stored=True))
            if len(submitted.nodes) >= _LARGE:
                # What the check of it needed.
                self._give_back_memory()
        except BaseException:
            del self._books[submitted.job]
            raise
        finally:
            del self._submitting[submitted.job]

    async def cancel(self, workspace: str, root_name: str, by: str) -> None:
        """Ask a job to end. `Conflict` if it has ended, `NotFound` if there is none."""
        self._refuse_if_broken()
        storing = self._submitting.get(root_name)
        if storing is not None:
            # The wish must not overtake the job.
            await asyncio.wait({storing})
        book = self._books.get(root_name)
        if book is None or book.workspace != workspace:
            read = self._world.store.load_job
            record = await self._threads.run(self._threads.reader, lambda: read(workspace, root_name))
            if record is None:
                raise NotFound(f"there is no job `{root_name}`")
            raise Conflict(f"job `{root_name}` has ended already: {record.status.value}", code="already-ended")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._promises.add(done)
        done.add_done_callback(self._promises.discard)
        self._inbox.put(News(facts.CancelAsked(root_name, self._world.clock.now_ms(), by), done=done))
        await done

    async def hold_back(self, job_names: frozenset[str]) -> frozenset[str]:
        """
        Return those of the jobs whose outputs nothing that is under way has.

        Until `let_go`, no step takes their results, and no job that speaks of them is accepted.
        """
        self._held_back = job_names
        self._actor.reusing.hold_back(job_names)
        if self._submitting:
            # Accepted before: whoever asks next finds them in the store.
            await asyncio.wait(set(self._submitting.values()))
        had = {
            name
            for book in self._books.values()
            for page in book.pages.values()
            for name in (page.job_name, *(output.writer for output in page.outputs.values()))
        }
        # Found for a step just before, and not yet in its job's book.
        found = {
            output.writer for news in self._inbox.news() if news.reuse is not None for output in news.reuse.outputs
        }
        return job_names - had - found

    async def let_go(self) -> None:
        """End what the last `hold_back` began."""
        self._held_back = frozenset()
        self._actor.reusing.let_go()

    def resize(self, pool: str, slots: int, instance: Instance = UNMEASURED) -> None:
        """Give a pool this many slots from now on, and say what each has. May be called before `start`."""
        self._slots[pool] = slots
        self._shares.size(pool, slots, instance)
        if self._tasks:
            self._inbox.put(News(self._sized(pool)))

    def pool_use(self, pool: str) -> PoolUse | None:
        """Return how full a pool is. May be called from any thread: it reads two numbers."""
        found = self._state.pools.get(pool)
        if found is None or found.slots is None:
            return None
        # What is ordered ahead waits like what is not.
        return PoolUse(found.slots, min(found.used, found.slots) if found.ahead else found.used)

    async def nodes_of(self, pool: str) -> Sequence[NodeUse]:
        """Return the instances of a pool and who has each."""
        return self._shares.nodes_of(pool)

    def subscribe(self, root_name: str) -> Follower:
        """
        Return a stream of what changes in a job from now on; that of an ended job ends at once.

        To miss nothing, subscribe first and read the store afterwards.
        """
        follower = self._audience.subscribe(root_name)
        if root_name not in self._books:
            self._audience.end(root_name)
        return follower

    def mark_of(self, root_name: str) -> str | None:
        """
        Return what two readers of a job compare to know that neither missed anything; None for an ended job.

        May be asked by any thread. What the store says afterwards is at least as new.
        """
        return self._audience.mark_of(root_name) if root_name in self._books else None

    async def wait_for_end(self, root_name: str) -> None:
        """Return when nothing more will happen in a job."""
        if root_name in self._books:
            end = self._ends.setdefault(root_name, asyncio.get_running_loop().create_future())
            await asyncio.shield(end)

    def staging_of(self, job_name: str) -> str | None:
        """Return the staging folder of a step that is under way, by its job name. May be called from any thread."""
        key = self._actor.attempts.newest_of(job_name)
        return None if key is None else self._actor.compute_of(key.pool).staging_root(key.attempt_id)

    def health(self) -> Mapping[str, Any]:
        """Return how the engine is, for the health page."""
        return {
            "active_jobs": len(self._books),
            "active_attempts": len(self._actor.attempts),
            "running_attempts": len(self._actor.attempts.running()),
            "store_problem": self._store_problem or self._actor.store_problem,
            "broken": self._broken(),
        }

    def problem(self) -> str | None:
        """Return what keeps the server from storing what happens, None for nothing. May be called from any thread."""
        if self._bug is not None:
            return f"a mistake of ours stopped the engine ({self._broken()}); restart the server: pipeyard server stop"
        return self._store_problem or self._actor.store_problem

    def _broken(self) -> str | None:
        return None if self._bug is None else f"{type(self._bug).__name__}: {self._bug}"

    # --- the loop ----------------------------------------------------------------------------

    async def _guard(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await work()
        except Exception as bug:  # noqa: BLE001 - the engine's loop, one of the places where anything may be caught
            # A mistake of ours. To go on from a state that nobody understands could spoil
            # more; what is stored is sound, and a restart begins from there.
            _log.critical("the engine stops", exc_info=bug)
            self._bug = bug
            for task in self._tasks:
                if task is not asyncio.current_task():
                    task.cancel()
            self._abandon_all()

    async def _take_for_ever(self) -> None:
        """Advance by what arrives; what is to be stored is left to the other half of the loop."""
        while True:
            # In calls of their own, as below: what a turn holds of a large job must not stay until the next.
            self._take(await self._inbox.take())

    def _take(self, arrived: Sequence[News | AttemptReport]) -> None:
        turn = Turn(self._state, self._books, self._actor.attempts, self._shares, self._world.clock.now_ms())
        turn.take_in(arrived)
        if self._world.checks_invariants:
            check_invariants(self._state)
        self._actor.carry_out(turn.early)
        self._turns.append(turn)
        is_awaited = bool(turn.done or turn.ended_jobs) or self._ahead.are_awaited(turn, self._turns)
        self._store_soon(is_awaited=is_awaited)
        for pool in {pool for pool, seconds in turn.exits if self._ahead.note(pool, seconds)}:
            self._inbox.put(News(self._sized(pool)))

    async def _store_for_ever(self) -> None:
        """Store turns and act on them. Those that were taken during one commit share the next."""
        while True:
            await self._has_turns.wait()
            self._has_turns.clear()
            if self._store_timer is not None:
                self._store_timer.cancel()
                self._store_timer = None
            await self._store_and_act()

    async def _store_and_act(self) -> None:
        turns, self._turns = self._turns, []
        batch = batch_of(turns)
        if batch != Batch():
            await self._store(batch)
        for turn in turns:
            self._act(turn)

    def _store_soon(self, *, is_awaited: bool) -> None:
        """Have what was taken in stored: at once if an order or a caller waits for it, else with what comes next."""
        if is_awaited:
            self._has_turns.set()
        elif self._store_timer is None:
            self._store_timer = asyncio.get_running_loop().call_later(STORE_WAIT_SECONDS, self._has_turns.set)

    async def _store(self, batch: Batch) -> None:
        """Make a batch durable, however long it takes; facts that arrive meanwhile wait."""
        wait_seconds = self._world.pace.retry_seconds
        while True:
            try:
                await self._threads.run(self._threads.writer, lambda: self._world.store.commit(batch))
            except StoreError as problem:
                _log.warning("cannot store what happened, trying again: %s", problem)
                self._store_problem = str(problem)
            else:
                self._store_problem = None
                return
            await asyncio.sleep(wait_seconds)
            wait_seconds = min(2 * wait_seconds, self._world.pace.retry_seconds_max)

    def _act(self, turn: Turn) -> None:
        turn.forget_files()
        for done in turn.done:
            if not done.done():
                done.set_result(None)
        self._actor.carry_out(turn.commands)
        # Afterwards, because an order may be about an attempt that ended in the same turn.
        self._actor.let_go(turn.ended)
        self._actor.reusing.ended(turn.ended_steps)
        self._chores.forget([key for key in turn.ended if key not in turn.unstored])
        for root_name, records in turn.changed.items():
            self._audience.tell(root_name, records)
        for root_name, moves in turn.moves.items():
            book = self._books[root_name]
            if book.graph.is_pipeline:
                self._chores.write(book.workspace, root_name, lines_of(book, moves))
        for root_name in turn.ended_jobs:
            self._close(root_name)

    def _give_back_memory(self) -> None:
        def begin() -> None:
            with suppress(RuntimeError):  # The engine has ended meanwhile.
                self._threads.sweeper.submit(self._world.give_back_memory, not self._books)

        # Whoever is just at it still has some of it.
        asyncio.get_running_loop().call_later(_GIVE_BACK_SECONDS, begin)

    def _is_checking(self, job: str, node: NodeId) -> bool:
        found = self._state.jobs.get(job)
        return found is not None and found.nodes[node].state is NodeState.CHECKING

    def _write_lines(self, book: JobBook, lines: Sequence[str]) -> None:
        if book.graph.is_pipeline:
            self._chores.write(book.workspace, book.name, dated(self._world.clock.now_ms(), lines))

    def _abandon_all(self) -> None:
        """Tell everybody who waits for something that it will not come from this engine."""
        for name in list(self._books):
            self._audience.end(name)
        for promise in list(self._promises):
            if not promise.done():
                promise.set_exception(StoreError("the server stopped before this was stored", may_retry=True))
        for end in self._ends.values():
            end.cancel()

    def _close(self, root_name: str) -> None:
        forget(self._state, root_name)
        if len(self._books.pop(root_name).pages) >= _LARGE:
            self._give_back_memory()
        self._actor.close_job(root_name)
        self._chores.begin()
        self._audience.end(root_name)
        end = self._ends.pop(root_name, None)
        if end is not None and not end.done():
            end.set_result(None)

    # --- beginning ---------------------------------------------------------------------------

    async def _recover(self, source: GraphSource) -> None:
        now_ms = self._world.clock.now_ms()
        replay = Replay(self._world.store, source, self._state, dict(self._slots), now_ms)
        await self._threads.run(self._threads.writer, replay.run)
        self._books.update(replay.books)
        for key, share, instances in replay.shares:
            self._shares.take_again(key, share, instances)
        for job, node, reuse_key in replay.leaders:
            self._actor.reusing.lead(job, node, reuse_key)
        self._actor.carry_out(resume_commands(self._state))
        self._actor.stop_orphans(replay.orphans)
        for pool in self._slots:
            self._inbox.put(News(self._sized(pool)))

    def _sized(self, pool: str) -> facts.ComputeSized:
        slots = self._slots[pool]
        ahead = self._ahead.of(pool, slots) if self._shares.counts_only(pool) else 0
        return facts.ComputeSized(pool, slots, self._world.clock.now_ms(), ahead)

    def _refuse_what_goes(self, job: AcceptedJob) -> None:
        said = mentions_of(json.dumps([job.submission.document, job.records[0].detail], default=dict))
        going = said.jobs & self._held_back
        if going:
            raise Conflict(
                f"outputs of job `{min(going)}` are just being freed by `pipeyard gc`",
                code="being-freed",
                hint="run that job again, or leave its outputs out",
            )

    def _refuse_if_broken(self) -> None:
        if self._bug is not None:
            raise Bug(f"the engine stopped through a mistake of ours: {self._bug}", hint="restart the server")
