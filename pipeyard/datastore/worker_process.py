"""
Inside the template process and the workers that are forked from it.

In:       requests of `template.py` on a socket, and calls of `pool.py` on a pipe each.
Out:      workers that have loaded all of their code before they exist; answers to calls.
Not here: what a call does (`worker.py`, `remote/work.py` and their like).

The template loads our code once, when the server has just started, and has no threads, so
it can be forked safely. Files that are replaced later, by an upgrade, are never read.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import struct
import threading
from importlib import import_module
from multiprocessing.connection import Connection
from pickle import PicklingError

from pipeyard import __version__

# What calls name, directly or not. Libraries of others are left to the workers that need them.
MODULES = (
    "pipeyard.datastore.worker",
    "pipeyard.datastore.assemble",
    "pipeyard.datastore.original",
    "pipeyard.datastore.seen",
    "pipeyard.datastore.remote.work",
    "pipeyard.datastore.remote.store",
    "pipeyard.datastore.table_source",
    "pipeyard.datastore.table_read",
)

# What is asked of the template: one letter and the worker meant, if one is.
REQUEST = struct.Struct("!ci")
FORK, REAP = b"f", b"r"
# The new worker's process id, or an errno below zero; of a dead one, how it ended as `waitpid` says it.
ANSWER = struct.Struct("!i")

# What a worker says of a call: it went well, it raised, it could not even be read.
DONE, RAISED, UNREADABLE = "done", "raised", "unreadable"
READY = "ready"


def load() -> None:
    """Load everything that a worker will need of ours."""
    # Ctrl-C at a terminal reaches the whole process group; the server alone decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for module in MODULES:
        import_module(module)
    # What is loaded stays; a worker that collects rubbish need not look at it.
    gc.freeze()


def serve_template(control_fd: int, life_fd: int) -> None:
    """Say which version was loaded, then fork workers until the server is gone."""
    control = socket.socket(fileno=control_fd)
    control.sendall(f"{__version__}\n".encode())
    while True:
        request, fds, _, _ = socket.recv_fds(control, REQUEST.size, 1)
        if len(request) < REQUEST.size:
            return
        kind, pid = REQUEST.unpack(request)
        answer = _fork(control, fds[0], life_fd) if kind == FORK else _reap(pid)
        control.sendall(ANSWER.pack(answer))


def _fork(control: socket.socket, pipe_fd: int, life_fd: int) -> int:
    try:
        pid = os.fork()
    except OSError as problem:
        os.close(pipe_fd)
        return -(problem.errno or 1)
    if pid == 0:
        try:
            control.close()
            _work(Connection(pipe_fd), life_fd)
        finally:
            os._exit(0)
    os.close(pipe_fd)
    return pid


def _reap(pid: int) -> int:
    try:
        return os.waitpid(pid, 0)[1]
    except ChildProcessError:
        return 0


def _work(pipe: Connection, life_fd: int) -> None:
    """Answer calls until there can be none any more."""
    threading.Thread(target=_end_with_server, args=(life_fd,), daemon=True).start()
    pipe.send(READY)
    while True:
        try:
            function, args, kwargs = pipe.recv()
        except (EOFError, OSError):
            return
        except Exception as problem:  # noqa: BLE001 - whatever loading a call raises, the server is told
            pipe.send((UNREADABLE, f"{type(problem).__name__}: {problem}"))
            continue
        try:
            answer = (DONE, function(*args, **kwargs))
        except Exception as problem:  # noqa: BLE001 - whatever it was is raised again where the call was made
            answer = (RAISED, problem)
        try:
            pipe.send(answer)
        except (TypeError, ValueError, AttributeError, PicklingError) as problem:
            pipe.send((RAISED, TypeError(f"a worker's answer cannot be sent: {problem}")))


def _end_with_server(life_fd: int) -> None:
    """A killed server cannot end its workers while they are busy."""
    while os.read(life_fd, 1):
        # Nobody ever writes; the end of the server is the end of the file.
        pass
    os._exit(1)
