"""
Find the home's server, start it when nobody answers, replace it when it is older.

In:       the home.
Out:      a connection to a server that speaks our version of the API.
Not here: the server itself (`app.py`), the calls (`workspace.py`).

Two commands may find nobody at the same moment: each starts a server, the lock in the
home lets one of them live, and both commands end up talking to that one.
"""

from __future__ import annotations

import json
import os
import select
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pipeyard import API_VERSION, __version__
from pipeyard.client.home import HOME_VARIABLE, ServerNote, read_server_note, read_token
from pipeyard.client.http import Http
from pipeyard.client.workspace import Workspace
from pipeyard.model.errors import NotAllowed, OutsideError, PipeyardError

Notify = Callable[[str], None]

# Code that a server reports when another one holds the home's lock.
HOME_IN_USE = "home-in-use"
_START_SECONDS_MAX = 60.0
_STOP_SECONDS_MAX = 30.0
_LOOK_AGAIN_SECONDS = 0.02
_LOCK_AGAIN_SECONDS = 2.0

# Not `-m`: that would let a file in the working folder stand in for a library.
_PROGRAM = "import sys; sys.path[:] = [p for p in sys.path if p]; from pipeyard.cli.entry import main; sys.exit(main())"


def find_server(home: Path) -> Workspace | None:
    """Return a connection to the home's server if one answers; never starts one."""
    note = read_server_note(home)
    return None if note is None else _connect(home, note)


def was_killed(home: Path) -> bool:
    """Return whether the last server is gone without having ended: one that ends takes its note back."""
    note = read_server_note(home)
    return note is not None and not _is_alive(note.pid)


def ensure_server(home: Path, notify: Notify) -> Workspace:
    """Return a connection to a server of a fitting version, started now if need be."""
    note = read_server_note(home)
    found = None if note is None else _connect(home, note)
    if note is None or found is None:
        return start_server(home, notify)
    if note.version == __version__:
        return found
    return _settle_versions(home, note, found, notify)


def start_server(home: Path, notify: Notify) -> Workspace:
    """Start a server in the background and return a connection once it answers."""
    notify(f"Starting the local server (home: {home})")
    deadline = time.monotonic() + _START_SECONDS_MAX
    while time.monotonic() < deadline:
        problem = _spawn(home).get("error")
        if problem is not None and problem.get("code") != HOME_IN_USE:
            raise _error_from(problem)
        # Whoever lost the race for the lock waits for the winner. The holder may also
        # be a server on its way out, so after a while the lock is tried again.
        found = _await_server(home, _LOCK_AGAIN_SECONDS)
        if found is not None:
            return found
    raise OutsideError(
        f"another server holds the home `{home}` and does not answer",
        code="server-silent",
        hint="two servers cannot share one home; look at it with: pipeyard server status",
    )


def stop_server(home: Path) -> int | None:
    """Ask the home's server to end and wait until it is gone; return how many steps go on, None when none ran."""
    note = read_server_note(home)
    found = None if note is None else _connect(home, note)
    if note is None or found is None:
        return None
    running = _running_steps(found)
    _shut_down(home, note, found)
    return running


def _running_steps(found: Workspace) -> int:
    try:
        return int(found.health().get("running_attempts") or 0)
    except OutsideError:
        # It is to be stopped all the same.
        return 0


def is_older(version: str, than: str) -> bool:
    """Return whether one dotted version comes before another; suffixes do not count."""
    return _numbers(version) < _numbers(than)


def _numbers(version: str) -> tuple[int, ...]:
    numbers = []
    for part in version.split("."):
        digits = "".join(character for character in part if character.isdigit())
        if not part[:1].isdigit():
            break
        numbers.append(int(digits))
    return tuple(numbers)


def _connect(home: Path, note: ServerNote) -> Workspace | None:
    if not _is_alive(note.pid):
        # The port may belong to another program by now: do not send it the token.
        return None
    http = Http(note.port, read_token(home))
    try:
        http.connect()
    except OSError:
        return None
    return Workspace(http)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        # It exists and belongs to somebody else; the connection decides.
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    # In a container whose first process reaps nobody, a server that ended stays listed.
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return False
    return text.rpartition(b")")[2].split()[:1] == [b"Z"]


