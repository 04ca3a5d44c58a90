"""
Query parameters of lists, as the values that the service knows.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from pipeyard.model.errors import UserError
from pipeyard.model.nearest import nearest
from pipeyard.model.record import JOB_ORDERS
from pipeyard.model.status import JobStatus

ARCHIVED = ("active", "archived", "all")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def statuses_of(words: Iterable[str]) -> tuple[JobStatus, ...]:
    """Return statuses from words in any case; one parameter may hold several, separated by commas."""
    known = {status.value.lower(): status for status in JobStatus}
    found = []
    for word in (part.strip() for text in words for part in text.split(",") if part.strip()):
        if word.lower() not in known:
            close = nearest(word, [status.value for status in JobStatus])
            raise UserError(
                f"there is no status `{word}`", code="bad-request", hint=f"did you mean `{close}`?" if close else None
            )
        found.append(known[word.lower()])
    return tuple(found)


def tags_of(texts: Iterable[str]) -> Mapping[str, str | None]:
    """Return tags from `name=value`; a name alone stands for any value."""
    pairs = (text.partition("=") for text in texts)
    return {name: value if equals else None for name, equals, value in pairs}


def time_of(text: str | None) -> int | None:
    """Return UTC milliseconds from `7d`, `12h`, or an ISO date or time (UTC when it names no zone)."""
    if not text:
        return None
    if text[:-1].isdigit() and text[-1] in _UNITS:
        at = datetime.now(timezone.utc) - timedelta(**{_UNITS[text[-1]]: int(text[:-1])})
        return int(at.timestamp() * 1000)
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except (ValueError, OverflowError) as error:
        raise UserError(f"`{text}` is no time", code="bad-request", hint="such as `7d`, `12h`, `2026-01-31`") from error
    at = at if at.tzinfo is not None else at.replace(tzinfo=timezone.utc)
    return int(at.timestamp() * 1000)


def archived_word(text: str) -> str:
    """Return which jobs are meant: `active`, `archived` or `all`."""
    if text not in ARCHIVED:
        raise UserError("`archived` has to be `active`, `archived` or `all`", code="bad-request")
    return text


def order_of(text: str) -> str:
    """Return what a list of jobs is ordered by, such as `-created`."""
    if text.removeprefix("-") not in JOB_ORDERS:
        close = nearest(text.removeprefix("-"), JOB_ORDERS)
        raise UserError(
            f"jobs cannot be sorted by `{text}`",
            code="bad-request",
            hint=f"did you mean `{close}`?" if close else f"by {', '.join(JOB_ORDERS)}; with `-` the largest first",
        )
    return text


def token_of_place(place: str | int | None) -> str | None:
    """Return a place in a list as one word; None at its end."""
    return None if place is None else base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def text_place(token: str | None) -> str | None:
    """Return the text that `token_of_place` wrote."""
    place = _place(token)
    if place is not None and not isinstance(place, str):
        raise _bad_place()
    return place


def number_place(token: str | None) -> int | None:
    """Return the number that `token_of_place` wrote."""
    place = _place(token)
    if place is not None and (not isinstance(place, int) or isinstance(place, bool)):
        raise _bad_place()
    return place


def _place(token: str | None) -> Any:
    if not token:
        return None
    try:
        return json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, binascii.Error) as error:
        raise _bad_place() from error


def _bad_place() -> UserError:
    return UserError("`before` has to be the `next` of an earlier answer", code="bad-request")
