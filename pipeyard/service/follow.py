"""
What happens in a job, told in order to whoever follows it.

In:       the job's records and the logs of its running steps, looked at again and again.
Out:      messages: `job`, `step`, `log`, and `end` as the last one.
Not here: waiting between two looks, and sending (`api/stream.py`).

Invariant: a step's start is told before its log, and all of its log before its end.
Nothing is watched while nobody follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from pipeyard.model.record import JobRecord, artifact_root, build_log
from pipeyard.model.status import JobStatus
from pipeyard.service.files import log_path
from pipeyard.service.jobs import show_job, tree_of
from pipeyard.service.log_gap import ends_of, is_empty
from pipeyard.service.records import PIPELINE
from pipeyard.service.tail import LogTail
from pipeyard.service.view import job_json, step_line
from pipeyard.service.waiting import waiting_for
from pipeyard.service.world import World

Message = dict[str, Any]

# As whose the lines about environments are shown.
BUILDS = "environment"
# What a step only goes through; most readers want to hear of the rest.
_PASSING = frozenset(
    {JobStatus.NOT_STARTED, JobStatus.QUEUED, JobStatus.PREPARING, JobStatus.STARTING, JobStatus.FINALIZING}
)
# Nothing writes to a step's log in these.
_SILENT = frozenset({JobStatus.FINALIZING, JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELED})


class _Told(NamedTuple):
    """What was told of a record: all of it, for each follower, would be as much as the job itself."""

    status: JobStatus
    started_at_ms: int | None
    ended_at_ms: int | None
    error: Mapping[str, Any] | None


class Follower:
    """One job (or one step, or one pipeline inside a job) as somebody follows it."""

    def __init__(
        self,
        world: World,
        workspace: str,
        name: str,
        *,
        with_logs: bool,
        with_passing: bool = True,
        repeats_steps: bool = True,
        rank: int | None = None,
    ) -> None:
        """
        Begin before the first message; of steps with several processes tell the log of *rank*, or of the first.

        With *repeats_steps* the last message holds each step once more, else the names of all in the order of the tree.
        """
        self._world = world
        self._workspace = workspace
        self._name = name
        self._with_logs = with_logs
        self._with_passing = with_passing
        self._repeats_steps = repeats_steps
        self._rank = rank
        self._told: dict[str, _Told] = {}
        # Steps whose log may grow.
        self._writing: dict[str, JobRecord] = {}
        self._tails: dict[str, LogTail] = {}
        # Logs of environments that the job waits for.
        self._builds: list[LogTail] = []
        self._last_event = 0
        self._root_name = ""
        self._top: JobRecord
        self.has_ended = False

    @property
    def root_name(self) -> str:
        """Return the submitted job that is watched; known after the first turn."""
        return self._root_name

    def turn(self, changed: Iterable[JobRecord] | None = None) -> Iterator[Message]:
        """
        Yield what is new since the last turn.

        *changed* holds records that changed meanwhile, if somebody told; None: look
        for oneself. What was told of a record before its end is ignored after it. A generator, so that a reader who is slow holds back the reading of logs.
        """
        if not self._told:
            yield from self._begin()
        elif changed is not None:
            yield from self._changes([record for record in changed if record.name in self._told])
        elif self._has_new_events():
            yield from self._changes(self._tree())
        if not self.has_ended:
            yield from self._growth()

    def _begin(self) -> Iterator[Message]:
        tree = self._tree()
        self._top = tree[0]
        self._root_name = self._top.root_name
        yield self._job(self._top)
        yield from self._changes(tree)

    def _tree(self) -> Sequence[JobRecord]:
        return tree_of(self._world, self._workspace, self._name)

    def _has_new_events(self) -> bool:
        events = self._world.store.load_events(self._workspace, self._root_name, after=self._last_event)
        if events:
            self._last_event = events[-1].seq
        return bool(events)

    def _changes(self, records: Sequence[JobRecord]) -> Iterator[Message]:
        # Before the step that waited for it begins.
        yield from self._build_logs()
        top = None
        for record in records:
            if record.name == self._name and not self.has_ended:
                # Told last: its end is the end of everything.
                top = record
            if record.name == self._name and record.kind == PIPELINE:
                continue
            before = self._told.get(record.name)
            if before is None or (_differs(before, record) and not before.status.is_terminal):
                yield from self._step(before, record)
                self._told[record.name] = _told_of(record)
        if top is not None:
            yield from self._top_changed(top)

    def _top_changed(self, top: JobRecord) -> Iterator[Message]:
        before, self._top = self._top, top
        self._told[top.name] = _told_of(top)
        if _differs(_told_of(before), top):
            yield self._job(top)
        if top.status.is_terminal:
            yield from self._build_logs(is_last=True)
            self.has_ended = True
            yield self._end(top)

    def _end(self, top: JobRecord) -> Message:
        # Read once more, for what is written with the end: outputs, times.
        if not self._repeats_steps and top.kind == PIPELINE:
            names = [name for name in self._told if name != top.name]
            return {**self._job(show_job(self._world, self._workspace, top.name)), "type": "end", "names": names}
        top, *below = self._tree()
        steps = below if top.kind == PIPELINE else [top]
        return {**self._job(top), "type": "end", "steps": [self._line(record) for record in steps]}

    def _job(self, record: JobRecord) -> Message:
        return {"type": "job", "job": job_json(record, self._world.endpoint)}

    def _step(self, before: _Told | None, record: JobRecord) -> Iterator[Message]:
        is_next_try = _next_try(record) not in (None, None if before is None else _next_try(before))
        if record.kind != PIPELINE and record.started_at_ms is not None and (record.status in _SILENT or is_next_try):
            if before is None or before.started_at_ms is None:
                # It began and ended between two looks: its start is told all the same.
                began = replace(record, status=JobStatus.RUNNING, ended_at_ms=None, error=None)
                yield {"type": "step", **self._line(began), "duration_seconds": None}
            if is_next_try and self._with_logs:
                # All of the try that failed, before the next one is spoken of.
                self._tails.setdefault(record.name, LogTail(self._log_path(record)))
            yield from self._log(record, is_last=True)
        if record.name == self._name and record.source_job is not None:
            # Whoever asks for this very step sees what it did, when it did it.
            yield from self._log(record, is_last=True)
        if record.status.is_terminal:
            self._tails.pop(record.name, None)
            self._writing.pop(record.name, None)
        elif record.kind != PIPELINE and record.started_at_ms is not None:
            self._writing[record.name] = record
        if self._with_passing or record.status not in _PASSING or _next_try(record) is not None:
            yield {"type": "step", **self._line(record)}

    def _line(self, record: JobRecord) -> dict[str, Any]:
        return {**step_line(record), "waiting_for": waiting_for(record, self._world.runner.pool_use)}

    def _growth(self) -> Iterator[Message]:
        yield from self._build_logs()
        for record in list(self._writing.values()):
            yield from self._log(record, is_last=False)

    def _build_logs(self, *, is_last: bool = False) -> Iterator[Message]:
        """Yield what was written about environments that are being made for the job."""
        if not self._with_logs:
            return
        while (place := self._build_log(len(self._builds))).exists():
            self._builds.append(LogTail(place))
        for tail in self._builds:
            for text in tail.read(self._world.clock.monotonic(), is_last=is_last):
                yield {"type": "log", "key": BUILDS, "name": BUILDS, "text": text}

    def _log_path(self, record: JobRecord) -> Path:
        # A step that has no such rank shows its first.
        has_rank = self._rank is not None and self._rank < record.process_count
        return log_path(self._world, record, self._rank if has_rank else None)

    def _build_log(self, number: int) -> Path:
        uri = artifact_root(self._name).child(*build_log(number))
        return self._world.datastores.local_path(self._workspace, uri)

    def _log(self, record: JobRecord, *, is_last: bool) -> Iterator[Message]:
        if not self._with_logs:
            return
        tail = self._tails.get(record.name)
        if tail is None:
            path = self._log_path(record)
            if is_last:
                if record.detail.get("attempt") == 1 and is_empty(path):
                    # Neither it nor an earlier try has said anything: of a thousand short steps mostly none has.
                    return
                ends = ends_of(path)
                if ends is not None:
                    # Nobody reads a gigabyte; it would take minutes to tell.
                    for text in ends:
                        yield {"type": "log", "key": record.node_id, "name": record.name, "text": text}
                    return
            tail = self._tails[record.name] = LogTail(path)
        for text in tail.read(self._world.clock.monotonic(), is_last=is_last):
            yield {"type": "log", "key": record.node_id, "name": record.name, "text": text}


def _next_try(record: JobRecord | _Told) -> str | None:
    """Return what is said of the next try of a step whose last one failed."""
    text: str | None = (record.error or {}).get("next_try")
    return text


def _differs(before: _Told, now: JobRecord) -> bool:
    return before != _told_of(now)


def _told_of(record: JobRecord) -> _Told:
    return _Told(record.status, record.started_at_ms, record.ended_at_ms, record.error)
