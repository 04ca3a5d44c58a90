"""
How states, times, durations and sizes read on a page.

Source: the Studio's visual language: a state is colour, icon and word; durations `1m 12s`; binary units.
"""

from __future__ import annotations

from pipeyard.api.page.html import Html, element, joined
from pipeyard.model.record import JobRecord
from pipeyard.model.status import JobStatus
from pipeyard.service.view import REUSED, job_label

# Status -> (class that gives the colour, icon).
_LOOKS = {
    JobStatus.COMPLETED: ("completed", "✓"),
    JobStatus.FAILED: ("failed", "✕"),
    JobStatus.NOT_RESPONDING: ("failed", "✕"),
    JobStatus.RUNNING: ("running", "▶"),
    JobStatus.FINALIZING: ("running", "▶"),
    JobStatus.PREPARING: ("preparing", "◐"),
    JobStatus.STARTING: ("preparing", "◐"),
    JobStatus.QUEUED: ("waiting", "⋯"),
    JobStatus.NOT_STARTED: ("waiting", "○"),
    JobStatus.CANCELED: ("canceled", "⊘"),
    JobStatus.CANCEL_REQUESTED: ("canceled", "⊘"),
}
# The same for the script, which learns labels from the stream.
LOOKS_BY_LABEL = {
    **{status.value: look for status, look in _LOOKS.items()},
    "Skipped": ("skipped", "⤼"),
    "Bypassed": ("skipped", "⤼"),
    REUSED: ("completed", "♻"),
}
_WORDS = {
    "NotStarted": "Not started",
    "NotResponding": "Not responding",
    "CancelRequested": "Canceling",
    REUSED: "Reused",
}
_STEP_KIB = 1024


def look_of(job: JobRecord) -> tuple[str, str, str]:
    """Return the class, the icon and the word for a job's state."""
    label = job_label(job)
    return (*LOOKS_BY_LABEL[label], state_word(label))


def state_word(label: str) -> str:
    """Return a state as people write it."""
    return _WORDS.get(label, label)


def duration_text(seconds: float | None) -> str:
    """Return a duration: `0.4s`, `12s`, `1m 12s`, `2h 5m`."""
    if seconds is None:
        return ""
    if seconds < 0.1:  # noqa: PLR2004 - "0.0s" would look like a mistake.
        return "<0.1s"
    if seconds < 10:  # noqa: PLR2004 - below ten seconds a tenth matters.
        return f"{seconds:.1f}s"
    whole = int(seconds)
    minutes, left = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h {minutes}m"
    return f"{minutes}m {left}s" if minutes else f"{left}s"


def prose(text: object) -> Html:
    """Return a sentence with what stands between backticks as code."""
    parts = str(text).split("`")
    if len(parts) % 2 == 0:
        # One is left over: it belongs to the text itself.
        return joined(str(text))
    return joined(*(element("code", part) if index % 2 else part for index, part in enumerate(parts)))


def size_text(size: int) -> str:
    """Return bytes in binary units."""
    amount = float(size)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < _STEP_KIB:
            return f"{int(amount)} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= _STEP_KIB
    return f"{amount:.1f} TiB"
