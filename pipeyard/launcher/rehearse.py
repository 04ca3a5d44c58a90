"""
One attempt in the foreground, on the caller's terminal: `python -I -S -X utf8 .../launcher/rehearse.py FD [FD ...]`.

In:       from the first descriptor one JSON object: an order, its staging folder, what to start.
Out:      the command, or a shell where it would run; its exit code; afterwards nothing is left of it.
Not here: attempts of jobs (`attempts.py`), where the order comes from (`client/rehearse.py`).

The same code puts things in place as for a job, so what is seen here is what the step saw.

This process stays in the foreground of the terminal beside the caller and waits. A shell
makes process groups of its own and takes the terminal; a command gets no terminal at all,
as in a job, and the keys that stop a program are handed on to it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import stat
import sys
import termios
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipeyard.launcher.order import Order
    from pipeyard.launcher.ports import HeldPorts

# Between asking what is left of an attempt to end, and making it.
_GRACE_SECONDS = 2.0
_LOOK_SECONDS = 0.05
# What a shell says of a program that could not be started.
_NOT_STARTED = 126
_BY_SIGNAL = 128
# Who asks so often means it.
_ENOUGH = 3
# Who is in the background may still give the terminal away.
_IGNORED = (signal.SIGTTOU, signal.SIGTTIN)
_ASKING = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP)
_HEARD = (signal.SIGCHLD, *_ASKING)
# Of the terminal, which no job has.
_OF_TERMINAL = ("TERM", "COLORTERM", "LINES", "COLUMNS")


def main(arguments: list[str]) -> int:
    """Carry out what the first descriptor says; return the exit code. Others are kept open, and from the command."""
    for fd in arguments[1:]:
        os.set_inheritable(int(fd), False)  # noqa: FBT003 - it has no name
    with os.fdopen(int(arguments[0]), "rb") as file:
        wish = json.loads(file.read())
    from pipeyard.launcher.refusal import Refusal  # noqa: PLC0415 - the path is known only now

    try:
        rehearsal = _Rehearsal(wish)
    except Refusal as refusal:
        # A server of another version: it has not heard of what is asked for here.
        _say(refusal.code, f"{refusal.message}; restart the server: pipeyard server stop")
        return _NOT_STARTED
    try:
        return rehearsal.run()
    except Refusal as refusal:
        _say(refusal.code, refusal.message)
        return _NOT_STARTED


class _Rehearsal:
    """One wish: `order`, `root`, `folder`, `keep`, and for a shell the text of its `rcfile`."""

    def __init__(self, wish: dict[str, object]) -> None:
        from pipeyard.launcher.order import Order  # noqa: PLC0415 - the path is known only now

        self._order: Order = Order(wish["order"])
        self._root = str(wish["root"])
        self._folder = str(wish["folder"])
        self._is_kept = bool(wish.get("keep"))
        self._rcfile = None if wish.get("rcfile") is None else str(wish["rcfile"])
        self._child = 0
        self._ports: HeldPorts | None = None
        self._asked = 0

    def run(self) -> int:
        """Return the exit code of what was run, after everything of it is gone."""
        from pipeyard.launcher import gang, mounts, system  # noqa: PLC0415 - as above

        # What outlives its parent becomes our child, so that none gets away.
        system.become_subreaper()
        os.makedirs(self._root, mode=0o700, exist_ok=True)
        terminal = _Terminal(0)
        way = mounts.probe(self._root)
        self._hear_signals()
        try:
            if self._order.gang is not None:
                # Held here for as long as we wait: what the command was given is its own.
                self._ports = gang.prepare(self._order.gang, self._root)
            self._child = os.fork()
            if self._child == 0:
                self._become(way)
            return self._wait(terminal)
        finally:
            terminal.take_back()
            self._end()
            _end_all(self._root)
            if not self._is_kept:
                _remove(self._folder)

    def _end(self) -> None:
        if self._order.container is not None:
            from pipeyard.launcher import rehearse_container  # noqa: PLC0415 - as above

            rehearse_container.remove(self._order, self._root)

    # --- the child ---------------------------------------------------------------------------

    def _become(self, way: str) -> None:
        from pipeyard.launcher import rehearse_container, staging  # noqa: PLC0415 - as above
        from pipeyard.launcher.child import bind_to_cpus  # noqa: PLC0415
        from pipeyard.launcher.order import WORKING_DIR  # noqa: PLC0415
        from pipeyard.launcher.refusal import Refusal  # noqa: PLC0415

        try:
            for number in (*_HEARD, *_IGNORED, signal.SIGPIPE, signal.SIGXFSZ):
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, ())
            if self._rcfile is None:
                # No terminal, as in a job.
                os.setsid()
                os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.umask(0o022)
            self._write_files()
            if self._order.container is not None:
                arguments, environment = rehearse_container.create(self._order, self._root, way, self._shell())
                programs: tuple[str, ...] = (os.fsdecode(arguments[0]),)
            else:
                ways = staging.stage(self._order, self._root, way)
                programs, arguments, environment = self._command(ways)
            os.chdir(os.path.join(self._root, WORKING_DIR))
            bind_to_cpus(self._order.cpus)
            for program in programs:
                with contextlib.suppress(FileNotFoundError):
                    os.execve(program, arguments, environment)  # noqa: S606 - the shell is the contract
            _say("no-shell", f"this machine has no `{os.path.basename(programs[0])}`")
        except Refusal as refusal:
            _say(refusal.code, refusal.message)
        except BaseException as error:  # noqa: BLE001 - the boundary to the user's code: nothing may get past it
            _say("staging-failed", f"{type(error).__name__}: {error}")
        finally:
            os._exit(_NOT_STARTED)

    def _command(self, ways: dict[str, str]) -> tuple[tuple[str, ...], list[bytes], dict[bytes, bytes]]:
        """Return what may be executed, the first that is there; with which arguments and variables."""
        from pipeyard.launcher import sandbox  # noqa: PLC0415 - as above
        from pipeyard.launcher.child import SHELLS, command_environment  # noqa: PLC0415

        environment = command_environment(self._order, self._root)
        shell = self._shell()
        words = ["/bin/bash", "-c", self._order.command] if shell is None else shell
        for name in _OF_TERMINAL:
            value = os.environb.get(name.encode())
            if shell is not None and value is not None:
                environment.setdefault(name.encode(), value)
        programs: tuple[str, ...] = SHELLS
        if self._order.sandbox is not None:
            programs = (self._order.sandbox.program,)
            words = [*sandbox.prefix(self._order.sandbox, self._order, self._root, ways), *words]
        return programs, [os.fsencode(word) for word in words], environment

    def _shell(self) -> list[str] | None:
        """Return the command line of the shell, if there is to be one."""
        if self._rcfile is None:
            return None
        return ["/bin/bash", "--noprofile", "--rcfile", os.path.join(self._root, "shell.rc"), "-i"]

    def _write_files(self) -> None:
        for name, text in (("command", self._order.command), ("shell.rc", self._rcfile)):
            if self._rcfile is not None and text is not None:
                with open(os.path.join(self._root, name), "w", encoding="utf-8", errors="surrogateescape") as file:
                    file.write(text)

    # --- the parent --------------------------------------------------------------------------

    def _hear_signals(self) -> None:
        for number in _IGNORED:
            signal.signal(number, signal.SIG_IGN)
        # Without a handler the end of a child would not be waited for on every system.
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        # Blocked and taken one by one: between a look at the child and the wait for its end none gets lost.
        signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)

    def _wait(self, terminal: _Terminal) -> int:
        while True:
            pid, status = os.waitpid(self._child, os.WNOHANG | (os.WUNTRACED if self._rcfile is not None else 0))
            if pid == 0:
                self._hear(signal.sigwait(_HEARD))
            elif not os.WIFSTOPPED(status):
                code = os.waitstatus_to_exitcode(status)
                return code if code >= 0 else _BY_SIGNAL - code
            else:
                # `suspend` in the shell: we stop with it, and go on with it.
                terminal.take_back()
                os.kill(0, signal.SIGSTOP)
                terminal.give(self._child)
                self._send(signal.SIGCONT)

    def _hear(self, number: int) -> None:
        is_key = number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP)
        if number == signal.SIGCHLD or (is_key and self._rcfile is not None):
            # The shell has the terminal and its keys.
            return
        if number == signal.SIGTSTP:
            self._send(signal.SIGSTOP)
            os.kill(os.getpid(), signal.SIGSTOP)
            self._send(signal.SIGCONT)
            return
        self._asked += 1
        if self._asked >= _ENOUGH:
            number = signal.SIGKILL
        elif self._rcfile is not None:
            # An interactive shell does not listen to SIGTERM.
            number = signal.SIGHUP
        self._send(number)

    def _send(self, number: int) -> None:
        with contextlib.suppress(OSError):
            if self._rcfile is None:
                os.killpg(self._child, number)
            else:
                os.kill(self._child, number)


class _Terminal:
    """The terminal of the caller: whose it is, and how it was set."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._settings = None
        if os.isatty(fd):
            self._settings = termios.tcgetattr(fd)

    def take_back(self) -> None:
        """Make it ours again, set as it was: a program that was killed may have left it anyhow."""
        if self._settings is not None:
            self.give(os.getpgrp())
            with contextlib.suppress(termios.error, OSError):
                termios.tcsetattr(self._fd, termios.TCSADRAIN, self._settings)

    def give(self, group: int) -> None:
        """Put a process group in its foreground."""
        if self._settings is not None:
            with contextlib.suppress(OSError):
                os.tcsetpgrp(self._fd, group)


