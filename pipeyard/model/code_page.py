"""
The page of one code of a diagnostic.

Not here: the pages (`model/codes.py`), printing them (`cli/explain.py`).
"""

from __future__ import annotations

from pipeyard.model.value import dataclass


@dataclass(frozen=True, slots=True)
class CodePage:
    """What a person reads who asks for a code."""

    # One paragraph. Its first sentence stands alone in a list of codes.
    meaning: str
    # Text that has the problem.
    example: str
    # What to do.
    fix: str

    @property
    def text(self) -> str:
        """Return the page in Markdown."""
        return f"{self.meaning}\n\n```\n{self.example.strip()}\n```\n\n{self.fix}"
