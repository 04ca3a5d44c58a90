"""
Environments of jobs: each asked for once, all of them before the first step starts.

In:       a job's book and its attempts that are about to begin.
Out:      a future for each attempt, done when every environment of its job is there; the log of
          what is being built, beside the logs of those who wait for it.
Not here: making environments (`environment/`), launching (`act.py`).

A job whose environment cannot be made fails before any of its steps starts: an hour of
preparing data is lost time when the training after it can never run.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import field, replace
from pathlib import Path
from sys import intern

from pipeyard.engine.book import JobBook
from pipeyard.engine.report import AttemptKey
from pipeyard.engine.surroundings import Surroundings
from pipeyard.engine.threads import Threads
from pipeyard.graph.model import NodeId
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.component import InlineEnvironment
from pipeyard.model.diagnostic import Place
from pipeyard.model.environment import ImagePolicy
from pipeyard.model.errors import EnvironmentFailed
from pipeyard.model.record import artifact_root, build_log
from pipeyard.model.value import dataclass
from pipeyard.ports import EnvironmentRequest, PreparedEnvironment, Waiter
from pipeyard.scheduler.state import TERMINAL

_log = logging.getLogger(__name__)
_NOWHERE = Place()
_ENDED = frozenset(state.value for state in TERMINAL)


@dataclass(slots=True, eq=False)
class _Wish:
    """One environment of one job."""

    request: EnvironmentRequest
    # The first step that names it.
    node: NodeId
    made: asyncio.Future[PreparedEnvironment]
    # Done when all of the job's are.
    ready: asyncio.Future[PreparedEnvironment]
    # What is being written by its build; None: there is none to wait for.
    log: Path | None = None
    # Of the logs that the job has.
    log_number: int = 0
    # Places of the log that could be no links, for the end.
    copies: list[Path] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class _Job:
    """The environments of one job, and who waits for them."""

    book: JobBook
    wishes: dict[str, _Wish] = field(default_factory=dict)
    # What each step's environment says.
    contents: dict[NodeId, str] = field(default_factory=dict)
    # By attempt.
    waiting: dict[str, AttemptKey] = field(default_factory=dict)
    is_over: bool = False


class Readying:
    """Has environments made for the jobs of one engine."""

    def __init__(
        self,
        world: Surroundings,
        threads: Threads,
        unwanted: Collection[str],
        note: Callable[[JobBook, Sequence[str]], None],
    ) -> None:
        """Ask the world for them, as long as attempts that wait are not among the *unwanted*."""
        self._world = world
        self._threads = threads
        self._unwanted = unwanted
        self._note = note
        self._jobs: dict[str, _Job] = {}

    def ready(self, book: JobBook, key: AttemptKey) -> asyncio.Future[PreparedEnvironment]:
        """
        Return the environment of an attempt as soon as all of its job are there.

        Raises, when waited for, the first problem of any of them.
        """
        job = self._jobs.get(book.name)
        if job is None:
            job = self._jobs[book.name] = _Job(book)
            self._begin(job)
        content = self._content(job, key.node)
        wish = job.wishes.get(content)
        if wish is None or (wish.ready.done() and not _is_sound(wish.ready)):
            # Another try: what was missing may be there by now.
            self._begin(job, also=key.node)
            wish = job.wishes[content]
        if not wish.ready.done():
            job.waiting[key.attempt_id] = key
            if wish.log is not None:
                self._show(job, wish, wish.log, [key.job_name])
        return wish.ready

    def done(self, key: AttemptKey) -> None:
        """Forget that an attempt waits."""
        job = self._jobs.get(key.job)
        if job is not None:
            job.waiting.pop(key.attempt_id, None)

    def close(self) -> None:
        """Wait for nothing any more."""
        for job in self._jobs.values():
            for wish in job.wishes.values():
                wish.ready.cancel()

    def close_job(self, root_name: str) -> None:
        """Drop what was kept for a job that ended."""
        job = self._jobs.pop(root_name, None)
        if job is not None:
            job.is_over = True

    # --- asking ------------------------------------------------------------------------------

    def _begin(self, job: _Job, also: NodeId | None = None) -> None:
        """Ask for the environment of every step that has not ended, unless it is there or asked for."""
        fresh = []
        for node, page in job.book.pages.items():
            if node != also and not _ENDED.isdisjoint(page.phases):
                continue
            if job.book.graph.nodes[node].control is not None:
                # Nothing runs in it; its children have theirs made.
                continue
            content = self._content(job, node)
            wish = job.wishes.get(content)
            if wish is None or (wish.made.done() and not _is_sound(wish.made)):
                fresh.append(content)
                job.wishes[content] = self._wish(job, node)
        for content in job.wishes:
            # Anew for all: what one waits for has changed.
            if fresh:
                job.wishes[content].ready = ready = asyncio.ensure_future(self._all(job, job.wishes[content]))
                # Looked at, whether or not somebody waits.
                ready.add_done_callback(_is_sound)

    def _wish(self, job: _Job, node: NodeId) -> _Wish:
        request = request_of(job.book, node)
        loop = asyncio.get_running_loop()

        def on_build(log: Path) -> None:
            with suppress(RuntimeError):  # The loop is closed: nobody looks any more.
                loop.call_soon_threadsafe(self._building, job, wish, log)

        waiter = Waiter(on_build, lambda: self._is_wanted(job))
        environments = self._world.environments
        work = self._threads.run(self._threads.builders, lambda: environments.prepare(request, waiter))
        made = asyncio.ensure_future(work)
        wish = _Wish(request, node, made, made)
        made.add_done_callback(lambda _: self._built(job, wish))
        return wish

    async def _all(self, job: _Job, own: _Wish) -> PreparedEnvironment:
        wishes = list(job.wishes.values())
        await asyncio.wait([wish.made for wish in wishes], return_when=asyncio.FIRST_EXCEPTION)
        for wish in (own, *wishes):
            if not wish.made.done():
                continue
            problem = None if wish.made.cancelled() else wish.made.exception()
            if isinstance(problem, EnvironmentFailed):
                raise _said(problem, job, wish, is_own=wish is own)
            if problem is not None:
                raise problem
        return own.made.result()

    def _is_wanted(self, job: _Job) -> bool:
        # Called from threads: one look at a dictionary that the loop changes.
        waiting = list(job.waiting)
        return not job.is_over and (not waiting or any(attempt not in self._unwanted for attempt in waiting))

    def _content(self, job: _Job, node: NodeId) -> str:
        """Return what an environment says; a thousand steps may each say the same at a place of their own."""
        found = job.contents.get(node)
        if found is None:
            environment = job.book.graph.nodes[node].environment
            if isinstance(environment, InlineEnvironment):
                environment = replace(environment, place=_NOWHERE)
            # One text for all that are alike.
            found = job.contents[node] = intern(f"{job.book.pages[node].image_policy} {environment!r}")
        return found

    # --- the log of a build ------------------------------------------------------------------

    def _building(self, job: _Job, wish: _Wish, log: Path) -> None:
        if wish.made.done():
            return
        wish.log, wish.log_number = log, sum(1 for one in job.wishes.values() if one.log is not None)
        self._note(job.book, [f"step {wish.node} waits for its environment, which is being built"])
        mine = [
            key.job_name
            for key in job.waiting.values()
            if self._content(job, key.node) == self._content(job, wish.node)
        ]
        self._show(job, wish, log, [job.book.name, *mine])

    def _built(self, job: _Job, wish: _Wish) -> None:
        # Asked in any case, so that a problem counts as seen.
        if _is_sound(wish.made) and wish.log is not None:
            self._note(job.book, [f"the environment of step {wish.node} is built"])
        if wish.log is not None:
            with suppress(RuntimeError):  # The engine is at its end.
                for place in wish.copies:
                    self._threads.sweeper.submit(_copy, wish.log, place)

    def _show(self, job: _Job, wish: _Wish, log: Path, job_names: Sequence[str]) -> None:
        """Have a build's log appear in the artifacts of jobs: the same file under another name."""
        find, workspace = self._world.datastores.local_path, job.book.workspace
        places = [find(workspace, _place(job, wish, name)) for name in dict.fromkeys(job_names)]

        def link() -> None:
            for place in places:
                if not _link(log, place):
                    wish.copies.append(place)

        self._threads.sweeper.submit(link)


