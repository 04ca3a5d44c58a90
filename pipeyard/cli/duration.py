"""
Durations as people read them.
"""

from __future__ import annotations

_MINUTE = 60
_HOUR = 3600
_SHORT = 10


def duration_text(seconds: float | None) -> str:
    """Return `0.04s`, `3.2s`, `42s`, `3m 05s`, `2h 07m`; nothing for none."""
    if seconds is None:
        return ""
    if seconds < 1:
        return f"{seconds:.2f}s"
    if seconds < _SHORT:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole}s"
    if whole < _HOUR:
        return f"{whole // _MINUTE}m {whole % _MINUTE:02d}s"
    return f"{whole // _HOUR}h {whole % _HOUR // _MINUTE:02d}m"
