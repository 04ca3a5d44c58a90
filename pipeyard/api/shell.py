"""
What holds for every request, before any route sees it.

In:       raw requests.
Out:      the same, if their Host header names this server; answers with safe headers.
Not here: keys (`gate.py`).

The Host check keeps a page from anywhere that has its own name point at 127.0.0.1
from talking to this server with the user's browser.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeyard.api.answer import error_answer
from pipeyard.model.errors import NotAllowed

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cache-control", b"no-store"),
)
# Also for files that a step wrote: whatever they hold, a browser runs nothing of it.
_INERT = b"default-src 'none'; sandbox; frame-ancestors 'none'"


class Shell:
    """The outermost part of the application."""

    def __init__(self, app: ASGIApp, *, port: int) -> None:
        """Let through what asks for this port under a name of the loopback."""
        self._app = app
        self._hosts = frozenset(f"{name}:{port}".encode() for name in LOOPBACK_NAMES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                names = {name for name, _ in headers}
                headers += [(name, value) for name, value in _HEADERS if name not in names]
                if b"content-security-policy" not in names:
                    headers.append((b"content-security-policy", _INERT))
                message["headers"] = headers
            await send(message)

        hosts = [value.lower() for name, value in scope["headers"] if name == b"host"]
        if len(hosts) == 1 and hosts[0] in self._hosts:
            await self._app(scope, receive, send_safely)
            return
        refused = NotAllowed("the Host header does not name this server", code="wrong-host")
        await error_answer(refused)(scope, receive, send_safely)
