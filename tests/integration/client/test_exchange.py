"""Our small HTTP client against servers that say, byte by byte, what a test wrote."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from pipeyard.client.exchange import BrokenAnswer, Connection

LOOPBACK = "127.0.0.1"


class Scripted:
    """A server that answers each request on a connection with the next of its answers, and keeps what it read."""

    def __init__(self, *answers: bytes) -> None:
        self._answers = list(answers)
        self.heard: list[bytes] = []
        self.connections = 0
        self._listening = socket.create_server((LOOPBACK, 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while self._answers:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            with connection, suppress(OSError):
                while self._answers and (request := self._read(connection)):
                    self.heard.append(request)
                    answer = self._answers.pop(0)
                    connection.sendall(answer)
                    if b"onnection: close" in answer or b"CUT" in answer:
                        break

    @staticmethod
    def _read(connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data or (b"chunked" in data and not data.endswith(b"0\r\n\r\n")):
            piece = connection.recv(1 << 16)
            if not piece:
                return b""
            data += piece
        return data

    def close(self) -> None:
        self._listening.close()
        self._thread.join()


@pytest.fixture
def scripted() -> Iterator[Callable[..., tuple[Scripted, Connection]]]:
    """Return a server with these answers, and a connection to it."""
    opened: list[Scripted | Connection] = []

    def start(*answers: bytes) -> tuple[Scripted, Connection]:
        server = Scripted(*answers)
        connection = Connection(LOOPBACK, server.port, timeout_seconds=10)
        opened.extend([connection, server])
        return server, connection

    yield start
    for one in opened:
        one.close()


Start = Callable[..., tuple[Scripted, Connection]]


def test_a_body_of_known_length_is_read_and_the_connection_is_kept(scripted: Start):
    """Two calls go over one connection, and each gets its own body."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b"
    server, connection = scripted(answer % (3, b"one"), answer % (5, b"three"))

    bodies = [connection.request("GET", "/x", {}, None).read() for _ in range(2)]

    assert bodies == [b"one", b"three"]
    assert server.connections == 1


def test_a_request_says_what_it_is(scripted: Start):
    """Method, target, headers and body reach the server as they were given."""
    server, connection = scripted(b"HTTP/1.1 204 No Content\r\n\r\n")

    answer = connection.request("POST", "/a?b=c", {"Accept": "application/json"}, b"{}")

    assert (answer.status, answer.read()) == (204, b"")
    head, _, body = server.heard[0].partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == b"POST /a?b=c HTTP/1.1"
    assert {b"Accept: application/json", b"Content-Length: 2"} <= set(head.split(b"\r\n"))
    assert body in {b"{}", b""}  # It may come in a packet of its own.


def test_pieces_are_sent_in_chunks(scripted: Start):
    """A body of unknown length goes out chunk by chunk; an empty piece does not end it."""
    server, connection = scripted(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    connection.request("PUT", "/x", {}, iter([b"ab", b"", b"c" * 20]))

    assert server.heard[0].endswith(b"\r\n\r\n2\r\nab\r\n14\r\n" + b"c" * 20 + b"\r\n0\r\n\r\n")


def test_lines_are_read_across_chunks(scripted: Start):
    """A line may begin in one chunk and end in the next; the last may lack its end."""
    body = b"3\r\na\nb\r\n2\r\nc\n\r\n1\r\nd\r\n0\r\n\r\n"
    _, connection = scripted(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)

    answer = connection.request("GET", "/x", {}, None)

    assert [answer.readline() for _ in range(4)] == [b"a\n", b"bc\n", b"d", b""]
    assert answer.is_over


def test_a_body_without_length_ends_with_the_connection(scripted: Start):
    """Without a length everything up to the end of the connection is the body."""
    _, connection = scripted(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it")

    assert connection.request("GET", "/x", {}, None).read() == b"all of it"
    assert not connection.is_open


def test_a_body_that_ends_too_early_is_no_body(scripted: Start):
    """Bytes that were announced and never came are an error, not a short body."""
    _, connection = scripted(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nCUT")

    with pytest.raises(BrokenAnswer):
        connection.request("GET", "/x", {}, None).read()


def test_an_interim_answer_is_passed_over(scripted: Start):
    """`100 Continue` comes before the answer and is none."""
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"
    _, connection = scripted(interim + b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok")

    answer = connection.request("POST", "/x", {}, b"1")

    assert (answer.status, answer.read()) == (201, b"ok")


def test_what_was_not_read_is_not_taken_for_the_next_answer(scripted: Start):
    """A body that nobody read to its end costs the connection, and the next call gets its own answer."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b"
    server, connection = scripted(answer % (6, b"unread"), answer % (4, b"mine"))

    connection.request("GET", "/x", {}, None).read(2)

    assert connection.request("GET", "/y", {}, None).read() == b"mine"
    assert server.connections == 2


@pytest.mark.parametrize("said", [b"SSH-2.0-OpenSSH_9.2 CUT\r\n", b"HTTP/1.1 200 OK\r\nno colon CUT\r\n\r\n"])
def test_what_is_no_http_is_said_to_be_none(scripted: Start, said: bytes):
    """Another program may have the port: what it says is no answer."""
    _, connection = scripted(said)

    with pytest.raises(BrokenAnswer):
        connection.request("GET", "/x", {}, None)


def test_nobody_listening_is_told_apart():
    """A port that nobody listens on refuses, so that a server can be started."""
    with socket.create_server((LOOPBACK, 0)) as unused:
        port = unused.getsockname()[1]

    with pytest.raises(ConnectionRefusedError):
        Connection(LOOPBACK, port, timeout_seconds=10).connect()


def test_a_header_holds_no_line_break():
    """A line break in a value would begin a header of somebody else's."""
    with socket.create_server((LOOPBACK, 0)) as server:
        connection = Connection(LOOPBACK, server.getsockname()[1], timeout_seconds=10)
        with pytest.raises(ValueError, match="line break"):
            connection.request("GET", "/x\r\nEvil: 1", {}, None)
        connection.close()
