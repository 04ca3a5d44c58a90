"""
Environments that were built, each once.

In:       a digest, and a builder for it when it is not there.
Out:      what was made; its state, lock and log, for whoever looks.
Not here: how anything is made (`Builder`s), what a definition means (`resolve.py`).

One folder for each digest: `state.json` (whole or absent), `lock.txt`, `build.log`, and the
folder that was filled. That one has a name of its own for each build and is never renamed:
programs in it may know where they are. What `state.json` does not name was left half-made, by a
server that is gone, and is thrown away.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import Any

from pipeyard.environment.build import Build, Built, Made
from pipeyard.model.environment import BuildState
from pipeyard.model.errors import Conflict, EnvironmentFailed, NotFound
from pipeyard.model.value import dataclass
from pipeyard.ports import BuiltEnvironment, Refusal, Waiter

_log = logging.getLogger(__name__)

# Each may use every CPU and the network.
BUILDS_AT_ONCE = 2
_LOOK_SECONDS = 0.2
_STATE, _LOCK, _LOG, _USED = "state.json", "lock.txt", "build.log", "used"
# Of file systems: what `st_blocks` counts in.
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be built."""

    digest: str
    strategy: str
    label: str
    build: Callable[[Build], Built]
    # What is kept for people and for `Made`.
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class _Running:
    """A build that has not ended."""

    order: Order
    log: Path
    done: threading.Event = field(default_factory=threading.Event)
    waiters: list[Waiter] = field(default_factory=list)
    state: BuildState = BuildState.QUEUED
    started_at_ms: int | None = None
    made: Made | None = None
    problem: EnvironmentFailed | None = None


