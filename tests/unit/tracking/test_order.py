"""The order of what is found, and its pages."""

from __future__ import annotations

import pytest

from pipeyard.model.errors import UserError
from pipeyard.tracking.filter import RUNS
from pipeyard.tracking.order import in_order, page_of, parse_orders

NAN = float("nan")
LOSSES = {"a": 0.5, "b": None, "c": 0.1, "d": NAN, "e": 0.1}


def ordered(*texts):
    def subject(name):
        loss = LOSSES[name]
        return {"metric": {} if loss is None else {"loss": loss}, "attribute": {"run_name": name}}

    return "".join(in_order(list("abcde"), parse_orders(texts, RUNS), subject))


def test_equal_ones_keep_their_order_and_missing_ones_come_last():
    """Either way; NaN stands between numbers and what is missing."""
    assert ordered("metrics.loss") == "ceadb"
    assert ordered("metrics.loss DESC") == "acedb"
    assert ordered("metrics.loss ASC", "run_name DESC") == "ecadb"
    assert ordered() == "abcde"


def test_what_cannot_be_ordered_by_is_explained():
    """As with filters."""
    for text in ("", "nothing DESC", "nope.loss"):
        with pytest.raises(UserError):
            parse_orders([text], RUNS)


def test_pages_follow_each_other_to_the_end():
    """A token leads to the next page; the last one has none."""
    first, token = page_of("abcde", None, 2)
    second, token = page_of("abcde", token, 2)
    third, last = page_of("abcde", token, 2)

    assert (first, second, third, last) == ("ab", "cd", "e", None)


@pytest.mark.parametrize("token", ["x", "e30=", "eyJvZmZzZXQiOiAieCJ9", "W10="])
def test_a_token_that_is_not_ours_is_refused(token):
    """Not read as the first page."""
    with pytest.raises(UserError):
        page_of("abc", token, 1)
