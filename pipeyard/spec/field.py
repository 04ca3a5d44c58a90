"""
One key that a mapping may have.

Not here: the tables of them (`spec/schema.py`, `spec/schema_table.py`).
"""

from __future__ import annotations

from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """One key that a mapping may have."""

    name: str
    # The type in words, as messages and pages show it.
    type: str
    description: str
    is_required: bool = False
    # The default in words; None: nothing.
    default: str | None = None
