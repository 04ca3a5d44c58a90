"""
The order of what was found, and pages of it.

In:       `order_by` as MLflow's clients write it, a page's token.
Out:      things in order; the token of the next page.

What lacks the key comes last, whichever way it is ordered, as in MLflow.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pipeyard.model.errors import UserError
from pipeyard.model.value import dataclass
from pipeyard.tracking.filter import Grammar, Subject, key_of

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Order:
    """By what, and which way."""

    entity: str
    key: str
    is_ascending: bool = True


def parse_orders(texts: Sequence[str], grammar: Grammar) -> tuple[Order, ...]:
    """Return each text's order, such as `metrics.loss DESC`. Raises `UserError`."""
    return tuple(_parse(text, grammar) for text in texts)


def in_order(
    things: Sequence[Thing], orders: Sequence[Order], subject_of: Callable[[Thing], Subject]
) -> Sequence[Thing]:
    """Return the things in order; equal ones stay as they are."""
    found = list(things)
    # A sort keeps equal ones as they were: so the last order comes first.
    for order in reversed(orders):
        found.sort(key=lambda thing: _rank(subject_of(thing), order), reverse=not order.is_ascending)
    return found


def page_of(things: Sequence[Thing], token: str | None, count: int) -> tuple[Sequence[Thing], str | None]:
    """Return one page and the token of the next one, None at the end."""
    start = _offset(token)
    end = start + count
    following = base64.b64encode(json.dumps({"offset": end}).encode()).decode() if end < len(things) else None
    return things[start:end], following


def _parse(text: str, grammar: Grammar) -> Order:
    name, _, way = text.strip().rpartition(" ")
    if not name or way.upper() not in ("ASC", "DESC"):
        name, way = text.strip(), "ASC"
    if not name:
        raise UserError("nothing to order by was said", code="bad-filter")
    entity, key = key_of(name.strip(), grammar, text)
    return Order(entity, key, way.upper() == "ASC")


def _rank(subject: Subject, order: Order) -> tuple[bool, Any]:
    value = subject.get(order.entity, {}).get(order.key)
    last = math.inf if order.is_ascending else -math.inf
    is_nan = isinstance(value, float) and math.isnan(value)
    is_odd = value is None or is_nan
    ranked: Any = last if value is None else -last if is_nan else value
    return (is_odd, ranked) if order.is_ascending else (not is_odd, ranked)


def _offset(token: str | None) -> int:
    if not token:
        return 0
    try:
        offset = int(json.loads(base64.b64decode(token, validate=True))["offset"])
    except (ValueError, TypeError, KeyError, binascii.Error) as error:
        raise UserError("the page token is not one that this server gave", code="bad-filter") from error
    return max(0, offset)
