"""
Exceptions of the shell as errors of a step.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from pipeyard.model.errors import Bug, EnvironmentFailed, PipeyardError, StoreError

_log = logging.getLogger(__name__)


def error_of(problem: BaseException, code: str) -> Mapping[str, Any]:
    """Return the error to keep on a step; what is our own mistake is logged in full."""
    if isinstance(problem, PipeyardError) and not isinstance(problem, Bug):
        error: dict[str, Any] = {"code": problem.code, "message": problem.message}
        if problem.hint:
            error["hint"] = problem.hint
        if isinstance(problem, StoreError) and problem.may_retry:
            error["may_retry"] = True
        if isinstance(problem, EnvironmentFailed):
            more = {"last_lines": list(problem.last_lines), "log": problem.log}
            error |= {key: value for key, value in more.items() if value}
        return error
    if isinstance(problem, OSError):
        return {"code": code, "message": str(problem)}
    _log.error("a step failed through our own mistake", exc_info=problem)
    return {"code": "bug", "message": f"{type(problem).__name__}: {problem}"}
