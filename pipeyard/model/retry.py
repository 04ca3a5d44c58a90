"""
`retry`: how often a step that failed is tried again, after which failures, and how soon.

In:       made by `spec/decode_retry.py`.
Out:      read by the graph, the scheduler and the views.
Not here: deciding whether a failure is one of these (`scheduler/failure.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from pipeyard.model.value import dataclass

# Far above what helps; a step that fails so often has another trouble.
RETRIES_MAX = 100
# A day. Who has to wait longer wants a schedule.
BACKOFF_SECONDS_MAX = 86_400.0
EXIT_CODE_MAX = 255


class FailureKind(str, Enum):
    """The ways in which an attempt fails."""

    # The command ended with another exit code than 0, or by a signal.
    FAILED = "failed"
    # It was stopped because its time limit was over.
    TIMED_OUT = "timed-out"
    # Nobody will ever know how it ended: its machine or its compute is gone.
    LOST = "lost"
    # It never began: its environment, code or inputs could not be had.
    PREPARATION = "preparation"
    # It ended well, and what it wrote could not be stored.
    OUTPUTS = "outputs"


# A word of `FailureKind`, an exit code, or the name of a signal.
Reason = str | int

# With their numbers where every system has the same: a shell reports a program that was ended
# by signal 9 as exit code 137.
SIGNALS: Mapping[str, int | None] = MappingProxyType(
    {
        "SIGHUP": 1,
        "SIGINT": 2,
        "SIGQUIT": 3,
        "SIGILL": 4,
        "SIGTRAP": 5,
        "SIGABRT": 6,
        "SIGFPE": 8,
        "SIGKILL": 9,
        "SIGSEGV": 11,
        "SIGPIPE": 13,
        "SIGALRM": 14,
        "SIGTERM": 15,
        "SIGXCPU": 24,
        "SIGXFSZ": 25,
        "SIGBUS": None,
        "SIGSYS": None,
        "SIGUSR1": None,
        "SIGUSR2": None,
        "SIGVTALRM": None,
        "SIGPROF": None,
    }
)


@dataclass(frozen=True, slots=True)
class Retry:
    """What is written as `retry`."""

    # Tries after the first one.
    retries_max: int = 1
    # Between the end of a try and the next; no part of any time limit.
    backoff_seconds: float = 0.0
    # Empty: after any failure.
    when: tuple[Reason, ...] = ()

    @property
    def tries_max(self) -> int:
        """Return how often a step may be tried in all."""
        return 1 + self.retries_max