def _settle_versions(home: Path, note: ServerNote, found: Workspace, notify: Notify) -> Workspace:
    if not is_older(note.version, __version__):
        if note.api_version == API_VERSION:
            return found
        raise OutsideError(
            f"the running server is version {note.version}, newer than this command line ({__version__})",
            code="server-newer",
            hint="upgrade pipeyard here as well, or set PIPEYARD_HOME to another folder",
        )
    busy = int(found.health().get("active_jobs") or 0)
    if busy == 0:
        notify(f"Restarting the local server: it is version {note.version}, this is {__version__}")
        _shut_down(home, note, found)
        return start_server(home, notify)
    if note.api_version == API_VERSION:
        notify(
            f"The local server is still version {note.version} (this is {__version__}) and is running {_jobs(busy)}; "
            "it is replaced when they have ended"
        )
        return found
    raise OutsideError(
        f"the running server is version {note.version}, too old for this command line ({__version__}), "
        f"and is running {_jobs(busy)}",
        code="server-older",
        hint="wait for them to end, or stop the server (steps go on without it): pipeyard server stop",
        may_retry=True,
    )


def _jobs(count: int) -> str:
    return "1 job" if count == 1 else f"{count} jobs"


def _shut_down(home: Path, note: ServerNote, found: Workspace) -> None:
    try:
        found.shutdown()
    except OutsideError as error:
        # It may end before its answer is out.
        if error.code != "server-unreachable":
            raise
    found.http.close()
    deadline = time.monotonic() + _STOP_SECONDS_MAX
    while time.monotonic() < deadline:
        current = read_server_note(home)
        if not _is_alive(note.pid) or (current is not None and current.pid != note.pid):
            return
        time.sleep(_LOOK_AGAIN_SECONDS)
    raise OutsideError(
        f"the server (process {note.pid}) was asked to stop and is still there after {_STOP_SECONDS_MAX:.0f} seconds",
        code="server-silent",
        hint=f"its log is `{home / 'server.log'}`",
    )


def _spawn(home: Path) -> Mapping[str, Any]:
    _make_home(home)
    # Imported here: most commands find a server.
    import subprocess  # noqa: PLC0415

    readable, writable = os.pipe()
    try:
        with (home / "server.log").open("ab") as log:
            subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, "server", "run", "--ready-fd", str(writable)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=home,
                env={**os.environ, HOME_VARIABLE: str(home)},
                pass_fds=[writable],
                # The job goes on when the terminal closes.
                start_new_session=True,
            )
        os.close(writable)
        writable = -1
        return _read_verdict(home, readable)
    except OSError as error:
        raise OutsideError(
            f"the server cannot be started: {error.strerror or error}", code="server-not-started"
        ) from error
    finally:
        os.close(readable)
        if writable >= 0:
            os.close(writable)


def _make_home(home: Path) -> None:
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        writable = os.access(home, os.W_OK | os.X_OK)
    except (FileExistsError, NotADirectoryError) as error:
        raise NotAllowed(f"the home `{home}` is not a folder", code="home-not-writable", hint=_HOME_HINT) from error
    except OSError as error:
        raise _home_not_writable(home, error.strerror) from error
    if not writable:
        raise _home_not_writable(home, "permission denied")


_HOME_HINT = f"set {HOME_VARIABLE} to a folder that you may write to"


def _home_not_writable(home: Path, reason: str | None) -> NotAllowed:
    return NotAllowed(f"the home `{home}` cannot be written: {reason}", code="home-not-writable", hint=_HOME_HINT)


def _read_verdict(home: Path, readable: int) -> Mapping[str, Any]:
    deadline = time.monotonic() + _START_SECONDS_MAX
    text = b""
    while not text.endswith(b"\n"):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([readable], [], [], left)[0]:
            raise OutsideError(
                f"the server did not come up within {_START_SECONDS_MAX:.0f} seconds",
                code="server-not-started",
                hint=f"its log is `{home / 'server.log'}`",
            )
        piece = os.read(readable, 65536)
        if not piece:
            raise _died(home)
        text += piece
    verdict = json.loads(text)
    return verdict if isinstance(verdict, dict) else {}


def _died(home: Path) -> OutsideError:
    log = home / "server.log"
    return OutsideError(
        f"the server ended while it was starting; the last it said: {_last_line(log)}",
        code="server-not-started",
        hint=f"its log is `{log}`; `pipeyard server run` shows it live",
    )


def _last_line(log: Path) -> str:
    try:
        lines = log.read_bytes()[-4096:].decode("utf-8", "replace").strip().splitlines()
    except OSError:
        return "(nothing)"
    return lines[-1] if lines else "(nothing)"


def _error_from(problem: Mapping[str, Any]) -> PipeyardError:
    return OutsideError(str(problem.get("message")), code=problem.get("code"), hint=problem.get("hint"))


def _await_server(home: Path, seconds: float) -> Workspace | None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = find_server(home)
        if found is not None:
            return found
        time.sleep(_LOOK_AGAIN_SECONDS)
    return None