class BuildStore:
    """The built environments of one home."""

    def __init__(self, folder: Path, timeout_seconds: float) -> None:
        """Keep everything in *folder*."""
        self._folder = folder
        self._timeout_seconds = timeout_seconds
        self._lock = threading.Lock()
        self._running: dict[str, _Running] = {}
        # What was looked at and found whole; looked at again only by `open` of its builder.
        self._made: dict[str, Made] = {}
        self._places = threading.BoundedSemaphore(BUILDS_AT_ONCE)
        self._is_closing = False

    # --- asking ------------------------------------------------------------------------------

    def find(self, digest: str) -> Made | None:
        """Return what was built, at once; None when it is not there."""
        made = self._made.get(digest)
        if made is None:
            made = self._load(digest)
            if made is not None:
                self._made[digest] = made
        return made

    def touch(self, digest: str) -> None:
        """Remember that a step uses it."""
        with suppress(OSError):
            path = self._folder / digest / _USED
            path.touch()

    def obtain(self, order: Order, waiter: Waiter) -> Made:
        """Return what *order* makes, built now or being built for somebody else already. Raises `EnvironmentFailed`."""
        with self._lock:
            found = self.find(order.digest)
            if found is not None:
                return found
            running = self._running.get(order.digest)
            if running is None:
                running = self._begin(order)
            running.waiters.append(waiter)
        waiter.on_build(running.log)
        try:
            while not running.done.wait(_LOOK_SECONDS):
                if not waiter.is_wanted():
                    raise EnvironmentFailed("nobody waits for it any more", code="canceled")
        finally:
            with self._lock:
                running.waiters.remove(waiter)
        if running.made is not None:
            return running.made
        assert running.problem is not None
        # Each waiter its own: a traceback belongs to one thread.
        problem = running.problem
        raise EnvironmentFailed(problem.message, code=problem.code, hint=problem.hint, last_lines=problem.last_lines)

    def remove(self, digest: str) -> Made | None:
        """Forget a build and remove its folder; return what it was. Raises `Conflict`, `NotFound`."""
        with self._lock:
            if digest in self._running:
                raise Conflict(f"environment {digest[:12]} is being built", code="in-use")
            if not (self._folder / digest).is_dir():
                raise NotFound(f"there is no built environment {digest[:12]}")
            made = self.find(digest)
            self._made.pop(digest, None)
            # Its name goes at once; the rest may take a moment.
            gone = self._folder / f".{digest}.{uuid.uuid4().hex[:8]}"
            (self._folder / digest).rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
        return made

    def forget(self, digest: str) -> None:
        """Have an environment built again when it is next asked for: what it was made of is gone."""
        with self._lock:
            self._made.pop(digest, None)
            if digest not in self._running:
                (self._folder / digest / _STATE).unlink(missing_ok=True)

    def list_built(self) -> Sequence[BuiltEnvironment]:
        """Return every build, the newest first."""
        names = {path.name for path in _folders(self._folder)} | set(self._running)
        found = [one for name in names if (one := self.show(name)) is not None]
        return sorted(found, key=lambda one: -(one.started_at_ms or 0))

    def show(self, digest: str, *, with_size: bool = True) -> BuiltEnvironment | None:
        """Return how far a build is; None when there never was one."""
        with self._lock:
            running = self._running.get(digest)
            if running is not None:
                return BuiltEnvironment(
                    digest,
                    running.state,
                    running.order.strategy,
                    running.order.label,
                    running.started_at_ms,
                    log=running.log,
                )
        folder = self._folder / digest
        state = _read_state(folder)
        if state is None:
            return None
        log = folder / _LOG
        return BuiltEnvironment(
            digest,
            BuildState(state["state"]),
            state["strategy"],
            state["label"],
            state.get("started_at_ms"),
            state.get("ended_at_ms"),
            used_at_ms=_changed_ms(folder / _USED),
            size=_size(folder) if with_size else 0,
            error=_refusal_of(state.get("error")),
            lock=_read(folder / _LOCK),
            log=log if log.is_file() else None,
        )

    # --- building ----------------------------------------------------------------------------

    def _begin(self, order: Order) -> _Running:
        if self._is_closing:
            raise EnvironmentFailed("the server is stopping", code="canceled")
        folder = self._folder / order.digest
        _clear(folder)
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / _LOG
        log.touch()
        running = self._running[order.digest] = _Running(order, log)
        # A thread of its own: who asked first may leave, and others still want it.
        threading.Thread(target=self._work, args=(running,), name="pipeyard-build", daemon=True).start()
        return running

    def _work(self, running: _Running) -> None:
        try:
            with self._place(running):
                self._build(running)
        except EnvironmentFailed as problem:
            self._fail(running, problem)
        except Exception as problem:  # noqa: BLE001 - the edge of a thread: whoever waits has to learn of it
            _log.exception("an environment could not be built")
            self._fail(running, EnvironmentFailed(f"{type(problem).__name__}: {problem}"))
        finally:
            with self._lock:
                del self._running[running.order.digest]
            running.done.set()

    def _place(self, running: _Running) -> Any:
        while not self._places.acquire(timeout=_LOOK_SECONDS):
            if not self._is_wanted(running):
                raise EnvironmentFailed("stopped: nobody waits for it any more", code="canceled")
        return _Released(self._places)

    def _build(self, running: _Running) -> None:
        order, folder = running.order, running.log.parent
        place = folder / uuid.uuid4().hex[:8]
        begun = time.monotonic()
        with self._lock:
            running.state, running.started_at_ms = BuildState.BUILDING, _now_ms()
        with running.log.open("ab") as log:
            build = Build(place, log, lambda: self._is_wanted(running), begun + self._timeout_seconds)
            build.say(f"{order.label}: {order.strategy}")
            try:
                built = order.build(build)
                build.check()
            except EnvironmentFailed as problem:
                build.say(f"failed after {time.monotonic() - begun:.1f} s: {problem.message}")
                if not problem.last_lines:
                    problem.last_lines = tuple(build.last_lines)
                shutil.rmtree(place, ignore_errors=True)
                raise
            build.say(f"made in {time.monotonic() - begun:.1f} s")
        (folder / _LOCK).write_text(built.lock, "utf-8")
        self._save(running, BuildState.SUCCEEDED, place=str(place), facts=dict(built.facts))
        running.made = self._made[order.digest] = Made(place, built)
        self.touch(order.digest)

    def _fail(self, running: _Running, problem: EnvironmentFailed) -> None:
        running.problem = problem
        with suppress(OSError):
            if problem.code == "canceled":
                # It says nothing about the environment.
                (running.log.parent / _STATE).unlink(missing_ok=True)
            else:
                error = {"code": problem.code, "message": problem.message, "hint": problem.hint}
                self._save(running, BuildState.FAILED, error=error)

    def _save(self, running: _Running, state: BuildState, **more: Any) -> None:
        order = running.order
        with self._lock:
            running.state = state
        text = json.dumps(
            {
                "format": 1,
                "state": state.value,
                "strategy": order.strategy,
                "label": order.label,
                "started_at_ms": running.started_at_ms,
                "ended_at_ms": _now_ms(),
                "detail": dict(order.detail),
                **more,
            },
            ensure_ascii=False,
            indent=1,
        )
        path = running.log.parent / _STATE
        fresh = path.with_name(f".{_STATE}")
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)

    def _is_wanted(self, running: _Running) -> bool:
        if self._is_closing:
            return False
        with self._lock:
            waiters = list(running.waiters)
        return any(waiter.is_wanted() for waiter in waiters)

    # --- the folder --------------------------------------------------------------------------

    def _load(self, digest: str) -> Made | None:
        folder = self._folder / digest
        state = _read_state(folder)
        if state is None or state["state"] != BuildState.SUCCEEDED.value:
            return None
        place = Path(state["place"])
        # A home that was moved: what is installed may know where it was.
        if place.parent != folder:
            return None
        return Made(place, Built(_read(folder / _LOCK), state.get("facts") or {}))

    def clean_up(self) -> None:
        """Throw away what earlier servers left half-made."""
        with self._lock:
            for folder in _folders(self._folder, hidden=True):
                if folder.name in self._running:
                    continue
                state = None if folder.name.startswith(".") else _read_state(folder)
                if state is None:
                    shutil.rmtree(folder, ignore_errors=True)
                    continue
                for inner in _folders(folder):
                    if str(inner) != state.get("place"):
                        shutil.rmtree(inner, ignore_errors=True)

    def close(self) -> None:
        """Stop what is being built and let everybody who waits know."""
        self._is_closing = True
        for running in list(self._running.values()):
            running.done.wait(10)


