"""
Errors of the operating system, said in one line a person can act on.
"""

from __future__ import annotations

import errno

from pipeyard.model.errors import NotAllowed, OutsideError, PipeyardError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def in_words(problem: OSError, doing: str) -> PipeyardError:
    """Return what went wrong while *doing* something, such as "the home `/x` cannot be written"."""
    reason = problem.strerror or str(problem)
    if problem.errno in _FULL:
        return OutsideError(f"{doing}: the disk is full", code="disk-full", hint="free some space, then try again")
    if problem.errno in _REFUSED:
        return NotAllowed(
            f"{doing}: {reason}",
            code="home-not-writable",
            hint="set PIPEYARD_HOME to a folder that you may write to",
        )
    return OutsideError(f"{doing}: {reason}", code="home-not-usable")
