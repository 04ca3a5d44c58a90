"""
Answers and requests as JSON, and errors in their envelope.

In:       plain values, exceptions.
Out:      responses; `{"error": {"code", "message", "hint", "diagnostics"?}}` for what went wrong,
          and a page for a browser that asks for what is not there.
"""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from pipeyard.api.page.frame import page_response
from pipeyard.api.page.jobs import missing_page
from pipeyard.model.errors import Bug, NotAllowed, NotFound, PipeyardError, UserError
from pipeyard.service.wire import diagnostic_json

# A pipeline of 10,000 steps written out is some 10 MB.
BODY_BYTES_MAX = 64 << 20


class TooLargeError(UserError):
    """A request body beyond what any job needs."""

    code = "too-large"
    http_status = 413


class Answer(Response):
    """A JSON answer."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Return the body."""
        return json_bytes(content)


def json_bytes(value: Any) -> bytes:
    """Return a value as JSON; a lone surrogate, as file names that are no UTF-8 have, is escaped."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def error_answer(error: PipeyardError) -> Answer:
    """Return an exception as an answer."""
    headers = {"www-authenticate": "Bearer"} if error.http_status == 401 else {}  # noqa: PLR2004 - HTTP's number.
    return Answer(error_json(error), status_code=error.http_status, headers=headers)


def error_json(error: PipeyardError) -> dict[str, Any]:
    """Return an exception in the one envelope of all errors."""
    envelope: dict[str, Any] = {"code": error.code, "message": error.message, "hint": error.hint}
    diagnostics = getattr(error, "diagnostics", None)
    if diagnostics:
        envelope["diagnostics"] = [diagnostic_json(diagnostic) for diagnostic in diagnostics]
    return {"error": envelope}


async def whole_body(request: Request) -> bytes:
    """Return the request's body as it came."""
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > BODY_BYTES_MAX:
            raise TooLargeError(f"the request is larger than {BODY_BYTES_MAX >> 20} MiB")
        pieces.append(piece)
    return b"".join(pieces)


async def json_body(request: Request) -> Any:
    """Return the request's body decoded, None when it is empty."""
    text = await whole_body(request)
    try:
        return json.loads(text) if text.strip() else None
    except (ValueError, RecursionError) as error:
        raise UserError(f"the request is not JSON: {error}", code="bad-request") from error


def handle_errors(app: FastAPI) -> None:
    """Give every failure the one envelope."""
    app.add_exception_handler(PipeyardError, _answer_ours)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(RequestValidationError, _answer_parameters)
    # The HTTP edge: whatever is left is a bug of ours. It is logged with its story by the server.
    app.add_exception_handler(Exception, _answer_bug)


async def _answer_ours(_request: Request, error: Exception) -> Response:
    assert isinstance(error, PipeyardError)
    return error_answer(error)


async def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path, method = request.url.path, request.method
    if error.status_code == 404:  # noqa: PLR2004
        message = f"there is nothing at `{path}`"
        if "text/html" in request.headers.get("accept", ""):
            # A person in a browser, not a program.
            return page_response("Not found", "", missing_page(message, None), status=404)
        return error_answer(NotFound(message, code="no-such-address"))
    if error.status_code == 405:  # noqa: PLR2004
        refused = UserError(f"`{path}` does not take {method}", code="no-such-address")
        answer = error_answer(refused)
        answer.status_code = 405
        return answer
    return error_answer(NotAllowed(str(error.detail)))


async def _answer_parameters(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first.get("loc", ())[1:])
    return error_answer(UserError(f"parameter `{where}`: {first.get('msg', 'not understood')}", code="bad-request"))


async def _answer_bug(_request: Request, error: Exception) -> Response:
    return error_answer(
        Bug(f"the server met an error of its own: {type(error).__name__}", hint="the story is in the server's log")
    )
