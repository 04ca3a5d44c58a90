"""
What happens in a job, told in order to whoever follows it.

In:       the job's records and the logs of its running steps, looked at again and again.
Out:      messages: `job`, `step`, `log`, and `end` as the last one.
Not here: waiting between two looks, and sending (`api/stream.py`).

Invariant: a step's start is told before its log, and all of its log before its end.
Nothing is watched while nobody follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pipeyard.model.record import JobRecord
from pipeyard.model.status import JobStatus
from pipeyard.service.files import log_path
from pipeyard.service.jobs import tree_of
from pipeyard.service.records import COMMAND
from pipeyard.service.tail import LogTail
from pipeyard.service.view import job_json, step_line
from pipeyard.service.world import World

Message = dict[str, Any]


class Follower:
    """One job (or one step, or one pipeline inside a job) as somebody follows it."""

    def __init__(self, world: World, workspace: str, name: str, *, with_logs: bool) -> None:
        """Begin before the first message; `NotFound` comes from the first `turn`."""
        self._world = world
        self._workspace = workspace
        self._name = name
        self._with_logs = with_logs
        self._told: dict[str, JobRecord] = {}
        self._tails: dict[str, LogTail] = {}
        self._last_event = 0
        self._root_name = ""
        self.has_ended = False

    def turn(self) -> Iterator[Message]:
        """
        Yield what is new since the last turn.

        A generator, so that a reader who is slow holds back the reading of logs.
        """
        if self._is_changed():
            yield from self._changes(tree_of(self._world, self._workspace, self._name))
        if not self.has_ended:
            yield from self._growth()

    def _is_changed(self) -> bool:
        if not self._told:
            return True
        events = self._world.store.load_events(self._workspace, self._root_name, after=self._last_event)
        if events:
            self._last_event = events[-1].seq
        return bool(events)

    def _changes(self, tree: Sequence[JobRecord]) -> Iterator[Message]:
        top = tree[0]
        if not self._told:
            self._root_name = top.root_name
            yield {"type": "job", "job": job_json(top, self._world.endpoint)}
        for record in tree:
            before = self._told.get(record.name)
            if before is None or _differs(before, record):
                if record is not top or record.kind == COMMAND:
                    yield from self._step(before, record)
                self._told[record.name] = record
                if record is top and before is not None:
                    yield {"type": "job", "job": job_json(top, self._world.endpoint)}
        if top.status.is_terminal:
            self.has_ended = True
            yield {
                "type": "end",
                "job": job_json(top, self._world.endpoint),
                "steps": [step_line(record) for record in tree if record is not top or record.kind == COMMAND],
            }

    def _step(self, before: JobRecord | None, record: JobRecord) -> Iterator[Message]:
        has_begun = record.started_at_ms is not None and record.kind == COMMAND
        if record.status.is_terminal and has_begun:
            if before is None or before.started_at_ms is None:
                # It began and ended between two looks: its start is told all the same.
                began = replace(record, status=JobStatus.RUNNING, ended_at_ms=None, error=None)
                yield {"type": "step", **step_line(began), "duration_seconds": None}
            yield from self._log(record, is_last=True)
            self._tails.pop(record.name, None)
        yield {"type": "step", **step_line(record)}

    def _growth(self) -> Iterator[Message]:
        for record in list(self._told.values()):
            if record.kind == COMMAND and record.started_at_ms is not None and not record.status.is_terminal:
                yield from self._log(record, is_last=False)

    def _log(self, record: JobRecord, *, is_last: bool) -> Iterator[Message]:
        if not self._with_logs:
            return
        tail = self._tails.get(record.name)
        if tail is None:
            tail = self._tails[record.name] = LogTail(log_path(self._world, record))
        for text in tail.read(self._world.clock.monotonic(), is_last=is_last):
            yield {"type": "log", "key": record.node_id, "name": record.name, "text": text}


def _differs(before: JobRecord, now: JobRecord) -> bool:
    return (before.status, before.started_at_ms, before.ended_at_ms, before.error) != (
        now.status,
        now.started_at_ms,
        now.ended_at_ms,
        now.error,
    )
