"""
Free what can be made, fetched or sent again: `pipeyard gc`.

In:       which kinds, how old, how much may stay.
Out:      a plan; or the same carried out, piece by piece, with news of how far it is.
Not here: the rules (`tidy_plan.py`), moving bytes (`ports.Trash`), SQL (`store/tidy.py`).

Invariant: first the engine promises to take none of it, then the rows say that it is gone,
then it goes out of sight in one step, then its bytes go. Wherever that stops, nothing is
half there, and the next start or the next call finishes it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from pipeyard.model.asset_record import AuditEntry
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.errors import Conflict, OutsideError, PipeyardError
from pipeyard.model.tidy import Kind, Leftover, StoredUpload
from pipeyard.model.value import dataclass
from pipeyard.ports import Clock, Datastores, EngineHold, Environments, TidyStore, Trash
from pipeyard.service.tidy_plan import (
    FRESH_MS,
    Limits,
    Thing,
    Uses,
    choose,
    output_things,
    summary,
    upload_things,
)
from pipeyard.service.tidy_tables import with_tables

# Handled together: between two of them, jobs are accepted and look up results as ever.
_TOGETHER = 50
_DAY_MS = 86_400_000
DEFAULT_AGE_MS = 30 * _DAY_MS
# The engine removes the folders of ended attempts when it is idle.
_SETTLING_MS = 60_000


class Attempts(Protocol):
    """Staging folders."""

    def staged(self, *, with_sizes: bool = True) -> Mapping[str, tuple[int, int]]:
        """Return bytes (0 without sizes) and last change (UTC milliseconds) of each attempt's folder."""

    def forget(self, attempt_id: str) -> None:
        """Remove one."""


class Rehearsals(Protocol):
    """Folders in which steps were run once more (`job run-step`)."""

    def left(self) -> Sequence[Leftover]:
        """Return those that are still there."""

    def forget(self, name: str) -> bool:
        """Remove one, unless somebody is at it; return whether it is gone."""


class Copies(Protocol):
    """Copies of what is elsewhere."""

    def cached(self) -> Sequence[tuple[str, int, int, bool]]:
        """Return (digest, bytes, last used in UTC milliseconds, whether somebody has it in use) of each copy."""

    def drop(self, digests: Sequence[str]) -> None:
        """Remove copies, but for those that are in use."""


@dataclass(frozen=True, slots=True)
class TidyWorld:
    """What a home consists of, as far as it can be freed."""

    store: TidyStore
    trash: Trash
    engine: EngineHold
    datastores: Datastores
    clock: Clock
    attempts: Attempts
    environments: Environments
    # Returns (workspace, datastore) of all that are no folder here.
    elsewhere: Callable[[], frozenset[tuple[str, str]]]
    copies: Copies
    rehearsals: Rehearsals


