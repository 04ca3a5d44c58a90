"""
The route of `job run-step`: one long answer, for as long as the caller needs its token.

Not here: what is answered (`service/rehearse.py`).

The first lines are beats while the environment is made, then comes the order, then beats
again. When the caller hangs up, or dies, the token ends: nobody has to remember to say so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from pipeyard.api.allow import Body, TheDesk, UserOnly
from pipeyard.api.answer import error_json, json_bytes
from pipeyard.api.desk import Desk
from pipeyard.model.errors import PipeyardError, UserError
from pipeyard.service.rehearse import Stage, clear_stage, order_for, set_stage

router = APIRouter()
BEAT_SECONDS = 2.0
_BEAT = json_bytes({"type": "beat"}) + b"\n"


@router.post("/api/v1/workspaces/{workspace}/jobs/{name}/rehearsal", dependencies=[UserOnly])
async def rehearse(workspace: str, name: str, body: Body, desk: TheDesk) -> Response:
    """Say how to run a step once more; its token is good until this answer ends."""
    step = body.get("step") if isinstance(body, dict) else None
    if not isinstance(step, str):
        raise UserError("`step` has to be text", code="bad-request")
    stage = await run_in_threadpool(set_stage, desk.world, workspace, name, step)
    return StreamingResponse(_lines(desk, stage), media_type="application/x-ndjson")


async def _lines(desk: Desk, stage: Stage) -> AsyncIterator[bytes]:
    token = desk.gate.begin_rehearsal(stage.step.name)
    making = asyncio.ensure_future(run_in_threadpool(order_for, desk.world, stage, token))
    try:
        while not making.done():
            await asyncio.wait({making}, timeout=BEAT_SECONDS)
            if not making.done():
                yield _BEAT
        try:
            yield json_bytes({"type": "order", **making.result()}) + b"\n"
        except PipeyardError as problem:
            # Too late for a status: the answer has begun.
            yield json_bytes({"type": "error", **error_json(problem)}) + b"\n"
            return
        while not desk.is_stopping():
            await asyncio.sleep(BEAT_SECONDS)
            yield _BEAT
    finally:
        desk.gate.end_rehearsal(token)
        making.add_done_callback(lambda _: clear_stage(desk.world, stage))