class _Released:
    """Gives a place back."""

    def __init__(self, places: threading.BoundedSemaphore) -> None:
        self._places = places

    def __enter__(self) -> None:
        """Have the place already."""

    def __exit__(self, *_: object) -> None:
        self._places.release()


def _clear(folder: Path) -> None:
    """Remove what an earlier build left. Its log keeps its bytes wherever else it is linked."""
    if folder.is_dir():
        shutil.rmtree(folder, ignore_errors=True)


def _folders(folder: Path, *, hidden: bool = False) -> Iterator[Path]:
    with suppress(OSError):
        yield from (path for path in folder.iterdir() if path.is_dir() and (hidden or not path.name.startswith(".")))


def _read_state(folder: Path) -> dict[str, Any] | None:
    try:
        state = json.loads((folder / _STATE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return state if isinstance(state, dict) and state.get("format") == 1 else None


def _refusal_of(error: Any) -> Refusal | None:
    return Refusal(error["code"], error["message"], error.get("hint")) if isinstance(error, Mapping) else None


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError:
        return ""


def _changed_ms(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns // 1_000_000
    except OSError:
        return None


def _size(folder: Path) -> int:
    """Return the bytes that only this folder holds: hard links to a cache are the cache's."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                status = os.lstat(os.path.join(place, name))  # noqa: PTH118 - tens of thousands of files
                total += status.st_blocks * _BLOCK if status.st_nlink == 1 else 0
    return total


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
