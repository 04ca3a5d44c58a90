"""
How answers leave the server: a short one in one write.

In:       uvicorn's own protocol.
Out:      the same, whose head waits a moment for the first part of the body.
Not here: what is answered.

uvicorn writes the head and the body apart, as two packets; a client wakes up twice for one answer. With thousands of
short answers, as to whoever logs metrics, that is a good part of the time. A head whose body does not follow at once,
as of a stream of events, leaves by itself.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

_HEAD = b"HTTP/1.1 "
# `100 Continue` is no answer: the client waits for it before it sends.
_INTERIM = b"HTTP/1.1 1"


class WholeAnswers(H11Protocol):
    """uvicorn's protocol over a transport that keeps heads back for a moment."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to speak."""
        super().connection_made(cast("asyncio.Transport", _Holding(transport, self.loop)))


class _Holding:
    """A transport that writes a head together with what follows it in the same moment."""

    __slots__ = ("_head", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""

    def write(self, data: bytes) -> None:
        """Write, or keep a head for a moment."""
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head + data)
        elif data.startswith(_HEAD) and not data.startswith(_INTERIM):
            self._head = data
            self._loop.call_soon(self._release)
        else:
            self._transport.write(data)

    def close(self) -> None:
        """Write what was kept, then end."""
        self._release()
        self._transport.close()

    def _release(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
