"""
As much of HTTP/1.1 as one program on this machine needs to speak to our own server.

In:       a port; requests, with a body or pieces of one.
Out:      answers, read at once or line by line.
Not here: what is asked (`http.py`), any other server: no TLS, no redirects, no proxies.

The standard library's client loads the parser of e-mails and TLS with it, a tenth of
what a short command takes.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from io import BufferedReader

_HEAD_LINES_MAX = 200
_LINE_BYTES_MAX = 1 << 16
_NO_CONTENT, _NOT_CHANGED, _OK = 204, 304, 200
_ALL = -1


class BrokenAnswer(Exception):
    """What came is no answer of an HTTP server, or ends too early."""


class Connection:
    """One kept-alive connection; one answer at a time."""

    def __init__(self, host: str, port: int, *, timeout_seconds: float) -> None:
        """Remember where to connect, an address in numbers; nothing is opened yet."""
        self._host = host
        self._port = port
        self._timeout_seconds = timeout_seconds
        self._socket: socket.socket | None = None
        self._reader: BufferedReader | None = None
        self._answer: Answer | None = None

    @property
    def is_open(self) -> bool:
        """Return whether a request would go out on a connection that was used before."""
        return self._socket is not None

    def connect(self) -> None:
        """Open the connection now; `ConnectionRefusedError` when nobody listens."""
        self.close()
        # Not `create_connection`, which asks the resolver even about an address in numbers.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.settimeout(self._timeout_seconds)
        try:
            self._socket.connect((self._host, self._port))
        except OSError:
            self.close()
            raise
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self._socket.makefile("rb")

    def close(self) -> None:
        """Close the connection."""
        for open_end in (self._reader, self._socket):
            if open_end is not None:
                with suppress(OSError):
                    open_end.close()
        self._socket = self._reader = self._answer = None

    def request(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | Iterable[bytes] | None
    ) -> Answer:
        """Send a request and return the beginning of its answer. Raises `OSError` or `BrokenAnswer`."""
        if self._answer is not None and not self._answer.is_over:
            # What was not read would be taken for the answer to this request.
            self.close()
        if self._socket is None:
            self.connect()
        assert self._socket is not None
        assert self._reader is not None
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self._host}:{self._port}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body is None or isinstance(body, bytes):
            if body is not None or method not in {"GET", "HEAD"}:
                lines.append(f"Content-Length: {len(body or b'')}")
            self._socket.sendall(_head(lines) + (body or b""))
        else:
            self._socket.sendall(_head([*lines, "Transfer-Encoding: chunked"]))
            for piece in body:
                if piece:
                    self._socket.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
            self._socket.sendall(b"0\r\n\r\n")
        self._answer = Answer(self, self._reader)
        return self._answer


class Answer:
    """An answer whose body is being read."""

    def __init__(self, connection: Connection, reader: BufferedReader) -> None:
        """Read the head."""
        self._connection = connection
        self._reader = reader
        self.status = _read_status(reader)
        self._headers = _read_headers(reader)
        while self.status < _OK:
            # An interim answer.
            self.status = _read_status(reader)
            self._headers = _read_headers(reader)
        self._is_chunked = self._headers.get("transfer-encoding", "").lower() == "chunked"
        length = self._headers.get("content-length", "")
        # Bytes left of the body, or of the present chunk; None: it ends with the connection.
        self._left: int | None = int(length) if length.isdecimal() else None
        if self._is_chunked or self.status in {_NO_CONTENT, _NOT_CHANGED}:
            self._left = 0
        # Whether everything was read.
        self.is_over = self._left == 0 and not self._is_chunked
        self._finish_if_over()

    def read(self, size: int = _ALL) -> bytes:
        """Return the rest of the body, or so many bytes of it at most; nothing at its end."""
        if size == _ALL:
            return b"".join(self._pieces())
        return self._some(size)

    def readline(self) -> bytes:
        """Return the next line as soon as it is there; nothing at the end."""
        line = b""
        while not line.endswith(b"\n"):
            if not self._has_more():
                break
            part = self._reader.readline(_ALL if self._left is None else self._left)
            self._took(len(part))
            line += part
        return line

    def _pieces(self) -> Iterator[bytes]:
        while piece := self._some(1 << 18):
            yield piece

    def _some(self, size: int) -> bytes:
        if not self._has_more():
            return b""
        piece = self._reader.read(size if self._left is None else min(size, self._left))
        self._took(len(piece))
        return piece

    def _has_more(self) -> bool:
        """Return whether there is something to read, after the head of the next chunk if it is its turn."""
        if self._is_chunked and self._left == 0 and not self.is_over:
            self._left = _chunk_size(self._reader)
            if self._left == 0:
                _read_headers(self._reader)
                self.is_over = True
                self._finish_if_over()
        return not self.is_over

    def _took(self, count: int) -> None:
        if self._left is None:
            self.is_over = count == 0
        elif count == 0:
            raise BrokenAnswer("the body ends too early")
        else:
            self._left -= count
            if self._left == 0 and self._is_chunked:
                self._reader.readline(_LINE_BYTES_MAX)
            self.is_over = self._left == 0 and not self._is_chunked
        self._finish_if_over()

    def _finish_if_over(self) -> None:
        if self.is_over and (self._left is None or self._headers.get("connection", "").lower() == "close"):
            self._connection.close()


def _head(lines: list[str]) -> bytes:
    # A line break in a name or value would begin a header of somebody else's.
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("a header cannot hold a line break")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _read_status(reader: BufferedReader) -> int:
    line = reader.readline(_LINE_BYTES_MAX)
    if not line:
        raise ConnectionResetError("the server closed the connection")
    words = line.split(None, 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():  # noqa: PLR2004
        raise BrokenAnswer("no status line")
    return int(words[1])


def _read_headers(reader: BufferedReader) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(_HEAD_LINES_MAX):
        line = reader.readline(_LINE_BYTES_MAX)
        if line in {b"\r\n", b"\n"}:
            return headers
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            raise BrokenAnswer("a header without a name")
        headers[name.strip().lower()] = value.strip()
    raise BrokenAnswer("too many headers")


def _chunk_size(reader: BufferedReader) -> int:
    line = reader.readline(_LINE_BYTES_MAX)
    try:
        return int(line.partition(b";")[0], 16)
    except ValueError:
        raise BrokenAnswer("a chunk without a size") from None
