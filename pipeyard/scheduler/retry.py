"""
Whether a failed attempt is followed by another one.

In:       a node's order, the attempt's number, how it failed and why.
Out:      yes or no; the same reason with what comes next, for people.
Not here: waiting and starting (`walk.py`), what is written as `retry` (`spec/decode_retry.py`).

Nothing is tried again unless somebody asked for it: a step that was half done may not be
fit to be done twice. A lost attempt is no exception.
"""

from __future__ import annotations

from pipeyard.model.retry import SIGNALS, FailureKind, Reason
from pipeyard.scheduler.event import NodeOrder
from pipeyard.scheduler.state import Error

# What a shell adds to the number of the signal that ended its last program.
_BY_SIGNAL = 128


def kind_of_exit(error: Error) -> FailureKind:
    """Return how an attempt failed that ran to its end."""
    return FailureKind.TIMED_OUT if error.get("code") == "timed-out" else FailureKind.FAILED


def may_retry(order: NodeOrder, attempt: int, kind: FailureKind, error: Error) -> bool:
    """Return whether an attempt that failed so may be followed by another."""
    if attempt >= order.tries_max:
        return False
    if not order.retry_when or kind.value in order.retry_when:
        return True
    return kind is FailureKind.FAILED and any(_is_exit(reason, error) for reason in order.retry_when)


def with_next_try(order: NodeOrder, attempt: int, error: Error) -> Error:
    """Return why an attempt failed, and what is done about it."""
    wait = order.backoff_seconds
    soon = f", in {wait:g} s" if wait else ""
    return {
        **error,
        "attempt": attempt,
        "tries_max": order.tries_max,
        "will_retry": True,
        "retry_in_seconds": wait,
        "next_try": f"try {attempt + 1} of {order.tries_max} after {_words(error)}{soon}",
    }


def _is_exit(reason: Reason, error: Error) -> bool:
    code, signal = error.get("exit_code"), error.get("signal")
    if isinstance(reason, int):
        return code == reason
    number = SIGNALS.get(reason)
    # A shell that outlives a program says so with its own exit code.
    return signal == reason or (number is not None and code == _BY_SIGNAL + number)


def _words(error: Error) -> str:
    if error.get("code") == "timed-out":
        return "its time limit was over"
    if error.get("signal"):
        return str(error["signal"])
    if error.get("exit_code"):
        return f"exit code {error['exit_code']}"
    first, *_ = str(error.get("message") or "a failure").splitlines()
    return first