def _place(job: _Job, wish: _Wish, job_name: str) -> DatastoreUri:
    # A pipeline may wait for several.
    return artifact_root(job_name).child(*build_log(wish.log_number if job_name == job.book.name else 0))


def request_of(book: JobBook, node: NodeId) -> EnvironmentRequest:
    """Return what is to be asked for of a node's environment."""
    return EnvironmentRequest(
        book.graph.nodes[node].environment,
        ImagePolicy(book.pages[node].image_policy),
        book.workspace,
        book.root.detail.get("python"),
    )


def _said(problem: EnvironmentFailed, job: _Job, wish: _Wish, *, is_own: bool) -> EnvironmentFailed:
    """Return the problem as one of a step: of its own environment, or of another step's."""
    whose = "its environment" if is_own else f"not started: the environment of step `{wish.node}`"
    return EnvironmentFailed(
        problem.message if problem.code == "canceled" else f"{whose} cannot be made: {problem.message}",
        code=problem.code,
        hint=problem.hint,
        last_lines=problem.last_lines,
        log=None if wish.log is None else str(_place(job, wish, job.book.name)),
    )


def _is_sound(future: asyncio.Future[PreparedEnvironment]) -> bool:
    return not future.cancelled() and future.exception() is None


def _link(log: Path, place: Path) -> bool:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        os.link(log, place)
    except OSError as problem:
        # Another file system.
        _log.debug("%s is no link: %s", place, problem)
        return False
    return True


def _copy(log: Path, place: Path) -> None:
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(log, place)
