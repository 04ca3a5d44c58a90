"""
The last words about a job that has ended.

In:       the job's JSON and its steps.
Out:      text: Azure's summary lines, time per step, and on failure what failed first and where its log is.
Not here: printing it (`follow.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeyard.cli.duration import duration_text
from pipeyard.cli.terminal import columns_of, cropped, harmless, padded, paint
from pipeyard.model.status import JobStatus

_TITLE = "Execution Summary"
_STYLES = {
    "Completed": "green",
    "Completed (reused)": "green",
    "Failed": "red",
    "Canceled": "yellow",
    "Skipped": "dim",
    "Bypassed": "dim",
}
_LAST_LINES = 20
_KEY_COLUMNS_MAX = 50
_KEY_COLUMNS_MIN = 10
# What a step's line holds besides its key and its status: blanks and duration.
_OTHER_COLUMNS = 14
_STATUS_COLUMNS_MIN = 9

Step = Mapping[str, Any]


def render_summary(
    job: Mapping[str, Any], steps: Sequence[Step], *, folder: Path, columns: int = 1000, colour: bool = False
) -> str:
    """Return the summary, ending in a newline; *folder* is where a server on this machine keeps the datastores."""
    lines = [
        "",
        _TITLE,
        "=" * len(_TITLE),
        f"RunId: {job['name']}",
        f"Web View: {job['services']['Studio']['endpoint']}",
        "",
        *_step_lines(job, steps, columns=columns, colour=colour),
    ]
    failed = first_failed(steps)
    if failed is not None:
        lines += ["", *_failure_lines(failed, folder)]
    elif job["status"] == JobStatus.FAILED.value and (job.get("error") or {}).get("message"):
        lines += ["", f"The job failed: {_plain(job['error']['message'])}"]
    return "".join(line + "\n" for line in lines)


def first_failed(steps: Sequence[Step]) -> Step | None:
    """Return the command that failed first; a pipeline inside fails only because one of its steps did."""
    failed = [step for step in steps if step["status"] == JobStatus.FAILED.value]
    inner = [step for step in failed if step.get("kind") != "pipeline"]
    return min(inner or failed, key=lambda step: (step.get("ended_at") or "9", str(step["key"])), default=None)


def _step_lines(job: Mapping[str, Any], steps: Sequence[Step], *, columns: int, colour: bool) -> Iterator[str]:
    named = [(harmless(str(step["key"])), step) for step in steps if step["key"]]
    labels = [str(step.get("label") or step["status"]) for _, step in named]
    wide = max([_STATUS_COLUMNS_MIN, *map(len, labels)])
    room = max(_KEY_COLUMNS_MIN, columns - _OTHER_COLUMNS - wide)
    width = min(max((columns_of(name) for name, _ in named), default=0), _KEY_COLUMNS_MAX, room)
    for (name, step), label in zip(named, labels, strict=True):
        cell = padded(label, wide)
        cell = paint(cell, _STYLES[label], colour=colour) if label in _STYLES else cell
        seconds = duration_text(step.get("duration_seconds"))
        yield f"  {padded(cropped(name, width), width)}  {cell}  {seconds:>8}".rstrip()
    took = duration_text(job.get("duration_seconds"))
    status = str(job["status"])
    shown = paint(status, "bold", _STYLES[status], colour=colour) if status in _STYLES else status
    yield f"{shown}{f' in {took}' if took else ''}"


def _failure_lines(step: Step, folder: Path) -> Iterator[str]:
    error = step.get("error") or {}
    who = f"Step `{harmless(str(step['key']))}`" if step["key"] else "The command"
    yield f"{who} failed: {_plain(error.get('message') or 'no reason is known')}"
    # A step of which only what came afterwards went wrong, or whose work is done by other jobs, has nothing to say here.
    if error.get("exit_code"):
        yield f"  exit code: {error['exit_code']}"
    if error.get("signal"):
        yield f"  signal: {harmless(str(error['signal']))}"
    last = _last_lines(error.get("last_lines"))
    if last:
        yield "  last lines of its log:"
        yield from (f"    {line}" for line in last)
    if error.get("hint"):
        yield f"  hint: {_plain(error['hint'])}"
    place = _log_place(step, folder)
    if place.exists():
        yield f"  its whole log: {place}"
    else:
        yield f"  its whole log: pipeyard job download -n {step['name']}"


def _log_place(step: Step, folder: Path) -> Path:
    """Return where the log is if it is on this machine: of several processes that of the first that failed."""
    from pipeyard.model.record import user_log  # noqa: PLC0415 - of failed steps only, and dear to import

    log = user_log(str(step["name"]))
    told = str((step.get("error") or {}).get("log") or "")
    return folder / log.datastore / (told.partition("/paths/")[2] or log.path)


def _last_lines(value: Any) -> list[str]:
    lines = value.splitlines() if isinstance(value, str) else [str(line) for line in value or ()]
    return [harmless(line) for line in lines[-_LAST_LINES:]]


def _plain(text: Any) -> str:
    return " ".join(harmless(line.strip()) for line in str(text).splitlines())
