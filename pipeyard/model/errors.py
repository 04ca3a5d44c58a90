"""
The one exception tree.

PipeyardError               code, message, hint
├─ UserError                the caller can fix it                  exit 1, HTTP 400
│  ├─ SpecError             holds diagnostics, at least one        exit 1, HTTP 422
│  ├─ UsageError            the command line itself is wrong       exit 2
│  ├─ NotFound              what was asked for, and the nearest    exit 3, HTTP 404
│  ├─ Conflict              exists already; finished already       exit 1, HTTP 409
│  └─ NotAllowed            no token, or not for you               exit 1, HTTP 403
├─ OutsideError             the world failed; `may_retry`          exit 1, HTTP 503
│  ├─ ComputeError          launch refused, compute lost
│  ├─ EnvironmentFailed     what a step runs in could not be made; where the log is and how it ends
│  └─ StoreError            disk full, database locked, blob missing
│     └─ NoWorkers          the server can start no process that stores; nothing was tried
└─ Bug                      an invariant broke; ours to fix        exit 1, HTTP 500

The first question an error answers is whose move it is: yours, the world's, or ours.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeyard.model.diagnostic import Diagnostic


class PipeyardError(Exception):
    """Something that this call cannot go on from."""

    code = "error"
    http_status = 500
    exit_code = 1

    def __init__(self, message: str, *, code: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if code is not None:
            self.code = code


class UserError(PipeyardError):
    """The caller can fix it."""

    code = "user-error"
    http_status = 400


class UsageError(UserError):
    """The command line itself is wrong."""

    code = "usage"
    exit_code = 2


class SpecError(UserError):
    """What the user wrote has problems."""

    code = "invalid-spec"
    http_status = 422

    def __init__(self, diagnostics: Sequence[Diagnostic], message: str = "the file has problems") -> None:
        super().__init__(message)
        self.diagnostics = tuple(diagnostics)


class NotFound(UserError):
    """Names what was asked for and the nearest that exists."""

    code = "not-found"
    http_status = 404
    exit_code = 3


class Conflict(UserError):
    """A version exists; a job is already finished; a name is taken."""

    code = "conflict"
    http_status = 409


class NotAllowed(UserError):
    """No token, a wrong one, or not for this caller."""

    code = "not-allowed"
    http_status = 403


class OutsideError(PipeyardError):
    """The world failed."""

    code = "outside"
    http_status = 503

    def __init__(
        self, message: str, *, code: str | None = None, hint: str | None = None, may_retry: bool = False
    ) -> None:
        super().__init__(message, code=code, hint=hint)
        # Whether doing the same again may help.
        self.may_retry = may_retry


class ComputeError(OutsideError):
    """A launch was refused, or a compute was lost."""

    code = "compute"


class EnvironmentFailed(OutsideError):
    """What a step should run in could not be made."""

    code = "environment-failed"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str | None = None,
        last_lines: Sequence[str] = (),
        log: str | None = None,
    ) -> None:
        super().__init__(message, code=code, hint=hint)
        # The datastore URI of the log of its build, once it has one.
        self.log = log
        # How the log of its build ends.
        self.last_lines = tuple(last_lines)


class StoreError(OutsideError):
    """Disk full, database locked, blob missing."""

    code = "store"


class NoWorkers(StoreError):
    """The server can start no process that reads and writes files. Nothing was tried, so it may be tried again."""

    code = "no-workers"

    def __init__(self, message: str) -> None:
        super().__init__(message, hint="restart the server: pipeyard server stop", may_retry=True)


class Bug(PipeyardError):
    """An invariant broke; ours to fix."""

    code = "bug"
