"""
Who may ask for what.

In:       the request's headers and cookies, and the secret in the home.
Out:      a `Caller`, or `NotAllowed`.
Not here: making the token (`server/token.py`), what each caller may do (the routes say so).

Three keys open this server. The user's token opens everything. A cookie, got for a
one-time code, opens the same from the user's browser. A job's own token opens that
job's record and files (and of what is logged, what `mlflow/permit.py` says), and only
until the job ends; that of a scratch attempt only reads them, for as long as somebody
listens to the answer that brought it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable

from fastapi import Request

from pipeyard.model.errors import NotAllowed
from pipeyard.model.record import JobRecord
from pipeyard.model.value import dataclass

CODE_SECONDS = 120
CODES_MAX = 64
SESSION_SECONDS = 30 * 24 * 3600
# A page's own requests carry it; another site cannot send it without asking first, and nobody answers.
PAGE_HEADER = "x-pipeyard-page"
_SAFE = frozenset({"GET", "HEAD"})
_JOB_PREFIX = "job:"
_REHEARSAL_PREFIX = "run-step:"


class Unknown(NotAllowed):
    """Nobody we know: no key, or a wrong one."""

    http_status = 401


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever asks: the user, or (with a name) a job on its own behalf."""

    job: str | None = None
    # Whether it is a scratch attempt of the job's step (`job run-step`): it reads, also after the job's end.
    is_rehearsal: bool = False


class Gate:
    """Checks keys. One per server."""

    def __init__(self, token: str, port: int, *, now: Callable[[], float]) -> None:
        """Take the user's token, the port (in the cookie's name, for cookies ignore ports) and a clock in seconds."""
        self._token = token.encode()
        self._now = now
        self._codes: dict[str, float] = {}
        # Tokens of scratch attempts, with their job.
        self._rehearsals: dict[str, str] = {}
        self._lock = threading.Lock()
        self.cookie = f"pipeyard_{port}"

    # --- making keys -------------------------------------------------------------------------

    def job_token(self, job_name: str) -> str:
        """Return the key of one job. The same at every start of the server, so that steps may outlive it."""
        return f"{_JOB_PREFIX}{job_name}:{self._sign('job', job_name)}"

    def begin_rehearsal(self, job_name: str) -> str:
        """Return a key that reads one job's record and files, until `end_rehearsal`."""
        token = f"{_REHEARSAL_PREFIX}{secrets.token_urlsafe(24)}"
        with self._lock:
            self._rehearsals[token] = job_name
        return token

    def end_rehearsal(self, token: str) -> None:
        """Make a key of `begin_rehearsal` good for nothing."""
        with self._lock:
            self._rehearsals.pop(token, None)

    def login_code(self) -> str:
        """Return a code that can be turned into a session once, soon."""
        code = secrets.token_urlsafe(24)
        with self._lock:
            self._codes = {old: until for old, until in self._codes.items() if until > self._now()}
            while len(self._codes) >= CODES_MAX:
                self._codes.pop(next(iter(self._codes)))
            self._codes[code] = self._now() + CODE_SECONDS
        return code

    def session_for_code(self, code: str) -> str | None:
        """Return a session for a code that was not used before, None for any other text."""
        with self._lock:
            until = self._codes.pop(code, 0.0)
        return self._session() if until > self._now() else None

    def session_for_token(self, token: str) -> str | None:
        """Return a session for the user's token, None for any other text."""
        return self._session() if self._is_token(token.strip()) else None

    # --- checking them -----------------------------------------------------------------------

    def caller(self, request: Request) -> Caller:
        """Return who asks, or raise."""
        header = request.headers.get("authorization")
        if header is not None:
            caller = self._bearer(header)
            if caller.is_rehearsal and request.method not in _SAFE:
                raise NotAllowed("a step that is run once more changes nothing of its job", code="reads-only")
            return caller
        if self.has_session(request):
            if request.method not in _SAFE and PAGE_HEADER not in request.headers:
                raise NotAllowed("a browser may change things only from a page of this server", code="not-from-page")
            return Caller()
        raise Unknown(
            "this server asks for a token",
            code="no-token",
            hint="send `Authorization: Bearer <token>`; the token is in the file `token` of the server's home",
        )

    def has_session(self, request: Request) -> bool:
        """Return whether a browser shows a session that still holds and asks from our own pages."""
        until, _, signature = request.cookies.get(self.cookie, "").partition(".")
        # Browsers say where a request comes from. Older ones do not; SameSite=Strict holds there too.
        is_ours = request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
        is_signed = hmac.compare_digest(signature.encode(), self._sign("session", until).encode())
        return is_ours and is_signed and until.isdigit() and int(until) > self._now()

    def _bearer(self, header: str) -> Caller:
        scheme, _, key = header.partition(" ")
        key = key.strip()
        if scheme.lower() != "bearer":
            raise Unknown("the `Authorization` header has to be `Bearer <token>`", code="bad-token")
        if self._is_token(key):
            return Caller()
        rehearsed = self._rehearsals.get(key)
        if rehearsed is not None:
            return Caller(job=rehearsed, is_rehearsal=True)
        name, _, signature = key.removeprefix(_JOB_PREFIX).rpartition(":")
        if key.startswith(_JOB_PREFIX) and hmac.compare_digest(signature.encode(), self._sign("job", name).encode()):
            return Caller(job=name)
        raise Unknown("the token is not this server's", code="bad-token", hint="it is in the file `token` of the home")

    def _is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self._token)

    def _session(self) -> str:
        until = str(int(self._now()) + SESSION_SECONDS)
        return f"{until}.{self._sign('session', until)}"

    def _sign(self, purpose: str, text: str) -> str:
        # The purpose goes in with a separator that no purpose holds, so that a
        # signature made for one thing never opens another.
        return hmac.new(self._token, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()


def check_own(caller: Caller, job: JobRecord) -> None:
    """Raise unless the caller is the user, or this very job before its end."""
    if caller.job is None:
        return
    if caller.job != job.name:
        raise NotAllowed(f"the token of job `{caller.job}` opens that job only", code="other-job")
    if job.status.is_terminal and not caller.is_rehearsal:
        raise NotAllowed(f"the token of job `{job.name}` was valid until the job ended", code="job-ended")
