"""
Start a launcher in the background: `python -I -S -X utf8 .../pipeyard/launcher/__main__.py HOME`.

In:       a home folder; `--digest TEXT`, `--log-check-seconds N`, `--no-mounts`, `--foreground`.
Out:      exit 0 when the launcher answers, 3 when another one serves this home, 1 with a sentence otherwise.
Not here: the launcher itself (`serve.py`).
"""

from __future__ import annotations

import contextlib
import os
import sys

_USAGE = "usage: __main__.py HOME [--digest TEXT] [--log-check-seconds N] [--no-mounts] [--foreground]"
_TAKEN = 3
_LOG_BYTES_MAX = 1 << 20


def main(arguments: list[str]) -> int:
    """Start the launcher; return the exit code."""
    options = {"--digest": "", "--log-check-seconds": "1"}
    switches = {"--foreground": False, "--no-mounts": False}
    homes = []
    rest = iter(arguments)
    for argument in rest:
        if argument in switches:
            switches[argument] = True
        elif argument in options:
            options[argument] = next(rest, "")
        else:
            homes.append(argument)
    if len(homes) != 1 or homes[0].startswith("-"):
        print(_USAGE, file=sys.stderr)
        return 2
    may_mount = not switches["--no-mounts"]
    if switches["--foreground"]:
        return _serve(homes[0], options, None, may_mount=may_mount)
    return _start_in_background(homes[0], options, may_mount=may_mount)


def _start_in_background(home: str, options: dict[str, str], *, may_mount: bool) -> int:
    ready_read, ready_write = os.pipe()
    if os.fork() == 0:
        os.close(ready_read)
        os.setsid()
        try:
            code = _serve(home, options, ready_write, may_mount=may_mount)
        except OSError as error:
            os.write(ready_write, f"the launcher could not start: {error}".encode())
            code = 1
        # Flushes nothing twice and runs nobody's exit handlers: this is a fork.
        os._exit(code)
    os.close(ready_write)
    with os.fdopen(ready_read, "rb") as pipe:
        said = pipe.read().decode()
    if said == "ready":
        return 0
    if said == "taken":
        return _TAKEN
    print(said or "the launcher ended while it started; see launcher/launcher.log", file=sys.stderr)
    return 1


def _serve(home: str, options: dict[str, str], ready_fd: int | None, *, may_mount: bool) -> int:
    from pipeyard.launcher import place  # noqa: PLC0415 - the path is known only now
    from pipeyard.launcher.serve import Launcher  # noqa: PLC0415

    here = place.LauncherPlace(home)
    here.prepare()
    lock = place.take_lock(here)
    if lock is None:
        _say(ready_fd, "taken")
        return _TAKEN
    if ready_fd is not None:
        _leave_caller(here.log, (lock, ready_fd))
    launcher = Launcher(
        here, digest=options["--digest"], may_mount=may_mount, log_check_seconds=float(options["--log-check-seconds"])
    )
    launcher.run(lambda: _say(ready_fd, "ready"))
    return 0


def _leave_caller(log_path: str, kept_fds: tuple[int, ...]) -> None:
    # The log is cut here, where nobody writes to it, and nowhere else.
    if os.path.exists(log_path) and os.path.getsize(log_path) > _LOG_BYTES_MAX:
        os.rename(log_path, log_path + ".old")
    log = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(nothing)
    os.close(log)
    # Not the folder that the first user happened to be in: it could then not be unmounted.
    os.chdir("/")
    # Nor any file or socket that it forgot to close.
    for name in os.listdir("/dev/fd"):
        if int(name) > 2 and int(name) not in kept_fds:  # noqa: PLR2004 - the standard three
            with contextlib.suppress(OSError):
                os.close(int(name))


def _say(fd: int | None, text: str) -> None:
    if fd is not None:
        os.write(fd, text.encode())
        os.close(fd)


if __name__ == "__main__":
    # Behind everything else, so that no installed package can stand in for a standard module.
    sys.path.append(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    sys.exit(main(sys.argv[1:]))
