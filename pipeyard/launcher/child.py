"""
What happens in a forked child, from the fork to the command.

In:       an order; two pipes to the launcher.
Out:      the user's command in this process, or a refusal on the status pipe.
Not here: the parent's side (`attempts.py`).

The one boundary between our code and the user's: everything that goes wrong up to
`execve` is a refusal, everything after it is the command's own outcome.

Invariant: nothing is touched before the parent has written the record of this
process. If the parent dies first, the child ends.
"""

from __future__ import annotations

import gc
import json
import os
import signal

from pipeyard.launcher import container as containers
from pipeyard.launcher import process, sandbox, staging
from pipeyard.launcher.order import WORKING_DIR, Order
from pipeyard.launcher.refusal import Refusal, refusal_of

# Signals for which the launcher has a handler.
_CAUGHT = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT)
# Those and what Python, the launcher or a shell's `&` ignores; ignored signals would stay ignored in the command.
_CHANGED = (*_CAUGHT, signal.SIGHUP, signal.SIGPIPE, signal.SIGQUIT, signal.SIGXFSZ)
SHELLS = ("/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash", "/run/current-system/sw/bin/bash")


def fork_quiet(kept_fds: tuple[int, ...]) -> int:
    """
    Fork; the child has no signal handlers and no descriptors but 0, 1, 2 and *kept_fds*.

    Without that a child that still copies data would hold the launcher's lock and
    its servers' sockets after the launcher has died.
    """
    # A signal between the fork and the reset would wake the parent through the pipe that both share.
    signal.pthread_sigmask(signal.SIG_BLOCK, _CAUGHT)
    try:
        pid = os.fork()
        if pid == 0:
            gc.disable()
            _reset_signals()
            _close_all_but(kept_fds)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
    return pid


def run_child(order: Order, root: str, go_fd: int, status_fd: int, *, mount_way: str, open_files_max: int) -> None:
    """Become the command. Does not return."""
    try:
        os.setsid()
        os.umask(0o022)
        if os.read(go_fd, 1) == b"":
            os._exit(1)
        os.close(go_fd)
        container = order.container
        binder = None if container is None else containers.Binder()
        ways = staging.stage(order, root, mount_way, binder)
        if container is not None and binder is not None:
            os.close(staging.open_log(order.log))
            containers.create(container, root, order.log, binder.options)
        _redirect(order)
        _tell(status_fd, {"ways": ways})
        _execute(order, root, ways, open_files_max)
    except Refusal as refusal:
        _tell(status_fd, {"code": refusal.code, "message": refusal.message})
    except BaseException as error:  # noqa: BLE001 - the boundary: whatever it was becomes a refusal
        _tell(status_fd, {"code": "staging-failed", "message": f"{type(error).__name__}: {error}"[:4000]})
    finally:
        os._exit(127)


def _redirect(order: Order) -> None:
    log = staging.open_log(order.log)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(nothing)
    os.close(log)


def _execute(order: Order, root: str, ways: dict[str, str], open_files_max: int) -> None:
    programs, arguments, environment = command_of(order, root, ways)
    _limit_open_files(open_files_max)
    bind_to_cpus(order.cpus)
    try:
        os.chdir(os.path.join(root, WORKING_DIR))
        for program in programs:
            try:
                os.execve(program, arguments, environment)  # noqa: S606 - the shell is the contract
            except FileNotFoundError:
                continue
    except OSError as error:
        raise refusal_of(error, "start the command") from error
    raise no_shell(order)


def command_of(
    order: Order, root: str, ways: dict[str, str]
) -> tuple[tuple[str, ...], list[bytes], dict[bytes, bytes]]:
    """Return what may be executed, the first that is there; with which arguments and variables."""
    container = order.container
    if container is not None:
        start = [os.fsencode(word) for word in container.start]
        return (container.start[0],), start, containers.program_environment(container, root)
    environment = command_environment(order, root)
    if order.sandbox is not None:
        shell = next((shell for shell in SHELLS if os.path.exists(shell)), SHELLS[0])
        words = [*sandbox.prefix(order.sandbox, order, root, ways), shell, "-c", order.command]
        return (order.sandbox.program,), [os.fsencode(word) for word in words], environment
    return SHELLS, [b"/bin/bash", b"-c", os.fsencode(order.command)], environment


def no_shell(order: Order) -> Refusal:
    """Return the refusal for a machine that lacks the program to start."""
    if order.container is not None:
        return Refusal("container-runtime", f"could not start the container: there is no `{order.container.start[0]}`")
    if order.sandbox is not None:
        return Refusal("no-sandbox", f"could not start the command: there is no `{order.sandbox.program}`")
    return Refusal("no-shell", "could not start the command: this machine has no bash")


def command_environment(order: Order, root: str) -> dict[bytes, bytes]:
    """Return the variables of a command, and the one by which its processes are known."""
    environment = {os.fsencode(name): os.fsencode(value) for name, value in order.environment.items()}
    environment[process.MARKER.encode()] = os.fsencode(root)
    return environment


def _limit_open_files(soft: int) -> None:
    import resource  # noqa: PLC0415 - already loaded by the parent; not there on every platform

    # The launcher raised its own limit; programs that use `select` rely on the usual one.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def bind_to_cpus(cpus: list[int]) -> None:
    """Let this process, and what it starts from now on, use these CPUs only; none: leave it as it is."""
    if not cpus or not hasattr(os, "sched_setaffinity"):
        return
    # A CPU may have been taken away since it was counted; then the command has those that are left.
    allowed = os.sched_getaffinity(0).intersection(cpus)
    if allowed:
        os.sched_setaffinity(0, allowed)


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in _CHANGED:
        signal.signal(number, signal.SIG_DFL)


def _close_all_but(kept: tuple[int, ...]) -> None:
    folder = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"
    for name in os.listdir(folder):
        fd = int(name)
        if fd > 2 and fd not in kept:  # noqa: PLR2004 - the standard three
            try:
                os.close(fd)
            except OSError:
                continue  # The one that listed the folder.


def _tell(fd: int, message: dict[str, object]) -> None:
    os.write(fd, json.dumps(message).encode() + b"\n")
