"""Back ends that run attempts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any, Protocol

from pipeyard.launch.plan import LaunchPlan
from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class AttemptReport:
    """
    What a compute says of one attempt.

    `state` is one of `starting`, `running`, `exited`, `refused` (it never began),
    `lost` (nobody knows how it ended), `unknown` (never heard of it).
    """

    attempt_id: str
    state: str
    # UTC milliseconds.
    started_at_ms: int | None = None
    ended_at_ms: int | None = None
    # Monotonic seconds between the two.
    duration_seconds: float | None = None
    exit_code: int | None = None
    # Name of the signal that ended it, such as `SIGKILL`.
    signal: str | None = None
    timed_out: bool = False
    # Why it was refused or lost, or why a clean exit is a failure (a read-only input was changed).
    reason: str | None = None
    code: str | None = None
    # How each input was delivered: `bind`, `copy`, `reflink`, `permissions`, `original`, `uri`.
    ways: Mapping[str, str] = field(default_factory=dict)
    # Of several processes, the one that failed first, and what it is called.
    rank: int | None = None
    rank_name: str | None = None
    # Bytes dropped from the middle of the log: (from, to), or None.
    log_dropped: tuple[int, int] | None = None


class Compute(Protocol):
    """
    A back end: four verbs.

    `on_report` is called from any thread whenever an attempt changes state. A
    compute that cannot call may leave it to `look`.
    """

    on_report: Callable[[AttemptReport], None]

    def staging_root(self, attempt_id: str) -> str:
        """Return the absolute folder that an attempt will see as its own, before it is launched."""

    def launch(self, plan: LaunchPlan) -> None:
        """Start an attempt and return at once. The same attempt twice starts it once."""

    def look(self, attempt_ids: Sequence[str]) -> Mapping[str, AttemptReport]:
        """Return a report for each attempt asked about."""

    def stop(self, attempt_id: str) -> None:
        """Ask an attempt to end: SIGTERM, grace, SIGKILL. Its end is reported as usual."""

    def forget(self, attempt_id: str) -> None:
        """Remove an attempt's staging folder; its outputs have been stored."""

    def describe(self) -> Mapping[str, Any]:
        """Return what it can do, for `doctor` and the health page."""
