"""
Why a node or a job ended as it did, as plain data for people.

In:       facts.
Out:      `{code, message, ...}` mappings, kept on job records.
Not here: the last lines of a log, which somebody has to read (`engine/`).
"""

from __future__ import annotations

from typing import Any

from pipeyard.scheduler.event import AttemptExited, AttemptLost, NodeId
from pipeyard.scheduler.state import Error, JobState

# What a shell means by these.
_SHELL_CODES = {
    126: ("not-executable", "exited with 126: a command cannot be executed"),
    127: ("command-not-found", "exited with 127: a command was not found"),
}

# Nobody but its author knows whether a step may be done twice.
_RETRY_HINT = "a step that may be done twice can say `retry: {max: 1, when: lost}`"


def is_clean(exited: AttemptExited) -> bool:
    """Return whether the command did what it was meant to do."""
    return exited.exit_code == 0 and not exited.signal and not exited.timed_out and exited.error is None


def exit_error(exited: AttemptExited) -> Error:
    """Return why an exit counts as a failure."""
    facts: dict[str, Any] = {"exit_code": exited.exit_code, "signal": exited.signal}
    if exited.rank is not None:
        facts["rank"] = exited.rank
    if exited.timed_out:
        return {"code": "timed-out", "message": "stopped: its time limit was over", **facts}
    if exited.error is not None:
        return {"code": "step-failed", "message": "failed after its command ended", **exited.error, **facts}
    if exited.signal:
        return {"code": "killed", "message": f"ended by {exited.signal}", **facts}
    if exited.exit_code is None:
        return {"code": "exit-unknown", "message": "ended, nobody knows how", **facts}
    code, message = _SHELL_CODES.get(exited.exit_code, ("exit-code", f"exited with {exited.exit_code}"))
    if exited.rank_name is not None:
        message = f"{exited.rank_name} {message}; the other processes were ended"
    return {"code": code, "message": message, **facts}


def lost_error(lost: AttemptLost) -> Error:
    """Return the error of an attempt that nobody will hear of again."""
    return {"code": "lost", "message": f"lost: {lost.reason}" if lost.reason else "lost", "hint": _RETRY_HINT}


def never_started_error() -> Error:
    """Return the error of an attempt that its compute never heard of."""
    return {"code": "lost", "message": "lost: its compute does not know it", "hint": _RETRY_HINT}


def skipped_error(cause: NodeId) -> Error:
    """Return why a node never started."""
    return {"code": "skipped", "message": f"not started: step `{cause}` failed", "failed_step": cause}


def bypassed_error(choice: NodeId) -> Error:
    """Return why a node never started although nothing is wrong."""
    return {"code": "bypassed", "message": f"not run: `{choice}` took the other way", "choice": choice}


def stopped_error(job: JobState) -> Error:
    """Return why a node was ended from outside."""
    if job.canceled_by is not None:
        return {"code": "canceled", "message": f"canceled by {job.canceled_by}", "by": job.canceled_by}
    return {
        "code": "canceled",
        "message": f"stopped: step `{job.failed_node}` failed and `continue_on_step_failure` is false",
        "failed_step": job.failed_node,
    }


def job_error(job: JobState) -> Error | None:
    """Return why an ended job did not complete; None if it did."""
    if job.canceled_by is not None:
        return stopped_error(job)
    if not job.failed_count:
        return None
    others = f" (and {job.failed_count - 1} more)" if job.failed_count > 1 else ""
    return {
        "code": "step-failed",
        "message": f"step `{job.failed_node}` failed{others}" if job.failed_node else "failed",
        "failed_step": job.failed_node,
    }
