"""
Talk to the server on this machine: JSON calls, line streams, bytes in and out.

In:       a port and a token.
Out:      decoded answers; an error answer is raised as the exception it stands for.
Not here: finding or starting the server (`server.py`), what the paths mean (`workspace.py`), HTTP itself (`exchange.py`).

One connection is kept for all calls of a command.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from pipeyard.client.exchange import Answer, BrokenAnswer, Connection
from pipeyard.client.wire import error_of
from pipeyard.model.errors import NotFound, OutsideError

LOOPBACK = "127.0.0.1"
_CHUNK_BYTES = 1 << 18
# The server closes a connection that was quiet for five seconds; a call that
# meets such a close cannot know whether it was carried out.
_IDLE_SECONDS_MAX = 3.0
_AGAIN = frozenset({"GET", "PUT", "DELETE"})
_ERROR_STATUS = 400
_PAGE_ENTRIES = 1000


class Http:
    """One kept-alive connection to one server."""

    def __init__(self, port: int, token: str, *, timeout_seconds: float = 60.0) -> None:
        """Remember where to connect; nothing is opened yet."""
        self._connection = Connection(LOOPBACK, port, timeout_seconds=timeout_seconds)
        self.token = token
        self._port = port
        self._used_at = 0.0

    def connect(self) -> None:
        """Open the connection now; `ConnectionRefusedError` when nobody listens."""
        self._connection.connect()
        self._used_at = time.monotonic()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def call(self, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None) -> Any:
        """Return the decoded answer of one call, None when it is empty."""
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        response = self._send(method, _target(path, query), data, "application/json")
        text = _read(response)
        return json.loads(text) if text else None

    def send(self, method: str, path: str, chunks: Iterable[bytes]) -> Any:
        """Send a body of unknown length piece by piece and return the decoded answer."""
        response = self._send(method, _target(path, None), chunks, "application/octet-stream")
        text = _read(response)
        return json.loads(text) if text else None

    def lines(self, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None) -> Iterator[Any]:
        """Yield one decoded value per line for as long as the server sends; a *body* is posted."""
        data = None if body is None else json.dumps(body).encode()
        method = "GET" if body is None else "POST"
        response = self._send(method, _target(path, query), data, "application/json")
        try:
            # Not `for line in response`: that waits for a whole buffer.
            while line := response.readline():
                if line.strip():
                    yield json.loads(line)
        except (OSError, BrokenAnswer, ValueError) as error:
            raise _broken_off(error) from error
        finally:
            # What was not read would be taken for the next answer.
            self.close()

    def pieces(self, path: str) -> Iterator[bytes]:
        """Yield the bytes of a file."""
        response = self._send("GET", _target(path, None), None, "application/json")
        try:
            while piece := response.read(_CHUNK_BYTES):
                yield piece
        except (OSError, BrokenAnswer) as error:
            raise _broken_off(error) from error

    def _send(self, method: str, target: str, body: bytes | Iterable[bytes] | None, kind: str) -> Answer:
        response = self._exchange(method, target, body, kind)
        if response.status >= _ERROR_STATUS:
            raise error_of(response.status, _json_or_none(_read(response)))
        return response

    def _exchange(self, method: str, target: str, body: bytes | Iterable[bytes] | None, kind: str) -> Answer:
        if time.monotonic() - self._used_at > _IDLE_SECONDS_MAX:
            self.close()
        may_repeat = method in _AGAIN and (body is None or isinstance(body, bytes))
        was_open = self._connection.is_open
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind, "Accept": "application/json"}
        try:
            response = self._connection.request(method, target, headers, body)
        except ConnectionRefusedError as error:
            raise self._gone() from error
        except (OSError, BrokenAnswer) as error:
            self.close()
            if was_open and may_repeat and not isinstance(error, TimeoutError):
                return self._exchange(method, target, body, kind)
            raise _broken_off(error) from error
        self._used_at = time.monotonic()
        return response

    def _gone(self) -> OutsideError:
        return OutsideError(
            f"no server answers on port {self._port} any more",
            code="server-unreachable",
            hint="start it again: pipeyard server start",
            may_retry=True,
        )


def pages(http: Http, path: str, query: Mapping[str, Any], limit: int | None) -> Iterator[Any]:
    """Yield the entries of a list, page by page; *limit* None: all of them."""
    left, token = limit, None
    while left is None or left > 0:
        size = _PAGE_ENTRIES if left is None else min(left, _PAGE_ENTRIES)
        page = http.call("GET", path, query={**query, "limit": size, "before": token})
        yield from page["value"]
        left = None if left is None else left - len(page["value"])
        token = page.get("next")
        if not token:
            return


def path_of(*parts: str) -> str:
    """Return an URL path. Raises `NotFound` for a name with a slash: nothing has one, and a server takes it for two."""
    for part in parts:
        if "/" in part:
            raise NotFound(f"nothing is called `{part}`", hint="no name holds a `/`")
    return "/" + "/".join(quote(part, safe="", errors="replace") for part in parts)


def file_path(path: str) -> str:
    """Return the path of a file as part of an URL path; a name that is no UTF-8 keeps its bytes."""
    return quote(path, errors="surrogateescape")


def _target(path: str, query: Mapping[str, Any] | None) -> str:
    given = {key: value for key, value in (query or {}).items() if value is not None}
    return f"{path}?{urlencode(given, doseq=True)}" if given else path


def _read(response: Answer) -> bytes:
    try:
        return response.read()
    except (OSError, BrokenAnswer) as error:
        raise _broken_off(error) from error


def _json_or_none(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _broken_off(error: Exception | None) -> OutsideError:
    if isinstance(error, TimeoutError):
        return OutsideError("the server did not answer in time", code="server-silent", may_retry=True)
    return OutsideError(
        "the connection to the server broke off",
        code="server-unreachable",
        hint="look at it with: pipeyard server status",
        may_retry=True,
    )
