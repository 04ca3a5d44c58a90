"""
One connected server: its socket, what it has not said to the end, what it has not read yet.

In:       a socket.
Out:      objects it sent; lines sent to it.
Not here: what they mean (`serve.py`).
"""

from __future__ import annotations

from pipeyard.launcher.loop import READ, WRITE, Loop
from pipeyard.launcher.wire import LineReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

# A server that lets this much lie unread is stuck; it will look again when it is back.
_UNSENT_BYTES_MAX = 64 << 20


class Peer:
    """A server at the other end of a socket."""

    def __init__(
        self,
        connection: socket.socket,
        loop: Loop,
        on_message: Callable[[Peer, dict[str, object]], None],
        on_gone: Callable[[Peer], None],
    ) -> None:
        connection.setblocking(False)  # noqa: FBT003 - the standard library's own signature
        self._socket = connection
        self._loop = loop
        self._on_message = on_message
        self._on_gone = on_gone
        self._reader = LineReader()
        self._unsent = bytearray()
        self._is_open = True
        # Whether the loop tells when more can be sent.
        self._is_waiting = False
        loop.watch(connection.fileno(), READ, self._on_ready)

    def send(self, line: bytes) -> None:
        """Send a line now or as soon as the server reads."""
        if not self._is_open:
            return
        self._unsent += line
        if len(self._unsent) > _UNSENT_BYTES_MAX:
            self.close()
        elif len(self._unsent) == len(line):
            self._flush()

    def close(self) -> None:
        """End the connection."""
        if self._is_open:
            self._is_open = False
            self._loop.unwatch(self._socket.fileno())
            self._socket.close()
            self._on_gone(self)

    def _on_ready(self, events: int) -> None:
        if events & WRITE and self._is_open:
            self._flush()
        if events & READ and self._is_open:
            self._receive()

    def _receive(self) -> None:
        try:
            data = self._socket.recv(1 << 16)
            messages = self._reader.feed(data)
        except BlockingIOError:
            return
        except (OSError, ValueError):
            self.close()  # It is gone, or it is none of ours.
            return
        if not data:
            self.close()
        for message in messages:
            self._on_message(self, message)

    def _flush(self) -> None:
        try:
            sent = self._socket.send(self._unsent)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.close()
            return
        del self._unsent[:sent]
        if bool(self._unsent) != self._is_waiting:
            self._is_waiting = bool(self._unsent)
            self._loop.watch(self._socket.fileno(), READ | WRITE if self._is_waiting else READ, self._on_ready)
