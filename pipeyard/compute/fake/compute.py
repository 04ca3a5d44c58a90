"""
A compute that runs nothing.

In:       launch plans; for each an `Answer` that the test wrote.
Out:      reports as a real compute would give them, when the clock has moved far enough.
Not here: the clock (`clock.py`).

It keeps the promises of `ports.Compute` that its contract suite checks, so that what
is tested with it holds for the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from pipeyard.compute.fake.clock import FakeClock
from pipeyard.launch.plan import LaunchPlan
from pipeyard.model.errors import ComputeError
from pipeyard.model.value import dataclass
from pipeyard.ports import AttemptReport

_ENDED = frozenset({"exited", "refused", "lost"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of one attempt."""

    # From the launch to the start of the command; from there to its end, None: it runs until it is stopped.
    starting_seconds: float = 0.0
    running_seconds: float | None = 1.0
    exit_code: int = 0
    # The signal that ends it by itself, such as `SIGKILL`; the exit code then means nothing.
    signal: str | None = None
    # Of several processes, the one that failed first.
    rank: int | None = None
    # Why it never begins, and with which code.
    refused: tuple[str, str] | None = None
    # Why nobody will know how it ended.
    lost: str | None = None
    # How long it goes on after SIGTERM; None: until SIGKILL.
    stopping_seconds: float | None = 0.0
    # Nothing is reported; only `look` tells.
    is_silent: bool = False
    # Files that the command leaves, relative to the staging root.
    writes: Mapping[str, bytes] = field(default_factory=dict)


