"""
Carry out orders, one method each; each ends by reporting one fact.

In:       orders of the scheduler, after the facts behind them are durable.
Out:      news, from the computes, the output store and the environments.
Not here: deciding (`scheduler/`), storing facts (`loop.py`), noticing silence (`supervise.py`).

Orders of one turn are gathered and handed over together: a thread is woken once for
a hundred launches, and one call stores the outputs of everything that just ended.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from pipeyard.engine.attempts import Attempts
from pipeyard.engine.book import JobBook
from pipeyard.engine.bringing import Bringer, Brought, Wanted
from pipeyard.engine.conduct.conduct import JobEngine, Stage
from pipeyard.engine.conduct.conductors import Conductors
from pipeyard.engine.failure import error_of
from pipeyard.engine.finish import Finished, Finisher
from pipeyard.engine.log_keep import keep_earlier_log
from pipeyard.engine.news import News
from pipeyard.engine.originals import Check, Originals
from pipeyard.engine.planning import Planner
from pipeyard.engine.readying import Readying
from pipeyard.engine.report import AttemptKey
from pipeyard.engine.reusing import Reusing
from pipeyard.engine.storing import Storing
from pipeyard.engine.surroundings import Surroundings
from pipeyard.engine.threads import Threads
from pipeyard.graph.control import CONTROL_POOL
from pipeyard.model.errors import NoWorkers, OutsideError
from pipeyard.model.value import dataclass
from pipeyard.ports import AttemptReport, ChildJobs, Compute, LocalCopy, PreparedEnvironment
from pipeyard.scheduler import command as orders
from pipeyard.scheduler import event as facts

_log = logging.getLogger(__name__)

Launch = tuple[AttemptKey, JobBook, PreparedEnvironment, Mapping[str, LocalCopy]]
_NOTHING_BROUGHT: Mapping[str, LocalCopy] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Readiness:
    """What a launch waits for."""

    prepared: asyncio.Future[PreparedEnvironment]
    checks: Sequence[Check]
    wanted: tuple[Wanted, ...]


class Actor:
    """The engine's hands."""

    def __init__(
        self,
        world: Surroundings,
        threads: Threads,
        books: Mapping[str, JobBook],
        tell: Callable[[News], None],
        heard: Callable[[AttemptReport], None],
        *,
        engine: JobEngine,
        child_jobs: ChildJobs | None = None,
        note: Callable[[JobBook, Sequence[str]], None] = lambda _book, _lines: None,
        is_checking: Callable[[str, str], bool] = lambda _job, _node: True,
        slots_of: Callable[[str], int | None] = lambda _pool: None,
    ) -> None:
        """Work for one loop: news go to *tell*, reports of computes to *heard*, lines for people to *note*."""
        self._world = world
        self._threads = threads
        self._books = books
        self._tell = tell
        self._heard = heard
        self._note = note
        self._planner = Planner(world, slots_of)
        self._bringer = Bringer(world)
        self._originals = Originals(world, threads)
        self._finisher = Finisher(world, self._planner, self._bringer)
        self.attempts = Attempts()
        stage = Stage(world, threads, engine, child_jobs)
        self._conductors = Conductors(stage, books, self.attempts)
        self._conductors.on_report = heard
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()
        # Attempts between the order to launch and the compute's answer.
        self._launching: set[str] = set()
        # Of these, the ones that shall not begin any more.
        self._unwanted: set[str] = set()
        # Waits for inputs from elsewhere, by attempt; they end at once when the attempt is not wanted any more.
        self._bringing: dict[str, asyncio.Future[Any]] = {}
        self._readying = Readying(world, threads, self._unwanted, note)
        self._to_launch: list[Launch] = []
        self._to_stop: list[AttemptKey] = []
        self._to_ask: list[AttemptKey] = []
        self.reusing = Reusing(world, threads, books, tell, begin=self._begin, is_checking=is_checking)
        self._storing = Storing(
            self._finisher, threads, world.pace, tell, self._begin, under_way=lambda: len(self.attempts)
        )

    def carry_out(self, commands: Iterable[orders.Command]) -> None:
        """Begin to carry out orders. Returns at once; news follow."""
        for command in commands:
            match command:
                case orders.LaunchAttempt(job, node, attempt):
                    self._launch(self._key(job, node, attempt))
                case orders.StoreOutputs(job, node, attempt, is_complete):
                    self._storing.add(Finished(self._key(job, node, attempt), self._books[job], is_complete))
                case orders.StopAttempt(job, node, attempt):
                    self._stop(self._key(job, node, attempt))
                case orders.AskCompute(job, node, attempt):
                    self._to_ask.append(self._key(job, node, attempt))
                case orders.StartTimer(job, node, attempt, seconds):
                    self._start_timer(job, node, attempt, seconds)
                case orders.LookUpReuse(job, node):
                    self.reusing.add(job, node)
                case orders.RecordReuse():
                    # Done in the turn that gave it.
                    pass
        self._hand_over()

    @property
    def store_problem(self) -> str | None:
        """Return what keeps outputs from being stored, None for nothing."""
        return self._storing.problem

    def compute_of(self, pool: str) -> Compute:
        """Return what runs the attempts of a pool."""
        if pool == CONTROL_POOL:
            return self._conductors
        return self._world.computes.get(pool) or self._world.computes["local"]

    def let_go(self, keys: Sequence[AttemptKey]) -> None:
        """Stop thinking of attempts that ended."""
        for key in keys:
            self.attempts.end(key)
            self._unwanted.discard(key.attempt_id)
            self._bringer.release(key)
            self._finisher.release(key)

    def stop_orphans(self, keys: Sequence[AttemptKey]) -> None:
        """End attempts that belong to no job any more."""
        if keys:
            self._begin(self._stop_all(keys))

    def close_job(self, root_name: str) -> None:
        """Drop what was kept for a job that ended."""
        self._readying.close_job(root_name)
        self._originals.forget(root_name)

    async def look(self, keys: Sequence[AttemptKey]) -> list[AttemptKey]:
        """Ask computes about attempts; what they say is heard. Returns those that nobody said anything about."""
        by_pool: dict[str, list[AttemptKey]] = {}
        for key in keys:
            by_pool.setdefault(key.pool, []).append(key)
            self.attempts.launched(key)
        unknown: list[AttemptKey] = []
        for pool, some in by_pool.items():
            ids = [key.attempt_id for key in some]
            compute = self.compute_of(pool)
            try:
                reports = await self._threads.run(self._threads.eyes, lambda: compute.look(ids))  # noqa: B023
            except OutsideError as problem:
                _log.warning("compute `%s` does not answer: %s", pool, problem)
                unknown += some
                continue
            for key in some:
                report = reports.get(key.attempt_id)
                if report is None:
                    unknown.append(key)
                else:
                    self._heard(report)
        return unknown

    async def close(self) -> None:
        """Abandon what is under way; a new engine takes it up again."""
        self._storing.close()
        self._readying.close()
        self._conductors.close()
        for timer in self._timers:
            timer.cancel()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- launching ---------------------------------------------------------------------------

    def _launch(self, key: AttemptKey) -> None:
        if key.attempt_id in self._launching:
            return
        if key.pool == CONTROL_POOL:
            self.attempts.launched(key)
            self._conductors.begin(key.attempt_id)
            return
        self._launching.add(key.attempt_id)
        book = self._books[key.job]
        prepared = self._readying.ready(book, key)
        wanted = self._bringer.wanted(book, key)
        checks = self._originals.waiting(book, key)
        if not wanted and not checks and prepared.done() and prepared.exception() is None:
            self._take(book, key, prepared.result(), _NOTHING_BROUGHT)
        else:
            self._begin(self._launch_when_ready(book, key, _Readiness(prepared, checks, wanted)))

    async def _launch_when_ready(
        self,
        book: JobBook,
        key: AttemptKey,
        readiness: _Readiness,
    ) -> None:
        code = "environment"
        try:
            ready = await asyncio.shield(readiness.prepared)
            self._readying.done(key)
            code = "datastore"
            copies = await self._bring_patiently(book, key, readiness)
        except Exception as problem:  # noqa: BLE001 - becomes the step's error, whatever it was
            self._readying.done(key)
            self._launching.discard(key.attempt_id)
            self._tell_not_started(key, error_of(problem, code))
            return
        self._take(book, key, ready, copies)
        self._hand_over()

    async def _bring_patiently(self, book: JobBook, key: AttemptKey, readiness: _Readiness) -> Mapping[str, LocalCopy]:
        """Return what was brought after the checks; while the server can start no workers, that takes longer."""
        checks = readiness.checks
        while True:
            try:
                for check in checks:
                    await check.passed()
                return await self._bring(book, key, readiness.wanted) if readiness.wanted else _NOTHING_BROUGHT
            except NoWorkers as problem:
                _log.error("attempt %s waits for its inputs: %s; %s", key.attempt_id, problem, problem.hint)
            await asyncio.sleep(self._world.pace.retry_seconds_max)
            if key.attempt_id in self._unwanted:
                return _NOTHING_BROUGHT
            checks = self._originals.waiting(book, key)

    async def _bring(self, book: JobBook, key: AttemptKey, wanted: tuple[Wanted, ...]) -> Mapping[str, LocalCopy]:
        """Return what was brought; nothing if meanwhile the attempt shall not begin any more."""
        if key.attempt_id in self._unwanted:
            return _NOTHING_BROUGHT
        work = self._threads.run(self._threads.bringers, lambda: self._bringer.bring(book, key, wanted))
        waiting: asyncio.Future[Brought] = asyncio.ensure_future(work)
        self._bringing[key.attempt_id] = waiting
        try:
            brought = await waiting
        except asyncio.CancelledError:
            if key.attempt_id not in self._unwanted:
                raise
            # What is being fetched goes on, for whoever needs it next.
            return _NOTHING_BROUGHT
        finally:
            del self._bringing[key.attempt_id]
        book.note_transfers(key.node, brought.facts())
        self._note(book, brought.lines(key))
        return brought.copies

    def _take(
        self, book: JobBook, key: AttemptKey, prepared: PreparedEnvironment, copies: Mapping[str, LocalCopy]
    ) -> None:
        book.note_environment(key.node, prepared)
        if key.attempt_id in self._unwanted or self.attempts.find(key.attempt_id) is None:
            self._launching.discard(key.attempt_id)
            self._tell_not_started(key, {"code": "canceled", "message": "canceled before it began"})
        else:
            self._to_launch.append((key, book, prepared, copies))

    async def _after_launch(
        self, launches: Sequence[Launch], launching: asyncio.Future[dict[str, Mapping[str, Any]]]
    ) -> None:
        refused = await launching
        for key, *_ in launches:
            self._launching.discard(key.attempt_id)
            error = refused.get(key.attempt_id)
            if error is None:
                self.attempts.launched(key)
            else:
                self._tell_not_started(key, error)

    def _launch_in_thread(self, launches: Sequence[Launch]) -> dict[str, Mapping[str, Any]]:
        """Launch attempts one after the other; returns the errors of those that could not be."""
        refused: dict[str, Mapping[str, Any]] = {}
        for key, book, prepared, copies in launches:
            compute = self.compute_of(key.pool)
            try:
                plan = self._planner.plan(book, key, prepared, compute.staging_root(key.attempt_id), copies)
                keep_earlier_log(self._world.datastores, book, key)
                compute.launch(plan)
            except Exception as problem:  # noqa: BLE001 - becomes the step's error, whatever it was
                refused[key.attempt_id] = error_of(problem, "launch-failed")
        return refused

    def _tell_not_started(self, key: AttemptKey, error: Mapping[str, Any]) -> None:
        now_ms = self._world.clock.now_ms()
        self._tell(News(facts.PreparationFailed(key.job, key.node, key.attempt, now_ms, error)))

    # --- stopping -----------------------------------------------------------------------------

    def _stop(self, key: AttemptKey) -> None:
        if key.attempt_id in self._launching:
            # If it waits for its environment or its inputs it never begins; if it is being launched, the
            # order below stands behind the launch in the same thread.
            self._unwanted.add(key.attempt_id)
            if key.attempt_id in self._bringing:
                self._bringing[key.attempt_id].cancel()
        self._to_stop.append(key)

    def _stop_in_thread(self, key: AttemptKey) -> None:
        try:
            self.compute_of(key.pool).stop(key.attempt_id)
        except OutsideError as problem:
            # The supervisor finds it alive at its next look, and the order is given again.
            _log.warning("cannot stop attempt %s yet: %s", key.attempt_id, problem)

    async def _stop_all(self, keys: Sequence[AttemptKey]) -> None:
        """Stop attempts, behind everything that computes were told before."""

        def stop_all() -> None:
            for key in keys:
                self._stop_in_thread(key)

        await self._threads.run(self._threads.hands, stop_all)

    # --- small parts -------------------------------------------------------------------------

    def _hand_over(self) -> None:
        """Give what was gathered to the threads that do it."""
        if self._to_launch:
            launches, self._to_launch = self._to_launch, []
            # Begun at once: a task of its own would wait until the loop has told everybody of this turn.
            launching = self._threads.begin(self._threads.hands, lambda: self._launch_in_thread(launches))
            self._begin(self._after_launch(launches, launching))
        if self._to_stop:
            stops, self._to_stop = self._to_stop, []
            self._begin(self._stop_all(stops))
        if self._to_ask:
            asked, self._to_ask = self._to_ask, []
            self._begin(self._ask_and_drop(asked))
        self._storing.hand_over()
        self.reusing.hand_over()

    async def _ask_and_drop(self, keys: Sequence[AttemptKey]) -> None:
        # Those without an answer are looked at again by the supervisor.
        await self.look(keys)

    def _start_timer(self, job: str, node: str, attempt: int, seconds: float) -> None:
        def due() -> None:
            self._timers.discard(timer)
            self._tell(News(facts.RetryDue(job, node, attempt, self._world.clock.now_ms())))

        timer = asyncio.get_running_loop().call_later(seconds, due)
        self._timers.add(timer)

    def _key(self, job: str, node: str, attempt: int) -> AttemptKey:
        page = self._books[job].pages[node]
        return self.attempts.begin(AttemptKey(job, node, attempt, page.pool, page.job_name))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("an order could not be carried out", exc_info=task.exception())
