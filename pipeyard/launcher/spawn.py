"""
The quick way to start a command: no copy of the launcher is made.

In:       an order whose preparation takes no time: folders and binds, nothing to copy.
Out:      the running command, or a refusal.
Not here: orders that copy code or data (`child.py`: a fork does that while others start).

A fork copies the launcher's page tables and then page after page, which costs more than
the shell that follows. Here the launcher takes the few steps itself and calls
`posix_spawn`, which shares its memory with the new process until that is the command.

Invariant: the record of the attempt is on disk before the command exists. It names no
process yet; if the launcher dies that moment, its successor finds the command by the
variable in its environment.
"""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import signal

from pipeyard.launcher import mounts, staging, system
from pipeyard.launcher.child import bind_to_cpus, command_of, no_shell
from pipeyard.launcher.order import WORKING_DIR, Order
from pipeyard.launcher.refusal import refusal_of

# What Python or the launcher ignores, or a shell that was told to start all this in the background (`&`);
# ignored signals would stay ignored in the command.
_IGNORED = (signal.SIGHUP, signal.SIGINT, signal.SIGPIPE, signal.SIGQUIT, signal.SIGXFSZ)


class Spawner:
    """Starts commands from the launcher's own process."""

    def __init__(self, mount_way: str, open_files_max: int) -> None:
        self._mount_way = mount_way
        self._open_files_max = open_files_max
        self._may_spawn = system.IS_LINUX
        self._own_cpus = sorted(os.sched_getaffinity(0)) if self._may_spawn else []
        # To come back to after a command was given a namespace of its own.
        self._own_namespace = _open_own_namespace() if mount_way == mounts.ROOT else None

    def may_start(self, order: Order) -> bool:
        """Tell whether an order can be carried out here: nothing to copy, and all binds by our own right."""
        if not self._may_spawn or order.code is not None or order.container is not None:
            return False
        if any(item.mode in staging.COPIED for item in order.inputs):
            return False
        if os.path.lexists(order.log):
            # Whatever an earlier try has left there: opening a pipe may take for ever.
            return False
        return not order.inputs or self._own_namespace is not None

    def start(self, order: Order, root: str) -> tuple[int, dict[str, str]]:
        """Return the new process and how each input was delivered. Raises `Refusal` or `OSError`."""
        before = os.umask(0o022)
        try:
            ways = staging.stage(order, root, self._mount_way)
            return self._spawn(order, root, ways), ways
        finally:
            os.umask(before)
            if order.cpus:
                with contextlib.suppress(OSError):  # All of them were taken away meanwhile.
                    os.sched_setaffinity(0, self._own_cpus)
            if order.inputs and self._own_namespace is not None:
                system.enter_mounts(self._own_namespace)
            # The folder of a command must not stay in use by us.
            os.chdir("/")

    def _spawn(self, order: Order, root: str, ways: dict[str, str]) -> int:
        log = staging.open_log(order.log)
        try:
            os.chdir(os.path.join(root, WORKING_DIR))
            actions: list[tuple[object, ...]] = [
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, log, 1),
                (os.POSIX_SPAWN_DUP2, log, 2),
            ]
            return self._execute(order, command_of(order, root, ways), actions)
        except OSError as error:
            raise refusal_of(error, "start the command") from error
        finally:
            os.close(log)

    def _execute(
        self,
        order: Order,
        command: tuple[tuple[str, ...], list[bytes], dict[bytes, bytes]],
        actions: list[tuple[object, ...]],
    ) -> int:
        programs, arguments, environment = command
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        # The launcher raised its own limit; programs that use `select` rely on the usual one.
        resource.setrlimit(resource.RLIMIT_NOFILE, (self._open_files_max, hard))
        bind_to_cpus(order.cpus)
        try:
            for program in programs:
                try:
                    return os.posix_spawn(
                        program, arguments, environment, file_actions=actions, setsid=True, setsigdef=_IGNORED
                    )
                except FileNotFoundError:
                    continue
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        raise no_shell(order)


def _open_own_namespace() -> int | None:
    try:
        return os.open("/proc/self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.EACCES):
            raise
        return None
