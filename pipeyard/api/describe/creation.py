"""
What answers about anything made have in common, and what errors look like.

Not here: everything else of `shape.py`.
"""

from __future__ import annotations

from typing import Any, TypedDict


class Creation(TypedDict):
    """Who made something, and when."""

    created_at: str
    created_by: str
    created_by_type: str


class Change(Creation, total=False):
    """The same, and who changed it last."""

    last_modified_at: str
    last_modified_by: str
    last_modified_by_type: str


class _ProblemText(TypedDict):
    code: str
    message: str
    hint: str | None


class Problem(_ProblemText, total=False):
    """What went wrong, and what to try."""

    diagnostics: list[dict[str, Any]]


class ErrorAnswer(TypedDict):
    """The one envelope of all errors."""

    error: Problem
