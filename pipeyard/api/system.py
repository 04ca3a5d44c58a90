"""
Routes of the server itself: health, stop, codes for the browser.
"""

from __future__ import annotations

from fastapi import APIRouter

from pipeyard.api.allow import TheDesk, UserOnly
from pipeyard.api.answer import Answer

router = APIRouter(prefix="/api/v1", dependencies=[UserOnly])


@router.get("/health")
def health(desk: TheDesk) -> Answer:
    """Say which version this is and what it is doing."""
    return Answer(desk.health())


@router.get("/openapi.json")
def openapi() -> Answer:
    """Describe every route."""
    # Most servers are never asked.
    from pipeyard.api.describe.document import describe_all  # noqa: PLC0415

    return Answer(describe_all())


@router.post("/shutdown")
def shutdown(desk: TheDesk) -> Answer:
    """Stop the server. Running steps go on without it."""
    desk.shut_down()
    return Answer({"stopping": True}, status_code=202)


@router.post("/login-codes")
def login_codes(desk: TheDesk) -> Answer:
    """Return a code that opens the pages in a browser, once, within two minutes."""
    return Answer({"code": desk.gate.login_code()}, status_code=201)
