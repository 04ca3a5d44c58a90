"""
One GET, done carefully.

In:       an address, and the copy that is known of it.
Out:      a file with the body, or the word that nothing changed.
Not here: where the file goes then (`web.py`).

Redirects are followed within `http(s)`, and credentials go to no other host. What may
pass (a time-out, a broken connection, 429, 5xx) is tried again; what the server refuses is not.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import Message
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from pipeyard import __version__
from pipeyard.model.errors import OutsideError, UserError
from pipeyard.model.record import WebCopy
from pipeyard.model.value import dataclass

_CHUNK_BYTES = 1 << 20
_TIMEOUT_SECONDS = 30.0
# Waits between tries; one try more than there are waits.
_WAITS_SECONDS = (0.5, 2.0, 5.0)
_RETRY_AFTER_SECONDS_MAX = 30.0
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Address:
    """A URL taken apart: what may be stored and shown, and what may not."""

    # Without credentials and fragment.
    url: str
    # Without the query too, which may hold a signature: for messages.
    shown: str
    # Value of an `Authorization` header.
    authorization: str | None

    @classmethod
    def parse(cls, text: str) -> Address:
        """Return the address; `UserError` for what is no `http(s)` URL."""
        try:
            parts = urlsplit(text.strip())
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port, parts = None, None, urlsplit("")
        if parts.scheme not in ("http", "https") or not host:
            raise UserError(
                "a Web address begins with `http://` or `https://` and names a host",
                code="bad-url",
                hint="write for example `https://example.org/data.csv`",
            )
        place = (f"[{host}]" if ":" in host else host) + (f":{port}" if port is not None else "")
        authorization = None
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            authorization = "Basic " + base64.b64encode(pair.encode()).decode()
        path = _quoted(parts.path) or "/"
        return cls(
            url=urlunsplit((parts.scheme, place, path, _quoted(parts.query), "")),
            shown=urlunsplit((parts.scheme, place, path, "", "")),
            authorization=authorization,
        )


def _quoted(text: str) -> str:
    """Escape what no request line may hold; what is escaped already stays."""
    return urllib.parse.quote(text, safe="%/:=&?~#+!$,;'@()*[]")


@dataclass(frozen=True, slots=True)
class Answer:
    """A body that arrived whole."""

    size: int
    sha256: str
    etag: str | None
    last_modified: str | None


class _AstrayError(urllib.error.URLError):
    """A redirect that is not followed."""


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Keeps credentials from other hosts, and other protocols out."""

    def http_error_302(self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any) -> Any:
        """Follow a redirect; the library's own refusals, which come after these, would be in its words."""
        problem = self._problem(req, headers.get("location") or headers.get("uri") or "")
        if problem is not None:
            fp.close()
            raise _AstrayError(problem)
        return super().http_error_302(req, fp, code, msg, headers)

    def _problem(self, req: urllib.request.Request, location: str) -> str | None:
        scheme = urlsplit(urljoin(req.full_url, location)).scheme
        if scheme not in ("http", "https"):
            return f"it redirects to a `{scheme}:` address"
        # Written by the library: how often each address was come to.
        visited: dict[str, int] = getattr(req, "redirect_dict", {})
        if max(visited.values(), default=0) >= self.max_repeats:
            return "it redirects in a circle"
        if len(visited) >= self.max_redirections:
            return f"it redirects more than {self.max_redirections} times"
        return None

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302

    def redirect_request(  # noqa: PLR0917 (the library's signature)
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        request = super().redirect_request(req, fp, code, msg, headers, newurl)
        before, parts = urlsplit(req.full_url), urlsplit(newurl)
        if request is not None and (parts.scheme, parts.netloc) != (before.scheme, before.netloc):
            request.remove_header("Authorization")
        return request


def open_safely(request: urllib.request.Request, timeout_seconds: float) -> Any:
    """Return the answer to a request; redirects stay within `http(s)`, and credentials with their host."""
    return urllib.request.build_opener(_Redirects).open(request, timeout=timeout_seconds)


class Downloader:
    """Fetches one address into a file."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep, timeout_seconds: float = _TIMEOUT_SECONDS) -> None:
        """Take how to wait between tries, and how long one read may take."""
        self._sleep = sleep
        self._timeout_seconds = timeout_seconds
        self._opener = urllib.request.build_opener(_Redirects)

    def get(
        self,
        address: Address,
        target: Path,
        known: WebCopy | None,
        progress: Callable[[str, int, int | None], None],
    ) -> Answer | None:
        """
        Write the body to *target* and say what it is; None: it is still what *known* says.

        Raises `OutsideError`, naming the address without its credentials.
        """
        for wait in (*_WAITS_SECONDS, None):
            try:
                return self._try(address, target, known, progress)
            except OutsideError as problem:  # noqa: PERF203 (that is what a retry is)
                if not problem.may_retry or wait is None:
                    raise
                self._sleep(getattr(problem, "wait_seconds", None) or wait)
        raise AssertionError

    def _try(
        self,
        address: Address,
        target: Path,
        known: WebCopy | None,
        progress: Callable[[str, int, int | None], None],
    ) -> Answer | None:
        request = urllib.request.Request(address.url, headers=_headers(address, known))  # noqa: S310 (http(s) only)
        try:
            with self._opener.open(request, timeout=self._timeout_seconds) as response:
                return _save(address, response, target, progress)
        except urllib.error.HTTPError as problem:
            with problem:
                if problem.code == HTTPStatus.NOT_MODIFIED and known is not None:
                    return None
                raise _refused(address, problem) from None
        except _AstrayError as problem:
            raise OutsideError(
                f"`{address.shown}` cannot be fetched: {problem.reason}",
                code="web-refused",
                hint="check the address, or write the one that it should lead to",
            ) from None
        except urllib.error.URLError as problem:
            raise _unreachable(address, problem.reason) from None
        except (TimeoutError, ConnectionError, http.client.HTTPException, ssl.SSLError) as problem:
            raise _unreachable(address, problem) from None


def _headers(address: Address, known: WebCopy | None) -> dict[str, str]:
    # The bytes themselves are wanted, not some packed form of them.
    headers = {"User-Agent": f"pipeyard/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity"}
    if address.authorization is not None:
        headers["Authorization"] = address.authorization
    if known is not None and known.etag:
        headers["If-None-Match"] = known.etag
    elif known is not None and known.last_modified:
        headers["If-Modified-Since"] = known.last_modified
    return headers


def _save(
    address: Address,
    response: Any,
    target: Path,
    progress: Callable[[str, int, int | None], None],
) -> Answer:
    headers: Message = response.headers
    announced = headers.get("Content-Length")
    size = int(announced) if announced is not None and announced.isdigit() else None
    digest, done = hashlib.sha256(), 0
    with target.open("wb") as file:
        while chunk := response.read(_CHUNK_BYTES):
            digest.update(chunk)
            file.write(chunk)
            done += len(chunk)
            progress(address.shown, done, size)
    if size is not None and done != size:
        raise _unreachable(address, f"it ended after {done} of {size} bytes")
    return Answer(done, digest.hexdigest(), headers.get("ETag"), headers.get("Last-Modified"))


class _PassingError(OutsideError):
    """A failure that may be over soon."""

    # What the server asked for, if it did.
    wait_seconds: float | None = None


def _refused(address: Address, problem: urllib.error.HTTPError) -> OutsideError:
    message = f"`{address.shown}` answered {problem.code} {problem.reason}".rstrip()
    if problem.code in _PASSING:
        passing = _PassingError(message, code="web-unreachable", hint="try again later", may_retry=True)
        after = problem.headers.get("Retry-After", "")
        if after.isdigit():
            passing.wait_seconds = min(float(after), _RETRY_AFTER_SECONDS_MAX)
        return passing
    hints = {
        HTTPStatus.UNAUTHORIZED: "it wants a user name and a password, or a signature in the address",
        HTTPStatus.FORBIDDEN: "it does not give this to you; a signature in the address may have expired",
        HTTPStatus.NOT_FOUND: "check the address",
        HTTPStatus.GONE: "check the address",
    }
    return OutsideError(
        message,
        code="web-refused",
        hint=hints.get(HTTPStatus(problem.code)) if problem.code in set(HTTPStatus) else None,
    )


def _unreachable(address: Address, reason: object) -> OutsideError:
    said = str(reason).strip() or type(reason).__name__
    if isinstance(reason, TimeoutError):
        said = "it does not answer in time"
    is_certificate = isinstance(reason, ssl.SSLCertVerificationError)
    return _PassingError(
        f"`{address.shown}` cannot be fetched: {said}",
        code="web-unreachable",
        hint="the server's certificate is not trusted; SSL_CERT_FILE names more of them"
        if is_certificate
        else "check the address and this machine's connection",
        may_retry=not is_certificate,
    )
