"""
Routes that free what can be made, fetched or sent again: `pipeyard gc`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from starlette.responses import Response

from pipeyard.api.allow import Body, TheDesk, UserOnly
from pipeyard.api.answer import Answer, json_bytes
from pipeyard.model.errors import NotAllowed, UserError
from pipeyard.model.tidy import Kind
from pipeyard.service.tidy import Tidier, limits_of, report

router = APIRouter(dependencies=[UserOnly])


@router.post("/api/v1/gc:plan")
async def plan(body: Body, desk: TheDesk) -> Answer:
    """Say what would be freed; nothing changes."""
    tidier = _tidier(desk.tidier)
    limits = _limits(tidier, body)
    return Answer(report(*await run_in_threadpool(tidier.plan, limits)))


@router.post("/api/v1/gc")
async def free(body: Body, desk: TheDesk) -> Response:
    """Free; one line of JSON for each part of the work, the last of them says what became of it."""
    tidier = _tidier(desk.tidier)
    news = tidier.free(_limits(tidier, body), desk.owner)
    # Before the answer begins: whatever is wrong from the start is a plain error.
    first = await run_in_threadpool(next, news)
    return StreamingResponse(_lines(first, news), media_type="application/x-ndjson")


def _lines(first: Mapping[str, Any], news: Iterator[Mapping[str, Any]]) -> Iterator[bytes]:
    yield json_bytes(first) + b"\n"
    for one in news:
        yield json_bytes(one) + b"\n"


def _tidier(tidier: Tidier | None) -> Tidier:
    if tidier is None:
        raise NotAllowed("this server frees nothing")
    return tidier


def _limits(tidier: Tidier, body: Any) -> Any:
    if not isinstance(body, Mapping):
        raise UserError("the request has to be a JSON object", code="bad-request")
    words = body.get("kinds") or [kind.value for kind in Kind]
    known = {kind.value: kind for kind in Kind}
    if not isinstance(words, list) or not all(word in known for word in words):
        raise UserError(f"`kinds` may hold: {', '.join(known)}", code="bad-request")
    numbers = {name: body.get(name) for name in ("older_than_seconds", "bytes_max")}
    for name, value in numbers.items():
        if value is not None and (not isinstance(value, int | float) or isinstance(value, bool) or value < 0):
            raise UserError(f"`{name}` has to be a number from 0 up", code="bad-request")
    return limits_of(tidier.now_ms(), [known[word] for word in words], **numbers)
