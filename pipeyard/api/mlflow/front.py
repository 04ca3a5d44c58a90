"""
The door for MLflow's clients: which request is one of theirs, who asks, and what they are told.

In:       raw requests.
Out:      answers in MLflow's form, errors too; everything else goes on to the application.
Not here: what each address does (`runs.py` and the files beside it); the Host header (`api/shell.py`).

It stands before the application, since a client that logs does so thousands of times: an answer is found by a look
into a table, and what is logged waits for the disk without a thread.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeyard.api.answer import Answer, TooLargeError
from pipeyard.api.desk import Desk
from pipeyard.api.gate import Caller
from pipeyard.api.mlflow import artifacts, experiments, models, registry, runs
from pipeyard.api.mlflow.ask import Ask
from pipeyard.api.mlflow.experiments import Handler
from pipeyard.api.mlflow.link import ADDRESS, link_page
from pipeyard.api.mlflow.logs import LOGS, PROPERTIES, run_of
from pipeyard.api.mlflow.permit import Permits
from pipeyard.model.errors import (
    Bug,
    Conflict,
    NotAllowed,
    NotFound,
    OutsideError,
    PipeyardError,
    UserError,
)
from pipeyard.model.tracking import RunLog
from pipeyard.service.tracking_runs import renamed
from pipeyard.tracking.run import RUN_NAME

_log = logging.getLogger("pipeyard.server")
_ADDRESS = re.compile(
    r"(?:/mlflow/(?P<workspace>[^/]+))?/(?:ajax-)?api/(?P<version>[234]\.0)/(?P<part>mlflow|mlflow-artifacts)/(?P<rest>.*)\Z",
    re.DOTALL,
)
# Where Azure's clients put properties of a run, beside the address for MLflow.
_AZURE_RUN = re.compile(r"/mlflow/(?P<workspace>[^/]+)/experimentids/[^/]+/runs/(?P<run>[^/]+)\Z")
# 1,000 metrics are some 150 KB; a model's params and a run's tags are never more.
_BODY_BYTES_MAX = 16 << 20
_WILD = "*"
# What MLflow keeps and this server does not, by the first word of the address.
_REFUSED = {
    "traces": "traces",
    "datasets": "evaluation data sets",
    "scorers": "scorers",
    "gateway": "a gateway",
    "prompt-optimization": "prompt optimization",
    "review-queues": "review queues",
    "label-schemas": "label schemas",
    "issues": "issues",
    "webhooks": "webhooks",
    "workspaces": "MLflow's own workspaces (each of Pipeyard's has an address of its own)",
}


class NoSuchAddress(NotFound):
    """MLflow's clients look for this code, and do without."""

    code = "no-such-address"


