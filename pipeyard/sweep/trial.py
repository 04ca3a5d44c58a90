"""
How a trial ended, as its record tells.

In:       its status and its error.
Out:      whether a policy or a time limit stopped it.
Not here: stopping it (`engine/conduct/sweep.py`), showing it (`service/trials.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeyard.model.status import JobStatus

# Who canceled a trial: stored with the wish, so it is known after any restart.
STOPPED = "early termination"
TIMED_OUT = "the sweep's time limit"


def stop_reason(status: JobStatus, error: Mapping[str, Any] | None) -> str | None:
    """Return why a trial was ended before its time, other than by a person; None: it was not."""
    found = error or {}
    by = str(found.get("by") or "")
    if was_stopped_by_policy(status, error):
        return by[len(STOPPED) :].lstrip(": ") or STOPPED
    if status is JobStatus.CANCELED and by == TIMED_OUT:
        return "the time of the sweep was over"
    return "its time was over" if found.get("code") == "timed-out" else None


def was_stopped_by_policy(status: JobStatus, error: Mapping[str, Any] | None) -> bool:
    """Return whether a policy ended a trial."""
    return status is JobStatus.CANCELED and str((error or {}).get("by") or "").startswith(STOPPED)


def counts_as_stopped(status: JobStatus, error: Mapping[str, Any] | None) -> bool:
    """Return whether a trial that did not complete ranks all the same."""
    return stop_reason(status, error) is not None
