"""
The route that tells what happens in a job, line by line, until it has ended.

In:       messages of `service/follow.py`.
Out:      NDJSON; `{"type": "beat"}` when nothing else was said for a while. While the server cannot
          store what happens, it says so with each beat, and at once when that begins and ends.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from pipeyard.api.allow import TheDesk, UserOnly
from pipeyard.api.answer import json_bytes
from pipeyard.api.desk import Desk, Watch
from pipeyard.model.record import JobRecord
from pipeyard.service.files import log_path
from pipeyard.service.follow import Follower, Message
from pipeyard.service.jobs import show_job
from pipeyard.service.records import COMMAND

router = APIRouter()

BEAT_SECONDS = 10.0
# Of a job of a thousand short steps something changes every few milliseconds. The longer
# that goes on without a pause, the more is told at once.
GATHER_SECONDS = 0.015
GATHER_SECONDS_MAX = 0.08
# Between two looks: short after something happened, longer while nothing does.
WAIT_SECONDS_MIN = 0.03
WAIT_SECONDS_MAX = 0.25
WAIT_GROWTH = 1.3
# Looking may take at most this part of the time: a job of thousands of steps is looked at less often.
_LOOKING_SHARE = 0.1
_REST_SECONDS_MAX = 1.0
_SEND_BYTES = 1 << 16


@router.get("/api/v1/workspaces/{workspace}/jobs/{name}/stream", dependencies=[UserOnly])
async def stream(
    workspace: str,
    name: str,
    desk: TheDesk,
    *,
    logs: bool = True,
    passing: bool = True,
    steps: bool = True,
    rank: int | None = None,
) -> Response:
    """
    Follow a job, a pipeline inside one, or a step; of steps with several processes the log of one `rank`.

    Without `passing`, nothing is told of a step that waits, is prepared or is finalized. Without `steps`, the end of
    a pipeline does not tell of each of its steps once more, but gives the names of all in their order.
    """
    # Before the answer begins: a job that does not exist is a plain 404.
    job = await run_in_threadpool(show_job, desk.world, workspace, name)
    if rank is not None and job.kind == COMMAND:
        log_path(desk.world, job, rank)  # Of this one step somebody asks for what it has not.
    follower = Follower(
        desk.world, workspace, name, with_logs=logs, with_passing=passing, repeats_steps=steps, rank=rank
    )
    return StreamingResponse(_lines(follower, desk, job.root_name), media_type="application/x-ndjson")


async def _lines(follower: Follower, desk: Desk, root_name: str) -> AsyncIterator[bytes]:
    # Before the first look, so that nothing falls between the two.
    ear = _Ear(desk.watch(root_name))
    wait, beat_at = WAIT_SECONDS_MIN, time.monotonic() + BEAT_SECONDS
    gather = GATHER_SECONDS
    changed: tuple[JobRecord, ...] | None = None
    told_problem: str | None = None
    try:
        while True:
            began, said = time.monotonic(), False
            turn = follower.turn(changed)
            is_over = False
            while not is_over:
                data, is_over = await run_in_threadpool(_some, turn)
                if data:
                    said = True
                    yield data
            now = time.monotonic()
            if follower.has_ended or desk.is_stopping():
                return
            problem = desk.problem()
            if problem != told_problem or (not said and now >= beat_at):
                told_problem, said = problem, True
                yield _line({"type": "beat"} if problem is None else {"type": "beat", "problem": problem})
            if said:
                beat_at = now + BEAT_SECONDS
            wait = WAIT_SECONDS_MIN if said else min(wait * WAIT_GROWTH, WAIT_SECONDS_MAX)
            gather = min(gather * WAIT_GROWTH, GATHER_SECONDS_MAX) if said else GATHER_SECONDS
            # Whatever changes within this little time is told together.
            rest = min(max(gather, (now - began) / _LOOKING_SHARE), _REST_SECONDS_MAX)
            changed = await ear.listen(rest, wait, root_name)
    finally:
        ear.close()


class _Ear:
    """Gathers what whoever tells of changes tells."""

    def __init__(self, watch: Watch | None) -> None:
        self._watch = watch
        self._next: asyncio.Task[tuple[JobRecord, ...]] | None = None

    async def listen(self, rest: float, wait: float, root_name: str) -> tuple[JobRecord, ...] | None:
        """
        Return what changed in *rest* seconds, or came first in *wait* more; None when nobody tells (any more).

        The end of the whole job is nothing to rest before: somebody waits for it.
        """
        if self._watch is None:
            await asyncio.sleep(rest + wait)
            return None
        heard: dict[str, JobRecord] = {}
        rested_at = time.monotonic() + rest
        while (left := rested_at + (0 if heard else wait) - time.monotonic()) > 0:
            if self._next is None:
                self._next = asyncio.ensure_future(_next_of(self._watch))
            done, _ = await asyncio.wait({self._next}, timeout=left)
            if not done:
                break
            told, self._next = self._next.result(), None
            if not told:
                self.close()
                return tuple(heard.values()) or None
            heard |= {record.name: record for record in told}
            if root_name in heard and heard[root_name].status.is_terminal:
                break
        return tuple(heard.values())

    def close(self) -> None:
        """Stop listening."""
        if self._next is not None:
            self._next.cancel()
        if self._watch is not None:
            self._watch.close()
        self._watch = self._next = None


async def _next_of(watch: Watch) -> tuple[JobRecord, ...]:
    """Return what is told next, nothing at the end."""
    try:
        return await watch.__anext__()
    except StopAsyncIteration:
        return ()


def _some(messages: Iterator[Message]) -> tuple[bytes, bool]:
    """Return the next lines, a bounded amount, and whether the turn is over."""
    lines, size = [], 0
    for message in messages:
        lines.append(_line(message))
        size += len(lines[-1])
        if size >= _SEND_BYTES:
            return b"".join(lines), False
    return b"".join(lines), True


def _line(message: Message) -> bytes:
    return json_bytes(message) + b"\n"