class Front:
    """Answers MLflow's clients, and passes everything else on."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        """Stand before *app*."""
        self._app = app
        self._desk = desk
        self._permits = Permits(desk.world)
        self._routes: dict[tuple[str, str], Handler] = {
            **experiments.ROUTES,
            **registry.ROUTES,
            **runs.routes(self._permits),
        }
        self._wild = [
            (method, re.compile(re.escape(path).replace(re.escape(_WILD), "([^/]+)") + r"\Z"), handler)
            for (method, path), handler in models.routes(self._permits).items()
        ]
        self._of_users = experiments.OF_USERS | registry.OF_USERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        match = _ADDRESS.match(scope["path"]) if scope["type"] == "http" else None
        if match is None and scope["type"] == "http" and scope["method"] == "PATCH":
            match = _AZURE_RUN.match(scope["path"])
        if match is None:
            is_link = scope["type"] == "http" and scope["method"] == "GET" and ADDRESS.match(scope["path"]) is not None
            await (link_page() if is_link else self._app)(scope, receive, send)
            return
        request = Request(scope, receive)
        response: Response
        try:
            response = await self._answer(request, match)
        except PipeyardError as problem:
            response = _refusal(problem)
        except ClientDisconnect:
            return
        except Exception as bug:  # noqa: BLE001 - the HTTP edge: whatever is left is a bug of ours
            _log.exception("an error of our own in %s", scope["path"])
            response = _refusal(Bug(f"the server met an error of its own: {type(bug).__name__}"))
        await response(scope, receive, send)

    async def _answer(self, request: Request, match: re.Match[str]) -> Response:
        caller = self._desk.gate.caller(request)
        if match.re is _AZURE_RUN:
            said = {**await _body(request), "run_id": match["run"]}
            await self._store(caller, match["workspace"], PROPERTIES, said)
            return Answer({"runId": match["run"]})
        rest, named = match["rest"], match["workspace"]
        if match["part"] == "mlflow-artifacts":
            workspace = await run_in_threadpool(self._permits.workspace, caller, named)
            ask = Ask(self._desk, caller, workspace, _query(request))
            response = await artifacts.answer(request, ask, rest, self._permits)
            if response is None:
                raise NoSuchAddress(f"`{request.method} {request.url.path}` is not supported by this server")
            return response
        members = _query(request) if request.method in ("GET", "HEAD") else await _body(request)
        if request.method == "POST" and rest in LOGS:
            await self._store(caller, named, rest, members)
            return Answer({})
        if rest == "server-info":
            return Answer({"store_type": "pipeyard", "workspaces_enabled": False})
        return Answer(await run_in_threadpool(self._handle, request.method, rest, caller, named, members))

    async def _store(self, caller: Caller, named: str | None, rest: str, members: Mapping[str, Any]) -> None:
        """Store what is logged; return when it is durable."""
        ask = Ask(self._desk, caller, named or "", members)
        run = run_of(ask)
        workspace = self._permits.known_workspace(caller, named, run)
        if workspace is None:
            workspace = await run_in_threadpool(self._first_write, caller, named, run)
        log = LOGS[rest](Ask(self._desk, caller, workspace, members))
        await _durable(self._desk, log)
        if RUN_NAME in log.tags:
            await run_in_threadpool(renamed, self._desk.world, run, log.tags[RUN_NAME])

    def _first_write(self, caller: Caller, named: str | None, run: str) -> str:
        workspace = self._permits.workspace(caller, named)
        self._permits.check_write(caller, workspace, run)
        return workspace

    def _handle(
        self, method: str, rest: str, caller: Caller, named: str | None, members: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        handler, parts = self._find(method, rest)
        if caller.job is not None and rest in self._of_users:
            raise NotAllowed(f"a job may not do `{rest}`", code="other-job")
        workspace = self._permits.workspace(caller, named)
        return handler(Ask(self._desk, caller, workspace, members, parts))

    def _find(self, method: str, rest: str) -> tuple[Handler, tuple[str, ...]]:
        handler = self._routes.get((method, rest))
        if handler is not None:
            return handler, ()
        for wanted, pattern, wild in self._wild:
            match = pattern.match(rest) if wanted == method else None
            if match is not None:
                return wild, match.groups()
        what = _REFUSED.get(rest.partition("/")[0])
        if what is not None:
            raise NoSuchAddress(f"{what} of MLflow are not supported by Pipeyard's server")
        raise NoSuchAddress(f"`{method} mlflow/{rest}` is not supported by this server")


async def _durable(desk: Desk, log: RunLog) -> None:
    loop = asyncio.get_running_loop()
    stored: asyncio.Future[None] = loop.create_future()

    def settle(problem: PipeyardError | None) -> None:
        if stored.done():
            return
        if problem is None:
            stored.set_result(None)
        else:
            stored.set_exception(problem)

    def done(problem: PipeyardError | None) -> None:
        loop.call_soon_threadsafe(settle, problem)

    desk.tracking_log.submit(log, done)
    await stored


def _query(request: Request) -> dict[str, Any]:
    found = parse_qs(request.scope["query_string"].decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


async def _body(request: Request) -> Mapping[str, Any]:
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > _BODY_BYTES_MAX:
            raise TooLargeError(f"the request is larger than {_BODY_BYTES_MAX >> 20} MiB")
        pieces.append(piece)
    text = b"".join(pieces)
    try:
        found = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError) as error:
        raise UserError(f"the request is not JSON: {error}", code="bad-request") from error
    if not isinstance(found, Mapping):
        raise UserError("the request has to be a JSON object", code="bad-request")
    # Some clients put a part of what they want into the address even so.
    return {**_query(request), **found} if request.scope["query_string"] else found


def _refusal(problem: PipeyardError) -> Answer:
    message = problem.message if problem.hint is None else f"{problem.message} ({problem.hint})"
    headers = {"www-authenticate": "Bearer"} if problem.http_status == 401 else {}  # noqa: PLR2004 - HTTP's number.
    return Answer(
        {"error_code": _error_code(problem), "message": message}, status_code=_status(problem), headers=headers
    )


def _error_code(problem: PipeyardError) -> str:
    if isinstance(problem, NoSuchAddress):
        return "ENDPOINT_NOT_FOUND"
    if isinstance(problem, NotFound):
        return "RESOURCE_DOES_NOT_EXIST"
    if isinstance(problem, NotAllowed):
        return "UNAUTHENTICATED" if problem.http_status == 401 else "PERMISSION_DENIED"  # noqa: PLR2004
    if isinstance(problem, Conflict):
        return "RESOURCE_ALREADY_EXISTS" if problem.code.endswith("exists") else "RESOURCE_CONFLICT"
    if isinstance(problem, UserError):
        return "INVALID_PARAMETER_VALUE"
    return "TEMPORARILY_UNAVAILABLE" if isinstance(problem, OutsideError) else "INTERNAL_ERROR"


def _status(problem: PipeyardError) -> int:
    is_taken = isinstance(problem, Conflict) and problem.code.endswith("exists")
    # As MLflow's own server answers.
    return 400 if is_taken else problem.http_status
