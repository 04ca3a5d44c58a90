"""
How a job that cannot be accepted is refused.

Not here: finding what is wrong (`draft.py`, `resolve.py`, `placing.py`, `taken.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeyard.model.diagnostic import Diagnostic
from pipeyard.model.errors import NotFound, SpecError
from pipeyard.registry.missing import CODE


class AssetNotFound(NotFound):
    """Names every asset that does not exist, each with its place."""

    code = CODE

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Take at least one diagnostic; the first gives the message."""
        super().__init__(diagnostics[0].message, hint=diagnostics[0].hint)
        self.diagnostics = tuple(diagnostics)


def refuse(problems: Sequence[Diagnostic]) -> None:
    """Raise if one of *problems* is an error: `AssetNotFound` when nothing else is wrong, else `SpecError`."""
    errors = [problem for problem in problems if problem.is_error]
    if errors and all(error.code == CODE for error in errors):
        raise AssetNotFound(tuple(problems))
    if errors:
        raise SpecError(tuple(problems))
