"""
What the launcher says, in our words.

In:       a record (`pipeyard/launcher/record.py`), from its socket or from its file.
Out:      an `AttemptReport`.
Not here: reading either (`connection.py`, `compute.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeyard.launcher import record as records
from pipeyard.ports import AttemptReport

# The launcher's states and ours. One that this table lacks comes from a newer launcher and is shown as it was said.
_STATES = {
    "starting": "starting",
    "running": "running",
    "exited": "exited",
    "refused": "refused",
    "lost": "lost",
    "unknown": "unknown",
}


def report_of(record: Mapping[str, Any]) -> AttemptReport:
    """Return a launcher's record as a report."""
    dropped = record.get("log_dropped")
    return AttemptReport(
        attempt_id=record["attempt_id"],
        state=_STATES.get(record["state"], record["state"]),
        started_at_ms=record.get("started_at_ms"),
        ended_at_ms=record.get("ended_at_ms"),
        duration_seconds=record.get("duration_seconds"),
        exit_code=record.get("exit_code"),
        signal=record.get("signal"),
        timed_out=record.get("timed_out", False),
        reason=record.get("reason"),
        code=record.get("code"),
        ways=record.get("ways") or {},
        rank=record.get("rank"),
        rank_name=record.get("rank_name"),
        log_dropped=None if dropped is None else (dropped[0], dropped[1]),
    )


def report_of_file(attempt_id: str, record: Mapping[str, Any] | None, boot: str) -> AttemptReport:
    """
    Return what a record's file alone can tell, while no launcher answers.

    A process that is gone without a last record has ended unseen: that is a loss.
    """
    if record is None:
        return AttemptReport(attempt_id, "unknown")
    if record.get("state") in records.ENDED:
        return report_of(record)
    if records.is_running(dict(record), boot):
        return report_of({**record, "state": "running"})
    reason = "it ended while no launcher was there to see how"
    return report_of({**record, "state": "lost", "code": "launcher-lost", "reason": reason})


def is_ended(report: AttemptReport) -> bool:
    """Tell whether nothing follows this report."""
    return report.state in records.ENDED
