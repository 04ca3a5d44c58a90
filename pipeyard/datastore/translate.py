"""
What the operating system says when files cannot be read or written, in our words.

In:       `OSError`.
Out:      `StoreError` with a code, and whether trying again may help.
Not here: the facts of a failed output, which are part of a job's record (`worker.py`).
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from pipeyard.model.errors import StoreError

_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_NOT_WRITABLE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def disk_error(problem: OSError, what: str) -> StoreError:
    """Return the failure of an operation on *what*."""
    if problem.errno in _DISK_FULL:
        return StoreError(
            f"the disk is full: {what} could not be stored",
            code="disk-full",
            hint="free some space and try again; nothing was lost",
            may_retry=True,
        )
    where = f" (`{problem.filename}`)" if problem.filename else ""
    said = problem.strerror or str(problem)
    if problem.errno in _NOT_WRITABLE:
        return StoreError(
            f"{what} could not be stored: {said}{where}",
            code="not-writable",
            hint="check the owner and the permissions of that folder",
        )
    return StoreError(f"{what} could not be stored: {said}{where}", code="not-stored", may_retry=True)


@contextmanager
def disk_errors(what: str) -> Iterator[None]:
    """Raise `StoreError` for any `OSError` inside, but for a sender's broken connection, which no disk is to blame for."""
    try:
        yield
    except ConnectionError:
        raise
    except OSError as problem:
        raise disk_error(problem, what) from problem
