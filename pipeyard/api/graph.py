"""
Routes that the Studio draws from: a job's graph, and what changes while one looks.

In:       records of the store, and those that the engine tells of as they are stored.
Out:      JSON, and server-sent events: `changed` with the cards that changed, `draft` with one that was saved or
          taken over, `reset` when the reader has to load again, unless its `mark` of each job is the one that comes along.
Not here: the picture itself (`service/graph_view.py`), logs (`stream.py`, `files.py`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from pipeyard.api.allow import TheDesk, UserOnly
from pipeyard.api.answer import Answer, json_bytes
from pipeyard.api.desk import Desk, Watch
from pipeyard.model.record import JobFilter, JobRecord
from pipeyard.service.draft_view import head_json
from pipeyard.service.graph_view import card_json, graph_json
from pipeyard.service.jobs import show_job, tree_of

router = APIRouter()
_WORKSPACE = "/api/v1/workspaces/{workspace}"

BEAT_SECONDS = 10.0
# Whatever changes within this time is told together; nobody sees more than ten pictures a second.
GATHER_SECONDS = 0.1
# How often is looked for jobs that somebody else created.
NEW_JOBS_SECONDS = 2.0
JOBS_MAX = 100
DRAFTS_MAX = 20


@router.get(_WORKSPACE + "/jobs/{name}/graph", dependencies=[UserOnly])
def graph(workspace: str, name: str, desk: TheDesk) -> Answer:
    """Return the graph of the whole job that *name* belongs to."""
    root_name = show_job(desk.world, workspace, name).root_name
    # First: what is read afterwards may only be newer.
    mark = desk.mark_of(root_name)
    return Answer({**graph_json(tree_of(desk.world, workspace, root_name)), "mark": mark})


@router.get(_WORKSPACE + "/live", dependencies=[UserOnly])
async def live(
    workspace: str,
    desk: TheDesk,
    *,
    job: Annotated[list[str] | None, Query()] = None,
    draft: Annotated[list[str] | None, Query()] = None,
) -> Response:
    """
    Tell what changes in some root jobs, and that there are new jobs. Ends only with the server.

    Of each `draft` it tells when it was saved, put away, or is edited by another tab: the event `draft` holds all but
    what is in it; one that is gone has `id` alone.
    """
    ears = _Ears(desk, (job or [])[:JOBS_MAX])
    drafts = _Drafts(desk, workspace, (draft or [])[:DRAFTS_MAX])
    return StreamingResponse(_events(desk, workspace, ears, drafts), media_type="text/event-stream")


async def _events(desk: Desk, workspace: str, ears: _Ears, drafts: _Drafts) -> AsyncIterator[bytes]:
    newest = await run_in_threadpool(_newest, desk, workspace)
    await run_in_threadpool(drafts.look)
    look_at = time.monotonic() + NEW_JOBS_SECONDS
    beat_at = time.monotonic() + BEAT_SECONDS
    try:
        # What changed before this stream began is in what the reader loads now.
        yield _event("reset", {"marks": ears.marks})
        while not desk.is_stopping():
            changed = await ears.listen(GATHER_SECONDS)
            now = time.monotonic()
            if changed:
                yield _event("changed", {"cards": [card_json(record) for record in changed]})
                beat_at = now + BEAT_SECONDS
            for told in await run_in_threadpool(drafts.look) if drafts.ids else ():
                yield _event("draft", told)
            if now >= look_at:
                look_at = now + NEW_JOBS_SECONDS
                found = await run_in_threadpool(_newest, desk, workspace)
                if found != newest:
                    newest = found
                    yield _event("jobs", {"newest": newest})
            if now >= beat_at:
                beat_at = now + BEAT_SECONDS
                yield _event("beat", {"problem": desk.problem()})
    finally:
        ears.close()


class _Ears:
    """Listens to several jobs at once; of each record only the newest state is kept."""

    def __init__(self, desk: Desk, roots: list[str]) -> None:
        watches = [watch for root in roots if (watch := desk.watch(root)) is not None]
        # Afterwards: what is told between the two is told twice, and not never.
        self.marks = {root: desk.mark_of(root) for root in roots}
        self._changed: dict[str, JobRecord] = {}
        self._heard = asyncio.Event()
        self._watches = watches
        self._tasks = [asyncio.ensure_future(self._hear(watch)) for watch in watches]

    async def listen(self, seconds: float) -> list[JobRecord]:
        """Wait for a change, at most ten times *seconds*; then gather what follows within *seconds*."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._heard.wait(), seconds * 10)
            await asyncio.sleep(seconds)
        self._heard.clear()
        changed, self._changed = self._changed, {}
        return list(changed.values())

    def close(self) -> None:
        """Stop listening."""
        for task in self._tasks:
            task.cancel()
        for watch in self._watches:
            watch.close()

    async def _hear(self, watch: Watch) -> None:
        async for records in watch:
            self._changed |= {record.name: record for record in records}
            self._heard.set()


class _Drafts:
    """Looks whether some drafts are as they were; each look reads a row of each."""

    def __init__(self, desk: Desk, workspace: str, ids: list[str]) -> None:
        self.ids = ids
        self._desk = desk
        self._workspace = workspace
        self._told: dict[str, dict[str, Any]] = {}

    def look(self) -> list[dict[str, Any]]:
        """Return those that are not as they were at the last look."""
        found = [self._head(id_) for id_ in self.ids]
        changed = [head for head in found if self._told.get(head["id"]) != head]
        self._told |= {head["id"]: head for head in changed}
        return changed

    def _head(self, id_: str) -> dict[str, Any]:
        world = self._desk.world
        record = None if world.drafts is None else world.drafts.load_draft(self._workspace, id_)
        return {"id": id_} if record is None else head_json(record, world.clock.now_ms())


def _newest(desk: Desk, workspace: str) -> str | None:
    found = desk.world.store.list_jobs(workspace, JobFilter(), limit=1)
    return found[0].name if found else None


def _event(kind: str, data: object) -> bytes:
    return b"event: " + kind.encode() + b"\ndata: " + json_bytes(data) + b"\n\n"
