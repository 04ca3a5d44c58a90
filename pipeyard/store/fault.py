"""
What a database says when it fails, in our words.

In:       exceptions of SQLAlchemy and of the drivers under it.
Out:      `StoreError` with a code, a hint, and whether trying again may help.
Not here: a job name that is taken, which is the caller's own doing (`sql.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from pipeyard.model.errors import Bug, PipeyardError, StoreError

# Words in the driver's message; code, message, hint, whether trying again may help.
# The words and not SQLite's error numbers: Python 3.10 does not give those.
_KNOWN = (
    ("database or disk is full", "disk-full", "the disk is full", "free some space; nothing was lost", True),
    ("no space left", "disk-full", "the disk is full", "free some space; nothing was lost", True),
    (
        "database is locked",
        "database-locked",
        "another program holds the database",
        "close programs that have `pipeyard.db` open",
        True,
    ),
    (
        "readonly database",
        "database-read-only",
        "the database cannot be written",
        "check the owner and the permissions of the home folder and of `pipeyard.db`",
        False,
    ),
    (
        "read-only transaction",
        "database-read-only",
        "the database cannot be written",
        "the server that was reached takes no writes; name the primary",
        False,
    ),
    (
        "malformed",
        "database-corrupt",
        "the database is damaged",
        "restore `pipeyard.db` from a backup, or move it aside to start with an empty one",
        False,
    ),
    (
        "not a database",
        "database-corrupt",
        "`pipeyard.db` is no database",
        "restore it from a backup, or move it aside to start with an empty one",
        False,
    ),
    (
        "unable to open",
        "database-unreachable",
        "the database cannot be opened",
        "check that the home folder exists and can be written",
        False,
    ),
    ("disk i/o error", "disk-error", "the disk failed to read or write", "look at the system's log", True),
)


def store_error(problem: BaseException) -> StoreError:
    """Return what happened as a `StoreError`, the driver's own words included."""
    cause = getattr(problem, "orig", None) or problem
    said = str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__
    lowered = str(cause).lower()
    for words, code, message, hint, may_retry in _KNOWN:
        if words in lowered:
            return StoreError(f"{message} ({said})", code=code, hint=hint, may_retry=may_retry)
    # A lost connection, a server that restarts: the class is the same for every driver.
    is_passing = not _class_names(cause).isdisjoint({"OperationalError", "InterfaceError"})
    code = "database-unreachable" if is_passing else "database"
    return StoreError(f"the database failed: {said}", code=code, may_retry=is_passing)


def _class_names(problem: BaseException) -> set[str]:
    """Return the names of its class and the classes above: every driver uses the words of PEP 249."""
    return {above.__name__ for above in type(problem).__mro__}


@contextmanager
def translated(*drivers: type[Exception]) -> Iterator[None]:
    """Turn a failure of SQLAlchemy, or of one of the given driver's error classes, into ours."""
    try:
        yield
    except PipeyardError:
        raise
    except DBAPIError as problem:
        raise store_error(problem) from problem
    except SQLAlchemyError as problem:
        # The statement itself is wrong, or the pool is used wrongly.
        raise Bug(f"a database statement cannot be run: {problem}") from problem
    except drivers as problem:
        if "IntegrityError" in _class_names(problem):
            # A key that is there already, or a column without a value: no database is to blame.
            raise Bug(f"a row does not fit the database: {problem}") from problem
        raise store_error(problem) from problem
