"""
The server's port on the loopback, the same at every start as long as that is possible.

In:       what the user asked for, and the port of last time.
Out:      a socket that listens.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pipeyard.model.errors import Conflict, OutsideError
from pipeyard.server.home import write_whole

ADDRESS = "127.0.0.1"
_BACKLOG = 256
_PORT_MAX = 65535


def open_port(
    home: Path, wanted: int | None, *, is_idle: Callable[[], bool], notice: Callable[[str], None]
) -> socket.socket:
    """
    Return a listening socket on the wanted port, the kept one, or a free one.

    A free one is kept for the next time when nothing runs; while a job runs, its steps
    know the earlier address, and the next start tries that again.
    """
    if wanted is not None:
        found = _listen(wanted)
        if found is None:
            raise Conflict(
                f"port {wanted} is in use by another program",
                code="port-in-use",
                hint="choose another one with --port, or leave it out",
            )
        _keep(home, found)
        return found
    kept = _kept(home)
    found = _listen(kept) if kept is not None else None
    if found is not None:
        return found
    found = _listen(0)
    if found is None:
        raise OutsideError(f"no port on {ADDRESS} can be opened", code="no-port")
    if kept is not None:
        notice(f"port {kept} is in use by another program; this server is on {port_of(found)} now")
    if kept is None or is_idle():
        _keep(home, found)
    return found


def port_of(listener: socket.socket) -> int:
    """Return the port of a listening socket."""
    return int(listener.getsockname()[1])


def _listen(port: int) -> socket.socket | None:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # A port that was closed a moment ago counts as free; one that somebody listens on does not.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Inherited by the connections: small answers leave at once.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((ADDRESS, port))
        listener.listen(_BACKLOG)
    except OSError as problem:
        listener.close()
        if problem.errno == errno.EADDRINUSE:
            return None
        raise OutsideError(f"port {port} cannot be opened: {problem.strerror}", code="no-port") from problem
    listener.setblocking(False)  # noqa: FBT003 - the standard library's signature.
    return listener


def _kept(home: Path) -> int | None:
    with suppress(OSError, ValueError):
        port = int((home / "port").read_text("ascii"))
        return port if 0 < port <= _PORT_MAX else None
    return None


def _keep(home: Path, listener: socket.socket) -> None:
    write_whole(home / "port", f"{port_of(listener)}\n")