class Tidier:
    """Plans and frees. Calls may come from any thread; one frees at a time."""

    def __init__(self, world: TidyWorld) -> None:
        """Take a home's parts."""
        self._world = world
        self._lock = threading.Lock()

    def now_ms(self) -> int:
        """Return the time that ages are counted to."""
        return self._world.clock.now_ms()

    def plan(self, limits: Limits) -> tuple[list[Thing], list[Thing]]:
        """Return everything there is of the kinds, and what of it would be freed; changes nothing."""
        things = self._things(limits.kinds)
        return things, choose(things, limits)

    def free(self, limits: Limits, by: str) -> Iterator[Mapping[str, Any]]:
        """Free; yield how far it is, and at the end what became of it."""
        if not self._lock.acquire(blocking=False):
            raise Conflict("somebody frees space already", code="gc-running", hint="try again when that has ended")
        try:
            self.finish_earlier()
            things, chosen = self.plan(limits)
            yield {"type": "begin", "count": len(chosen), "size": sum(thing.size for thing in chosen)}
            freed: list[Thing] = []
            problems: list[str] = []
            for start in range(0, len(chosen), _TOGETHER):
                some = chosen[start : start + _TOGETHER]
                try:
                    freed += self._free_some(some, by, problems)
                except (PipeyardError, OSError) as problem:
                    # What the rows said before it is taken up again by the next call.
                    problems.append(str(problem))
                    break
                done = start + len(some)
                yield {"type": "progress", "done": done, "freed_size": sum(thing.size for thing in freed)}
            yield {"type": "end", **report(things, freed), "problems": problems}
        finally:
            self._lock.release()

    def finish_earlier(self) -> None:
        """Remove what rows say is gone, after a server that died between the two."""
        self._world.trash.empty_all()
        removed = {(output.workspace, output.uri) for output in self._world.store.removed_outputs()}
        gone = {key for key in removed if self._is_there(*key)}
        if gone:
            # Of a place with another row that says it is there, that row is right.
            gone -= {(output.workspace, output.uri) for output in self._world.store.outputs()}
        self._world.trash.empty([place for key in gone if (place := self._discard(*key)) is not None])

    def sweep_attempts(self) -> None:
        """Remove the folders of attempts that ended and were stored, after a server that died before it did."""
        for thing in self._attempt_things(is_sweep=True):
            if thing.kept is None and thing.used_at_ms is None:
                with suppress(PipeyardError, OSError):
                    self._world.attempts.forget(thing.label)

    # --- what there is -----------------------------------------------------------------------

    def _things(self, kinds: frozenset[Kind]) -> list[Thing]:
        world = self._world
        things: list[Thing] = []
        if kinds & {Kind.OUTPUTS, Kind.SNAPSHOTS}:
            elsewhere = world.elsewhere()
            registered = with_tables(world.store.registered(), world.datastores, elsewhere)
            uses = Uses(world.store.roots(), registered, world.store.drafted())
            if Kind.OUTPUTS in kinds:
                things += output_things(world.store.outputs(), uses, elsewhere)
            if Kind.SNAPSHOTS in kinds:
                uploads = world.store.uploads()
                touched = {
                    (upload.workspace, upload.digest): self._touched_at_ms(upload.workspace, upload.uri)
                    for upload in uploads
                    if (upload.workspace, upload.uri.datastore) not in elsewhere
                }
                things += upload_things(uploads, uses, touched, elsewhere, world.clock.now_ms())
                things += self._stray_things(uploads)
        if Kind.ENVIRONMENTS in kinds:
            things += self._environment_things()
        if Kind.CACHE in kinds:
            for digest, size, used_at_ms, is_in_use in world.copies.cached():
                kept = "a step uses it" if is_in_use else None
                things.append(Thing(Kind.CACHE, digest, size, used_at_ms=used_at_ms, kept=kept))
        if Kind.ATTEMPTS in kinds:
            things += self._attempt_things()
        if Kind.REHEARSALS in kinds:
            things += self._rehearsal_things()
        return things

    def _stray_things(self, uploads: Sequence[StoredUpload]) -> list[Thing]:
        """Return uploads whose rows are forgotten, by a server that died before it came to their files."""
        known = {(upload.workspace, upload.uri.datastore, upload.digest) for upload in uploads}
        now_ms = self._world.clock.now_ms()
        return [
            Thing(
                Kind.SNAPSHOTS,
                str(uri),
                size,
                used_at_ms=changed_at_ms,
                kept="it was sent within the last hour" if now_ms - changed_at_ms < FRESH_MS else None,
                workspace=workspace,
                uri=uri,
            )
            for workspace, uri, size, changed_at_ms in self._world.trash.strays(known)
        ]

    def _environment_things(self) -> list[Thing]:
        live = [root.created_at_ms for root in self._world.store.roots() if not root.status.is_terminal]
        things = []
        for built in self._world.environments.list_built():
            used = max(built.used_at_ms or 0, built.ended_at_ms or 0, built.started_at_ms or 0)
            is_busy = built.ended_at_ms is None or (live and used >= min(live))
            kept = "a job that has not ended may use it" if is_busy else None
            things.append(Thing(Kind.ENVIRONMENTS, built.digest, built.size, used_at_ms=used, kept=kept))
        return things

    def _attempt_things(self, *, is_sweep: bool = False) -> list[Thing]:
        staged = self._world.attempts.staged(with_sizes=not is_sweep)
        now_ms = self._world.clock.now_ms()
        ends = self._world.store.attempt_ends(list(staged))
        things = []
        for attempt_id, (size, changed_at_ms) in sorted(staged.items()):
            end = ends.get(attempt_id)
            if end is None:
                # Of a job that nobody knows: a database that was put back, a workspace that was deleted.
                things.append(Thing(Kind.ATTEMPTS, attempt_id, size, used_at_ms=changed_at_ms))
            elif not end.is_over:
                things.append(Thing(Kind.ATTEMPTS, attempt_id, size, kept="a job that has not ended needs it"))
            elif not is_sweep and not end.is_unstored and now_ms - (end.ended_at_ms or changed_at_ms) < _SETTLING_MS:
                things.append(Thing(Kind.ATTEMPTS, attempt_id, size, kept="it goes by itself when the server is idle"))
            else:
                # What could not be stored is nowhere else; the rest was only not tidied away.
                used = (end.ended_at_ms or changed_at_ms) if end.is_unstored else None
                things.append(Thing(Kind.ATTEMPTS, attempt_id, size, used_at_ms=used))
        return things

    def _rehearsal_things(self) -> list[Thing]:
        now_ms = self._world.clock.now_ms()
        things = []
        for left in self._world.rehearsals.left():
            kept = None
            if left.is_in_use:
                kept = "a process of it lives"
            elif now_ms - left.changed_at_ms < _SETTLING_MS:
                kept = "it was used within the last minute"
            things.append(Thing(Kind.REHEARSALS, left.name, left.size, used_at_ms=left.changed_at_ms, kept=kept))
        return things

    def _touched_at_ms(self, workspace: str, uri: DatastoreUri) -> int:
        try:
            return int(self._world.datastores.local_path(workspace, uri).parent.stat().st_mtime * 1000)
        except (OSError, PipeyardError):
            return 0

    # --- freeing -----------------------------------------------------------------------------

    def _free_some(self, some: Sequence[Thing], by: str, problems: list[str]) -> list[Thing]:
        freed = self._free_outputs([thing for thing in some if thing.kind is Kind.OUTPUTS], by)
        freed += self._free_uploads([thing for thing in some if thing.kind is Kind.SNAPSHOTS], by)
        places: list[Path] = []
        for thing in freed:
            if thing.workspace is not None and thing.uri is not None:
                place = self._discard(thing.workspace, thing.uri)
                places += [] if place is None else [place]
        self._world.trash.empty(places)
        for thing in some:
            try:
                if self._free_other(thing):
                    freed.append(thing)
            except (PipeyardError, OSError) as problem:  # noqa: PERF203 (each for itself)
                problems.append(f"{thing.kind.value} {thing.label}: {problem}")
        return freed

    def _free_outputs(self, some: Sequence[Thing], by: str) -> list[Thing]:
        if not some:
            return []
        world = self._world
        names = {row.source_job or row.job_name for thing in some for row in thing.outputs}
        names |= {row.job_name for thing in some for row in thing.outputs}
        try:
            free = world.engine.hold_back(frozenset(names))
            # Once more, now that nobody can come to need it: of the jobs accepted meanwhile, too.
            fresh = self._things(frozenset({Kind.OUTPUTS}))
            now = {(thing.workspace, thing.uri): thing for thing in fresh if thing.kept is None}
            still = [
                thing
                for thing in some
                if (thing.workspace, thing.uri) in now
                and now[thing.workspace, thing.uri].outputs == thing.outputs
                and all({row.job_name, row.source_job or row.job_name} <= free for row in thing.outputs)
            ]
            marked = world.store.free_outputs(
                [row for thing in still for row in thing.outputs],
                world.clock.now_ms(),
                self._entry("outputs", by, still),
            )
            rows = {(row.job_name, row.output) for row in marked}
            return [thing for thing in still if all((row.job_name, row.output) in rows for row in thing.outputs)]
        finally:
            world.engine.let_go()

    def _free_uploads(self, some: Sequence[Thing], by: str) -> list[Thing]:
        if not some:
            return []
        fresh = self._things(frozenset({Kind.SNAPSHOTS}))
        now = {(thing.workspace, thing.uri): thing for thing in fresh if thing.kept is None}
        still = [thing for thing in some if now.get((thing.workspace, thing.uri)) == thing]
        forgotten = set(
            self._world.store.forget_uploads(
                [upload for thing in still for upload in thing.uploads], self._entry("snapshots", by, still)
            )
        )
        return [thing for thing in still if set(thing.uploads) <= forgotten]

    def _free_other(self, thing: Thing) -> bool:
        world = self._world
        if thing.kind is Kind.ATTEMPTS:
            world.attempts.forget(thing.label)
        elif thing.kind is Kind.REHEARSALS:
            return world.rehearsals.forget(thing.label)
        elif thing.kind is Kind.CACHE:
            world.copies.drop([thing.label])
        elif thing.kind is Kind.ENVIRONMENTS:
            now = {one.label: one for one in self._environment_things()}.get(thing.label)
            if now is None or now.kept is not None or now.used_at_ms != thing.used_at_ms:
                return False
            world.environments.remove(thing.label)
        else:
            return False
        return True

    def _discard(self, workspace: str, uri: DatastoreUri) -> Path | None:
        try:
            return self._world.trash.discard(workspace, uri)
        except (OutsideError, OSError, PipeyardError):
            # Its row says that it is gone; the next call tries again.
            return None

    def _is_there(self, workspace: str, uri: DatastoreUri) -> bool:
        try:
            return self._world.datastores.local_path(workspace, uri).exists()
        except (PipeyardError, OSError):
            return False

    def _entry(self, what: str, by: str, things: Sequence[Thing]) -> AuditEntry:
        workspace = next((thing.workspace for thing in things if thing.workspace is not None), "default")
        detail = {"count": len(things), "size": sum(thing.size for thing in things)}
        return AuditEntry(workspace, self._world.clock.now_ms(), by, "free", "gc", what, detail=detail)


def limits_of(
    now_ms: int, kinds: Iterable[Kind], *, older_than_seconds: float | None = None, bytes_max: float | None = None
) -> Limits:
    """Return limits as the rules take them; where neither age nor size is said, what is older than 30 days goes."""
    age_ms = None if older_than_seconds is None else int(older_than_seconds * 1000)
    if age_ms is None and bytes_max is None:
        age_ms = DEFAULT_AGE_MS
    return Limits(
        frozenset(kinds),
        before_ms=None if age_ms is None else now_ms - age_ms,
        bytes_max=None if bytes_max is None else int(bytes_max),
    )


def report(things: Sequence[Thing], freed: Sequence[Thing]) -> dict[str, Any]:
    """Return what is shown of a plan, or of what became of one."""
    return {
        "kinds": summary(things, freed),
        "count": len(freed),
        "size": sum(thing.size for thing in freed),
        "things": [
            {
                "kind": thing.kind.value,
                "what": thing.label,
                "workspace": thing.workspace,
                "size": thing.size,
                "files": thing.file_count,
                "used_at_ms": thing.used_at_ms,
                "job": thing.outputs[0].job_name if thing.outputs else None,
            }
            for thing in freed
        ],
    }
