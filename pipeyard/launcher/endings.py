"""
How attempts end: exit, the rest of the family, files in order, record, report.

In:       ended children; strays.
Out:      for each attempt one `finish`, after nothing of it is alive.
Not here: starting and stopping (`attempts.py`).
"""

from __future__ import annotations

import json
import os
import signal
import sys

from pipeyard.launcher import closing, gang, process, sandbox
from pipeyard.launcher import container as containers
from pipeyard.launcher.child import fork_quiet
from pipeyard.launcher.loop import READ, Loop
from pipeyard.launcher.strays import Strays, belongs_to

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pipeyard.launcher.attempt import Attempt
    from pipeyard.launcher.keeper import Keeper

# A process that cannot even be killed (a disk that does not answer) must not hold the report back for ever.
_SWEEP_SECONDS_MAX = 10.0


class Endings:
    """Sees every attempt to its end."""

    def __init__(
        self,
        loop: Loop,
        strays: Strays,
        active: dict[str, Attempt],
        keeper: Keeper,
        *,
        on_status: Callable[[Attempt], None],
        on_finished: Callable[[Attempt], None],
    ) -> None:
        self._loop = loop
        # Every attempt that is not at its end, by id; shared with `Attempts`.
        self._active = active
        self._keeper = keeper
        self._on_status = on_status
        self._on_finished = on_finished
        self._mains: dict[int, Attempt] = {}
        self._helpers: set[int] = set()
        # Attempts whose main process has ended while others of its family may live.
        self._sweeping: dict[str, Attempt] = {}
        self._strays = strays

    def expect(self, attempt: Attempt) -> None:
        """Wait for the end of an attempt's main process."""
        self._mains[attempt.pid] = attempt

    def reap(self) -> None:
        """Take leave of every child that has ended."""
        while (ended := self._next_ended()) is not None:
            pid, status = ended
            attempt = self._mains.pop(pid, None)
            self._strays.forget(pid)
            self._helpers.discard(pid)
            self._keeper.on_end(pid, os.waitstatus_to_exitcode(status))
            if attempt is not None:
                self._on_main_exit(attempt, status)
        self.sweep()

    def sweep(self) -> None:
        """End what is left of the families of ended attempts; finish those of whom nothing is left."""
        if not self._sweeping:
            return
        for attempt in self._active.values():
            self._keeper.note_monitor(attempt.root)
        strays = self._strays.find(self._active, self._mains.keys() | self._helpers | self._keeper.pids())
        for attempt in list(self._sweeping.values()):
            family = [pid for pid, owners in strays if belongs_to(attempt.id, owners, self._active)]
            if family:
                _end_family(attempt, family)
            else:
                self._close(attempt)

    def _next_ended(self) -> tuple[int, int] | None:
        try:
            if hasattr(os, "waitid"):
                # Looked at before it is taken leave of: until then its group's number can mean nothing else.
                found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
                if found is None:
                    return None
                self._end_group(found.si_pid)
                return os.waitpid(found.si_pid, 0)
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return None
        if pid == 0:
            return None
        self._end_group(pid)
        return pid, status

    def _end_group(self, pid: int) -> None:
        attempt = self._mains.get(pid)
        if attempt is None:
            return
        if attempt.order.gang is not None and not attempt.is_stopping:
            self._wind_down(attempt)
        # During a stop the rest of the group has the same grace time as its leader had.
        if not attempt.has_grace:
            process.send_group_signal(pid, signal.SIGKILL)

    def _wind_down(self, attempt: Attempt) -> None:
        """Ask the other processes of a gang to end: one has failed, or only those are left that serve the others."""
        attempt.cancel_timers()
        attempt.is_winding_down = True
        process.send_group_signal(attempt.pid, signal.SIGTERM)
        # A stopped process could not even hear SIGTERM.
        process.send_group_signal(attempt.pid, signal.SIGCONT)

        def kill() -> None:
            attempt.is_killed = True
            self.bound(attempt)

        attempt.timers.append(self._loop.after(attempt.order.grace_seconds, kill))

    def _on_main_exit(self, attempt: Attempt, status: int) -> None:
        # A short command may have ended before anybody has read that it began.
        while attempt.status_fd is not None:
            self._on_status(attempt)
        attempt.exit(status)
        if not attempt.has_grace:
            attempt.cancel_timers()
        self._sweeping[attempt.id] = attempt
        if not attempt.has_grace:
            attempt.timers.append(self._loop.after(_SWEEP_SECONDS_MAX, lambda: self._give_up(attempt)))

    def _give_up(self, attempt: Attempt) -> None:
        if attempt.id in self._sweeping:
            print(f"{attempt.id}: processes that cannot be ended stay behind", file=sys.stderr, flush=True)
            self._close(attempt)

    def bound(self, attempt: Attempt) -> None:
        """Kill what is left of a stopped attempt and wait only so long for it."""
        attempt.timers.append(self._loop.after(_SWEEP_SECONDS_MAX, lambda: self._give_up(attempt)))
        self.sweep()

    def _close(self, attempt: Attempt) -> None:
        del self._sweeping[attempt.id]
        attempt.cancel_timers()
        order = attempt.order
        if attempt.has_begun and order.gang is not None and not attempt.is_stopping:
            attempt.record.update(gang.take_end(order.gang, attempt.root))
        if attempt.has_begun and closing.is_needed(order, attempt.root, attempt.record["ways"]):
            self._start_helper(attempt)
        else:
            self._take_exit_code(attempt)
            if order.sandbox is not None:
                sandbox.leave(order.sandbox)
            self._finish(attempt)

    def _take_exit_code(self, attempt: Attempt) -> None:
        """Believe what the command's own script has written before what docker or podman said."""
        container = attempt.order.container
        if container is not None and attempt.has_begun:
            self._take_container_end(attempt, containers.take_end(container, attempt.root))
        elif container is not None:
            containers.leave(container)

    def _start_helper(self, attempt: Attempt) -> None:
        order = attempt.order
        result_read, result_write = os.pipe()
        pid = fork_quiet((result_write,))
        if pid == 0:
            closing.run_closing(order, attempt.root, attempt.log_holes, result_write, is_stopping=attempt.is_stopping)
        os.close(result_write)
        self._helpers.add(pid)
        self._loop.watch(result_read, READ, lambda _events: self._on_helper(attempt, result_read))

    def _on_helper(self, attempt: Attempt, fd: int) -> None:
        data = os.read(fd, 1 << 16)
        self._loop.unwatch(fd)
        os.close(fd)
        result: dict[str, Any] = json.loads(data) if data else {"change": "its read-only inputs could not be checked"}
        attempt.log_holes |= {log: (start, end) for log, (start, end) in (result.get("log_dropped") or {}).items()}
        self._take_container_end(attempt, result.get("container"))
        if result.get("change"):
            attempt.record.update(code="input-changed", reason=result["change"])
        self._finish(attempt)

    def _take_container_end(self, attempt: Attempt, end: dict[str, Any] | None) -> None:
        container, record = attempt.order.container, attempt.record
        if container is None:
            return
        containers.leave(container)
        record.update(end or {})
        if containers.exit_code_of(attempt.root) is None:
            record.update(containers.without_end(record.get("exit_code"), is_stopping=attempt.is_stopping))
        if end and end.get("exit_code") is not None:
            record.pop("signal", None)

    def _finish(self, attempt: Attempt) -> None:
        del self._active[attempt.id]
        attempt.end()
        self._on_finished(attempt)


def _end_family(attempt: Attempt, family: list[int]) -> None:
    for pid in family:
        if not attempt.has_grace:
            process.send_signal(pid, signal.SIGKILL)
        elif pid not in attempt.warned:
            # It may have left the group that got the first SIGTERM.
            attempt.warned.add(pid)
            process.send_signal(pid, signal.SIGTERM)
