"""
The two lines in front of a route: for the user, or also for a job itself.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request

from pipeyard.api.answer import json_body
from pipeyard.api.desk import Desk
from pipeyard.api.gate import Caller
from pipeyard.model.errors import NotAllowed


def desk_of(request: Request) -> Desk:
    """Return the server's parts."""
    desk: Desk = request.app.state.desk
    return desk


async def _desk(request: Request) -> Desk:
    # `async`, so that FastAPI does not send it to a thread.
    return desk_of(request)


async def any_caller(request: Request) -> Caller:
    """Return who asks: the user or a job; the route compares the job."""
    return desk_of(request).gate.caller(request)


async def user_only(request: Request) -> Caller:
    """Return the user, or raise: a job's token opens its own record and files only."""
    caller = desk_of(request).gate.caller(request)
    if caller.job is not None:
        raise NotAllowed(f"the token of job `{caller.job}` opens that job's record and files only", code="other-job")
    return caller


AnyCaller = Annotated[Caller, Depends(any_caller)]
UserOnly = Depends(user_only)
TheDesk = Annotated[Desk, Depends(_desk)]
Body = Annotated[Any, Depends(json_body)]
