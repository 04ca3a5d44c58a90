"""
Which processes exist, whose they are, and whether a number still means the same process.

In:       process numbers.
Out:      facts from `/proc`; without `/proc` only what signals can tell.
Not here: ending them (`attempts.py`, `recover.py`).
"""

from __future__ import annotations

import os
import signal

# A variable in the environment of every process of an attempt. Its value is the
# staging folder: unlike the attempt's id it differs between homes.
MARKER = "PIPEYARD_ATTEMPT_ROOT"


def boot_id() -> str:
    """Return a text that changes at each start of the machine; empty where there is none."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


def start_ticks(pid: int) -> int | None:
    """Return when a living process began, in clock ticks after boot; None if it ended or nothing can tell."""
    fields = _stat(pid)
    # A zombie has ended: it only waits to be asked for its exit code.
    return None if fields is None or fields[0] in (b"Z", b"X") else int(fields[19])


def is_same(pid: int, ticks: int | None) -> bool:
    """Tell whether *pid* is the process that began at *ticks*, still alive."""
    return ticks is not None and start_ticks(pid) == ticks


def session_of(pid: int) -> int | None:
    """Return the session of a process."""
    try:
        return os.getsid(pid)
    except OSError:
        return None


def attempt_root_of(pid: int) -> str | None:
    """Return the staging folder in a process's environment, if it is one of an attempt's and may be read."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            environment = file.read()
    except OSError:
        return None
    start = MARKER.encode() + b"="
    for entry in environment.split(b"\0"):
        if entry.startswith(start):
            return os.fsdecode(entry[len(start) :])
    return None


def own_children() -> list[int]:
    """Return the direct children of this single-threaded process, zombies included."""
    me = os.getpid()
    try:
        return [int(text) for text in _content(f"/proc/self/task/{me}/children").split()]
    except OSError:
        # A kernel without that file, or no /proc at all.
        return [pid for pid in all_processes() if (_stat(pid) or (b"", b"-1"))[1] == str(me).encode()]


def all_processes() -> list[int]:
    """Return every process number that can be seen; none without `/proc`."""
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdecimal()]
    except OSError:
        return []


def send_signal(pid: int, number: int) -> None:
    """Signal one process; one that is gone, or became another user's, is left alone."""
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def send_group_signal(group: int, number: int) -> None:
    """Signal a process group; one that is gone, or not there yet, is signalled as a process."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        send_signal(group, number)
    except PermissionError:
        return


def signal_name(number: int) -> str:
    """Return `SIGKILL` for 9; a number without a name as `SIG35`."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"


def _stat(pid: int) -> list[bytes] | None:
    # The fields after the program's name, which itself may hold blanks and brackets: state is 0, parent 1, start 19.
    try:
        return _content(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    except OSError:
        return None


def _content(path: str) -> bytes:
    # Not `open`: that asks five more things of a file, each a call of the system, at each step's start and end.
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        content = b""
        while piece := os.read(fd, 1 << 16):
            content += piece
    finally:
        os.close(fd)
    return content
