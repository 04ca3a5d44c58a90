"""
`mlflow-artifacts/...`: files of runs and models, sent, listed, fetched and removed through this server.

Not here: where they lie (`service/tracking_artifacts.py`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from pipeyard.api.answer import Answer
from pipeyard.api.bytes import send_file
from pipeyard.api.mlflow.ask import Ask
from pipeyard.api.mlflow.permit import Permits
from pipeyard.model.errors import NotAllowed, UserError
from pipeyard.service import tracking_artifacts as service
from pipeyard.service.tracking_artifacts import Spot

# Written to the file at once.
_PIECE_BYTES = 1 << 20
_FILES = "artifacts"


async def answer(request: Request, ask: Ask, rest: str, permits: Permits) -> Response | None:
    """Return the answer to a request below `mlflow-artifacts/`; None: there is no such address."""
    word, _, place = rest.partition("/")
    if word != _FILES:
        return None
    if request.method == "GET" and not place:
        return Answer(await run_in_threadpool(_list, ask))
    if request.method in ("GET", "HEAD"):
        return await run_in_threadpool(_send, request, ask, place)
    if request.method == "PUT" and place:
        await _receive(request, ask, place, permits)
        return Answer({})
    if request.method == "DELETE" and place:
        await run_in_threadpool(_remove, ask, place, permits)
        return Answer({})
    return None


def _list(ask: Ask) -> Mapping[str, Any]:
    place = ask.text("path", "")
    if not place:
        # Runs are found by searching; nobody wants a list of all there ever were.
        return {"files": []}
    files = service.list_files(service.spot_of(ask.world, ask.workspace, place))
    return {
        "files": [
            {"path": one.name, "is_dir": one.is_folder, **({} if one.is_folder else {"file_size": one.size})}
            for one in files
        ]
    }


def _send(request: Request, ask: Ask, place: str) -> Response:
    return send_file(request, service.find_file(service.spot_of(ask.world, ask.workspace, place), place))


def _remove(ask: Ask, place: str, permits: Permits) -> None:
    service.remove(_writable(ask, place, permits), place)


async def _receive(request: Request, ask: Ask, place: str, permits: Permits) -> None:
    spot = await run_in_threadpool(_writable, ask, place, permits)
    # Entered and left in a thread, as everything that waits for a disk.
    incoming = service.receiving(spot, place)
    file = await run_in_threadpool(incoming.__enter__)
    try:
        async for piece in _pieces(request):
            await run_in_threadpool(file.write, piece)
    except BaseException as problem:
        await run_in_threadpool(incoming.__exit__, type(problem), problem, problem.__traceback__)
        raise
    await run_in_threadpool(incoming.__exit__, None, None, None)


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    waiting, size = [], 0
    async for piece in request.stream():
        waiting.append(piece)
        size += len(piece)
        if size >= _PIECE_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def _writable(ask: Ask, place: str, permits: Permits) -> Spot:
    spot = service.spot_of(ask.world, ask.workspace, place)
    if not spot.path:
        raise UserError(f"`{place}` names no file", code="bad-path")
    if spot.run is not None:
        permits.check_write(ask.caller, ask.workspace, spot.run)
    elif ask.caller.job is not None:
        raise NotAllowed(f"`{place}` is written by its user only", code="other-job")
    return spot