class FakeCompute:
    """Implements `ports.Compute`."""

    def __init__(self, clock: FakeClock, root: str = "/fake/attempts") -> None:
        """Put staging folders below *root*; it is written to only by answers that write."""
        self.on_report: Callable[[AttemptReport], None] = _nobody_listens
        self.clock = clock
        # Every plan that was launched, in order; the same attempt once.
        self.launched: list[LaunchPlan] = []
        self.stopped: list[str] = []
        self.forgotten: list[str] = []
        # By attempt id, by job name, or for all the others.
        self.answers: dict[str, Answer] = {}
        self.answer = Answer()
        # Raised by every call while it is set: the compute cannot be reached.
        self.failure: ComputeError | None = None
        self._root = PurePosixPath(root)
        self._reports: dict[str, AttemptReport] = {}
        self._plans: dict[str, LaunchPlan] = {}
        self._began: dict[str, float] = {}
        self._stopping: set[str] = set()

    def staging_root(self, attempt_id: str) -> str:
        """Return the folder that an attempt would see as its own."""
        return str(self._root / attempt_id)

    def launch(self, plan: LaunchPlan) -> None:
        """Begin to answer as the test wrote; an attempt that was launched before only reports again."""
        self._fail_if_told()
        known = self._reports.get(plan.attempt_id)
        if known is not None:
            if known.state != "starting":
                self.on_report(known)
            return
        self.launched.append(plan)
        self._plans[plan.attempt_id] = plan
        self._reports[plan.attempt_id] = AttemptReport(plan.attempt_id, "starting", started_at_ms=self.clock.now_ms())
        answer = self._answer_for(plan)
        self.clock.after(answer.starting_seconds, lambda: self._start(plan, answer))

    def look(self, attempt_ids: Sequence[str]) -> Mapping[str, AttemptReport]:
        """Return what an attempt has come to by the clock."""
        self._fail_if_told()
        return {one: self._reports.get(one, AttemptReport(one, "unknown")) for one in attempt_ids}

    def stop(self, attempt_id: str) -> None:
        """End an attempt as its answer says; one that has ended, or is not known, is left alone."""
        self._fail_if_told()
        self.stopped.append(attempt_id)
        report = self._reports.get(attempt_id)
        if report is None or report.state in _ENDED or attempt_id in self._stopping:
            return
        if report.state == "starting":
            self._end(report, state="refused", code="stopped", reason="it was stopped before its command began")
        else:
            self._terminate(self._plans[attempt_id])

    def forget(self, attempt_id: str) -> None:
        """Know nothing of an ended attempt any more."""
        self._fail_if_told()
        report = self._reports.get(attempt_id)
        if report is not None and report.state not in _ENDED:
            raise ComputeError(f"attempt `{attempt_id}` is not at its end", code="attempt-running")
        self.forgotten.append(attempt_id)
        self._reports.pop(attempt_id, None)
        self._plans.pop(attempt_id, None)

    def describe(self) -> Mapping[str, Any]:
        """Return what it is."""
        return {"kind": "fake", "launcher": None, "mounts": "none"}

    # --- what the clock brings -------------------------------------------------------------------

    def _start(self, plan: LaunchPlan, answer: Answer) -> None:
        report = self._reports.get(plan.attempt_id)
        if report is None or report.state != "starting":
            return
        if answer.refused is not None:
            code, reason = answer.refused
            self._end(report, state="refused", code=code, reason=reason)
            return
        ways = {item.name: "copy" if item.mode == "download" else "original" for item in plan.inputs}
        self._began[plan.attempt_id] = self.clock.monotonic()
        self._say(replace(report, state="running", started_at_ms=self.clock.now_ms(), ways=ways))
        if answer.running_seconds is not None:
            self.clock.after(answer.running_seconds, lambda: self._finish(plan, answer))
        if plan.timeout_seconds is not None:
            self.clock.after(plan.timeout_seconds, lambda: self._time_out(plan))

    def _finish(self, plan: LaunchPlan, answer: Answer) -> None:
        report = self._reports.get(plan.attempt_id)
        if report is None or report.state != "running":
            return
        for path, data in answer.writes.items():
            target = Path(plan.root, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        if answer.lost is not None:
            self._end(report, state="lost", code="launcher-lost", reason=answer.lost)
        elif answer.signal is not None:
            self._end(report, state="exited", signal=answer.signal)
        else:
            name = None if answer.rank is None else f"rank {answer.rank}"
            self._end(report, state="exited", exit_code=answer.exit_code, rank=answer.rank, rank_name=name)

    def _time_out(self, plan: LaunchPlan) -> None:
        report = self._reports.get(plan.attempt_id)
        if report is not None and report.state == "running" and plan.attempt_id not in self._stopping:
            self._reports[plan.attempt_id] = replace(report, timed_out=True)
            self._terminate(plan)

    def _terminate(self, plan: LaunchPlan) -> None:
        self._stopping.add(plan.attempt_id)
        seconds = self._answer_for(plan).stopping_seconds
        if seconds is not None and seconds <= plan.grace_seconds:
            self.clock.after(seconds, lambda: self._end_by(plan, "SIGTERM"))
        else:
            self.clock.after(plan.grace_seconds, lambda: self._end_by(plan, "SIGKILL"))

    def _end_by(self, plan: LaunchPlan, signal: str) -> None:
        report = self._reports.get(plan.attempt_id)
        if report is not None and report.state == "running":
            self._end(report, state="exited", signal=signal)

    def _end(self, report: AttemptReport, **changes: Any) -> None:
        self._stopping.discard(report.attempt_id)
        began = self._began.pop(report.attempt_id, self.clock.monotonic())
        times: dict[str, Any] = {"ended_at_ms": self.clock.now_ms(), "duration_seconds": self.clock.monotonic() - began}
        self._say(replace(report, **times, **changes))

    def _say(self, report: AttemptReport) -> None:
        self._reports[report.attempt_id] = report
        plan = self._plans[report.attempt_id]
        if not self._answer_for(plan).is_silent:
            self.on_report(report)

    def _answer_for(self, plan: LaunchPlan) -> Answer:
        return self.answers.get(plan.attempt_id) or self.answers.get(plan.job_name) or self.answer

    def _fail_if_told(self) -> None:
        if self.failure is not None:
            raise self.failure


def _nobody_listens(_report: AttemptReport) -> None:
    """Stand in until the engine says who listens."""
