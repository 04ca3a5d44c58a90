"""
A command in a container, as the launcher sees it: a program that makes one, one that runs it, one that asks about it.

In:       the container part of an order; an attempt's folder.
Out:      a created container; afterwards how it ended.
Not here: what docker and podman want to hear (the order brings whole command lines),
          removing containers (`keeper.py`).

The container is created by the forked child, which then becomes `start --attach`: it ends
when the container ends, and what docker or podman have to say is in the log that the
command writes too. What counts at the end is the exit code that the command's own script has left in a file;
docker or podman are asked only when there is none.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import time

from pipeyard.launcher import mounts, process
from pipeyard.launcher.refusal import Refusal, refusal_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipeyard.launcher.order import ContainerOrder

# What lies in an attempt's folder for its container.
FOLDER = "container"
SCRIPT = f"{FOLDER}/run.sh"
EXIT_CODE = f"{FOLDER}/exit_code"
LOG = f"{FOLDER}/log"
# Is there once the script runs.
BEGUN = f"{FOLDER}/begun"
# Is there once the command was asked to end.
STOP = f"{FOLDER}/stop"
# The process that podman leaves behind to watch the container.
MONITOR = f"{FOLDER}/monitor.pid"

_CREATE_SECONDS_MAX = 120.0
_ASK_SECONDS_MAX = 30.0
_TEXT_BYTES_MAX = 1 << 16
_TAIL_BYTES = 2048
# Ended by SIGKILL; and what docker and podman end with when they failed themselves.
_KILLED, _UNKNOWN = 137, 125


class Binder:
    """Stands in for `mounts` while inputs are put in place: what shall be mounted is only remembered."""

    def __init__(self) -> None:
        self.options: list[str] = []

    def bind(self, source: str, target: str, *, is_read_only: bool) -> None:
        """Remember a mount, and make the place for it."""
        mounts.make_mount_point(source, target)
        # Docker takes no links for sources.
        self.options += mount_option(os.path.realpath(source), target, is_read_only=is_read_only)

    def unbind_only(self, target: str) -> None:
        """Nothing was mounted."""

    def unbind(self, target: str) -> None:
        """Nothing was mounted."""


def mount_option(source: str, target: str, *, is_read_only: bool) -> list[str]:
    """Return the option that shows *source* at *target*. Its value is one line of comma-separated values."""
    parts = ["type=bind", _quoted(f"source={source}"), _quoted(f"target={target}")]
    return ["--mount", ",".join([*parts, *(["readonly"] if is_read_only else [])])]


def create(container: ContainerOrder, root: str, log: str, mounted: list[str]) -> None:
    """Make the container, not started yet; its log must be there. Raises `Refusal`."""
    try:
        os.makedirs(os.path.join(root, FOLDER), exist_ok=True)
        _write_new(os.path.join(root, SCRIPT), os.fsencode(container.script))
        # Written to directly: through docker or podman the two streams would not stay in order.
        mounted = [*mounted, *mount_option(os.path.realpath(log), os.path.join(root, LOG), is_read_only=False)]
        for folder in container.writable:
            os.makedirs(folder, exist_ok=True)
            mounted += mount_option(os.path.realpath(folder), folder, is_read_only=False)
    except OSError as error:
        raise refusal_of(error, "prepare the container") from error
    argv = [*container.create, *mounted, *container.create_rest]
    status, text = run(argv, program_environment(container, root), _CREATE_SECONDS_MAX)
    if status is None:
        raise Refusal("container-runtime", f"`{argv[0]} create` did not answer for {_CREATE_SECONDS_MAX:.0f} seconds")
    if status != 0:
        raise Refusal("container-failed", f"the container of image `{container.image}` could not be made: {said(text)}")


def program_environment(container: ContainerOrder, root: str) -> dict[bytes, bytes]:
    """Return the variables of docker or podman themselves, and the one by which the attempt's processes are known."""
    environment = {os.fsencode(name): os.fsencode(value) for name, value in container.environment.items()}
    environment[process.MARKER.encode()] = os.fsencode(root)
    return environment


def exit_code_of(root: str) -> int | None:
    """Return the exit code that the command's script has left; None if it came to no end."""
    words = _told(root)
    return int(words[0]) if words else None


def take_end(container: ContainerOrder, root: str) -> dict[str, object] | None:
    """Return what the command's script has left for the record; None if it came to no end."""
    words = _told(root)
    if not words:
        return None
    return {"exit_code": int(words[0]), **(_out_of_memory(container) if "oom" in words else {})}


def _told(root: str) -> list[str]:
    try:
        with open(os.path.join(root, EXIT_CODE), encoding="ascii") as file:
            words = file.read().split()
    except (OSError, ValueError):
        return []
    return words if words and words[0].isdecimal() else []


def leave(container: ContainerOrder) -> None:
    """Remove folders that were made for the command and that it did not use."""
    for folder in container.writable:
        with contextlib.suppress(OSError):
            os.rmdir(folder)


