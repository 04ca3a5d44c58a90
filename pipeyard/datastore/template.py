"""
The template process: our code, loaded once, and forked for each worker.

In:       wishes for a worker.
Out:      a process id and a pipe to it; how a worker ended.
Not here: who works when (`pool.py`), the process itself (`worker_process.py`).

Invariant: a worker runs the code that the server runs. If the template is lost, another one
is started only from files that are still the same.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path

import pipeyard
from pipeyard import __version__
from pipeyard.datastore import worker_process
from pipeyard.datastore.worker_process import ANSWER, FORK, REAP, REQUEST
from pipeyard.model.errors import NoWorkers

# Says on the socket what kept it from loading: the server cannot see it otherwise.
_CODE = f"""
import json, os, sys
sys.path[:] = json.loads(sys.argv[1])
control, life = int(sys.argv[2]), int(sys.argv[3])
try:
    from {worker_process.__name__} import load, serve_template
    load()
except BaseException as problem:
    os.write(control, ascii(f"!{{type(problem).__name__}}: {{problem}}")[1:-1].encode() + b"\\n")
else:
    serve_template(control, life)
"""
# Of a machine that is very busy.
_START_SECONDS_MAX = 60.0
_FOLDER = Path(pipeyard.__file__).parent
_LOADED = ("__init__.py", "ports.py", "model/**/*.py", "datastore/**/*.py", "spec/**/*.py")
_LINE_BYTES_MAX = 4000


class Template:
    """Starts the template when first asked and again when it was lost. May be used by several threads."""

    def __init__(self, python: str = sys.executable) -> None:
        """Start nothing yet."""
        self._python = python
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket
        # Held open as long as this process lives: its end is what workers notice.
        self._life: int
        self._digest: str | None = None

    def fork(self) -> tuple[int, Connection]:
        """Return a new worker's process id and the pipe to it. Raises `NoWorkers` if there can be none."""
        with self._lock:
            ours, theirs = socket.socketpair()
            try:
                pid = self._ask_for_fork(theirs.fileno())
            except BaseException:
                ours.close()
                raise
            finally:
                theirs.close()
        return pid, Connection(ours.detach())

    def reap(self, pid: int) -> int | None:
        """Wait for a worker's end, which is near; return how it ended (as `waitpid`), None if nobody knows."""
        with self._lock:
            if self._process is None:
                return None
            try:
                return self._ask(REAP, pid)
            except OSError:
                # Whoever wants a worker next starts another template.
                self._drop()
                return None

    def close(self) -> None:
        """End it, and with it the workers."""
        with self._lock:
            self._drop()

    def _ask_for_fork(self, fd: int) -> int:
        for is_last in (False, True):
            if self._process is None:
                self._start()
            try:
                pid = self._ask(FORK, 0, fd)
            except OSError as problem:
                self._drop()
                if is_last:
                    raise NoWorkers(f"the template of the worker processes ended: {problem}") from problem
                continue
            if pid > 0:
                return pid
            raise NoWorkers(f"a worker process could not be started: {os.strerror(-pid)}")
        raise NoWorkers("the template of the worker processes ended")

    def _ask(self, kind: bytes, pid: int, *fds: int) -> int:
        socket.send_fds(self._control, [REQUEST.pack(kind, pid)], list(fds))
        data = self._control.recv(ANSWER.size, socket.MSG_WAITALL)
        if len(data) < ANSWER.size:
            raise ConnectionError("it closed its socket")
        answer: int = ANSWER.unpack(data)[0]
        return answer

    def _start(self) -> None:
        """Start it and wait until it has loaded everything."""
        try:
            self._refuse_other_code()
            self._open()
            self._hear_version()
        except (OSError, ValueError) as problem:
            self._drop()
            raise NoWorkers(f"the worker processes could not be started: {problem}") from problem
        except BaseException:
            self._drop()
            raise

    def _refuse_other_code(self) -> None:
        digest = _code_digest()
        if self._digest is None:
            self._digest = digest
        if self._digest != digest:
            raise NoWorkers("Pipeyard's own files were changed since the server started, so it can start no workers")

    def _open(self) -> None:
        self._control, theirs = socket.socketpair()
        self._control.settimeout(_START_SECONDS_MAX)
        life, self._life = os.pipe()
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [self._python, "-c", _CODE, json.dumps(sys.path), str(theirs.fileno()), str(life)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(), life),
                )
            except OSError:
                self._control.close()
                os.close(self._life)
                raise
            finally:
                os.close(life)

    def _hear_version(self) -> None:
        said = self._hear_line()
        if not said or said.startswith("!"):
            raise NoWorkers(
                f"the worker processes could not load their code: {said[1:] or 'see the log of the server'}"
            )
        if said != __version__:
            raise NoWorkers(f"the files are those of Pipeyard {said}, the server is {__version__}")
        self._control.settimeout(None)

    def _hear_line(self) -> str:
        line = b""
        while not line.endswith(b"\n") and len(line) < _LINE_BYTES_MAX:
            some = self._control.recv(1)
            if not some:
                break
            line += some
        return line.decode(errors="replace").strip()

    def _drop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        self._control.close()
        os.close(self._life)
        with suppress(OSError):
            process.kill()
        process.wait()


@cache
def shared_template() -> Template:
    """Return the template that all pools of this process share."""
    template = Template()
    atexit.register(template.close)
    return template


def _code_digest() -> str:
    """Return the digest of the files that a worker may load."""
    digest = hashlib.sha256()
    for pattern in _LOADED:
        for path in sorted(_FOLDER.glob(pattern)):
            digest.update(str(path).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
