"""
Small values as JSON: diagnostics, times, plain trees.

Not here: a whole job (`view.py`), HTTP (`api/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from pipeyard.model.diagnostic import Diagnostic, Place


def diagnostic_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """Return a diagnostic for callers, who know the lines of the text that it speaks of."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "place": place_json(diagnostic.place),
        "expected": diagnostic.expected,
        "found": diagnostic.found,
        "hint": diagnostic.hint,
        "related": [{"message": item.message, "place": place_json(item.place)} for item in diagnostic.related],
    }


def place_json(place: Place) -> dict[str, Any]:
    """Return a place: which document, and the way to the value in it."""
    return {
        "source": place.source,
        "path": list(place.path),
        "on_key": place.on_key,
        "stretch": None if place.stretch is None else list(place.stretch),
    }


def time_text(at_ms: int | None) -> str | None:
    """Return a time as ISO 8601 in UTC with milliseconds and `Z`."""
    if at_ms is None:
        return None
    at = datetime.fromtimestamp(at_ms // 1000, timezone.utc)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z"


def plain(value: Any) -> Any:
    """Return a tree of plain dicts and lists, for `json.dumps`."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