def ask_end(container: ContainerOrder, root: str, log: str, *, is_stopping: bool) -> dict[str, object]:
    """Return what is to be added to the record of an attempt whose container is not (seen to be) at a plain end."""
    told = take_end(container, root)
    if told is not None:
        return told
    status, text = run(container.inspect, program_environment(container, root), _ASK_SECONDS_MAX)
    state = _object(text) if status == 0 else None
    if state is None:
        why = said(text) if status is not None else f"no answer for {_ASK_SECONDS_MAX:.0f} seconds"
        program = os.path.basename(container.inspect[0])
        return _reason("container-runtime", f"{program} cannot say how the container ended: {why}; {_last_line(log)}")
    # Killed at the wrong moment, podman has not noted yet that it started the container.
    is_unseen = _was_never_started(state) and os.path.exists(os.path.join(root, BEGUN))
    if state.get("Running") is True or is_unseen:
        run(container.kill, program_environment(container, root), _ASK_SECONDS_MAX)
        if is_stopping:
            return {}
        program = os.path.basename(container.start[0])
        return _reason(
            "container-runtime", f"{program} lost sight of the container, which was stopped; {_last_line(log)}"
        )
    return _ended(container, state, log, is_stopping=is_stopping)


def _ended(container: ContainerOrder, state: dict[str, object], log: str, *, is_stopping: bool) -> dict[str, object]:
    code = state.get("ExitCode")
    if state.get("OOMKilled") is True:
        return {"exit_code": code or _KILLED, **_out_of_memory(container)}
    if _was_never_started(state) or state.get("Error"):
        why = str(state.get("Error") or "") or _last_line(log)
        return _reason("container-failed", f"the container of image `{container.image}` could not be started: {why}")
    if code == _KILLED and not is_stopping:
        return {
            "exit_code": code,
            **_reason("killed", "its container was killed; perhaps the machine's memory was used up"),
        }
    # The command's script leaves its exit code before it ends: without it there was no good end, whatever is said.
    return {"exit_code": code} if code else {}


def _was_never_started(state: dict[str, object]) -> bool:
    return str(state.get("StartedAt", "0001")).startswith("0001")


def without_end(program_code: object, *, is_stopping: bool) -> dict[str, object]:
    """Return what is recorded when nobody can say how the command ended; *program_code* is the runtime's own."""
    if program_code != 0:
        return {}
    if is_stopping:
        return {"exit_code": _KILLED}
    return {"exit_code": _UNKNOWN, **_reason("container-runtime", "its container ended, and nobody knows how")}


def _out_of_memory(container: ContainerOrder) -> dict[str, object]:
    return _reason(
        "out-of-memory",
        f"a process in the container of image `{container.image}` was ended because the memory of its compute was used up",
    )


def _reason(code: str, text: str) -> dict[str, object]:
    return {"code": code, "reason": text[:4000]}


def run(argv: list[str], environment: dict[bytes, bytes], seconds_max: float) -> tuple[int | None, str]:
    """Run a program to its end; return its exit code, None if it took too long, and what it printed."""
    read, write = os.pipe()
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, write, 1),
        (os.POSIX_SPAWN_DUP2, write, 2),
    ]
    try:
        pid = os.posix_spawn(argv[0], [os.fsencode(word) for word in argv], environment, file_actions=actions)
    except OSError as error:
        os.close(read)
        return 127, f"{argv[0]}: {error.strerror}"
    finally:
        os.close(write)
    try:
        data, is_late = _read_all(read, time.monotonic() + seconds_max)
    finally:
        os.close(read)
    if is_late:
        process.send_signal(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    return None if is_late else os.waitstatus_to_exitcode(status), data.decode("utf-8", "replace")


def _read_all(fd: int, deadline: float) -> tuple[bytes, bool]:
    data = b""
    while True:
        if not select.select([fd], [], [], max(0.0, deadline - time.monotonic()))[0]:
            return data, True
        chunk = os.read(fd, _TEXT_BYTES_MAX)
        if not chunk:
            return data, False
        data = (data + chunk)[-_TEXT_BYTES_MAX:]


def said(text: str) -> str:
    """Return what docker or podman mean, without the times and levels that they put before it."""
    lines = [line.strip() for line in text.splitlines()]
    plain = [line for line in lines if line and not line.startswith("time=")]
    errors = [line for line in plain if line.lower().startswith("error")]
    chosen = errors or plain[-3:] or lines[-1:]
    return " ".join(line.removeprefix("Error: ").removeprefix("Error response from daemon: ") for line in chosen)[:2000]


def _last_line(log: str) -> str:
    try:
        with open(log, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return "its log cannot be read"
    return said(text) or "it printed nothing"


def _object(text: str) -> dict[str, object] | None:
    # A warning may stand before it.
    for line in reversed(text.splitlines()):
        with contextlib.suppress(ValueError):
            value = json.loads(line)
            if isinstance(value, dict):
                return value
    return None


def _quoted(text: str) -> str:
    # As in a file of comma-separated values, which is how both programs read it.
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in ',"\n\r') else text


def _write_new(path: str, data: bytes) -> None:
    # For its owner only: there are tokens in it.
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(data)