def _say(code: str, message: str) -> None:
    sys.stderr.write(f"error[{code}]: {message}\n")
    sys.stderr.flush()


def _end_all(root: str) -> None:
    """End every process that was started here and goes on: its folder goes now."""
    until = time.monotonic() + _GRACE_SECONDS
    number = signal.SIGTERM
    while left := _left_of(root):
        if time.monotonic() >= until:
            number = signal.SIGKILL
        for pid in left:
            with contextlib.suppress(OSError):
                os.kill(pid, number)
                os.kill(pid, signal.SIGCONT)
        if number == signal.SIGKILL and time.monotonic() >= until + _GRACE_SECONDS:
            return
        time.sleep(_LOOK_SECONDS)


def _left_of(root: str) -> list[int]:
    from pipeyard.launcher import process  # noqa: PLC0415 - the path is known only now

    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    # Where nobody can adopt, the variable that all of them have tells whose they are.
    marked = [pid for pid in process.all_processes() if process.attempt_root_of(pid) == root]
    return [pid for pid in {*process.own_children(), *marked} if process.start_ticks(pid) is not None]


def _remove(folder: str) -> None:
    # Whatever the command has forbidden itself.
    for above, folders, _ in os.walk(folder):
        for name in [".", *folders]:
            path = os.path.join(above, name)
            with contextlib.suppress(OSError):
                if not os.path.islink(path):
                    os.chmod(path, stat.S_IRWXU)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    # Behind everything else, so that no installed package can stand in for a standard module.
    sys.path.append(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    sys.exit(main(sys.argv[1:]))
