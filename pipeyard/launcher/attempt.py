"""
One attempt as the launcher knows it while it is not at its end.

In:       an order, a forked child.
Out:      the attempt's record, step by step.
Not here: signals, timers, other attempts (`attempts.py`).
"""

from __future__ import annotations

import json
import os
import time

from pipeyard.launcher import process
from pipeyard.launcher.order import Order
from pipeyard.launcher.record import Record, new_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipeyard.launcher.loop import Timer
    from pipeyard.launcher.ports import HeldPorts


class Attempt:
    """An attempt between its launch and its end."""

    def __init__(self, order: Order, root: str, pid: int | None, status_fd: int | None, boot: str) -> None:
        self.id = order.attempt_id
        self.order = order
        self.root = root
        # The main process; also its session and its process group.
        self.pid = pid or 0
        self.record: Record = new_record(order.attempt_id, pid, now_ms(), boot)
        # What a successor needs if this launcher dies.
        self.record.update(grace_seconds=order.grace_seconds, log=order.log, log_bytes_max=order.log_bytes_max)
        # Of several processes: what they were given, theirs until all of them are gone.
        self.ports: HeldPorts | None = None
        # Whether the command itself runs, not only our preparations.
        self.has_begun = False
        # Whether the main process has ended; what is left of its family is being ended.
        self.has_exited = False
        # Whether SIGTERM was sent and the grace time runs; and whether that is over.
        self.is_stopping = False
        self.is_killed = False
        # Whether the first of several processes has failed, or the last that counts has ended: the rest has the grace time.
        self.is_winding_down = False
        # Why a stop counts as a loss: the launcher itself was told to end.
        self.lost_reason: str | None = None
        # Strays that got their SIGTERM.
        self.warned: set[int] = set()
        self.timers: list[Timer] = []
        # By log.
        self.log_holes: dict[str, tuple[int, int]] = {}
        self.may_punch = True
        self._began_monotonic = time.monotonic()
        self._status_fd = status_fd
        self._status = b""

    @property
    def status_fd(self) -> int | None:
        """Return the pipe on which the child tells how its preparations go; None once it is closed."""
        return self._status_fd

    def read_status(self) -> bool:
        """Read what the child said; return True when it has said everything."""
        assert self._status_fd is not None
        try:
            data = os.read(self._status_fd, 1 << 16)
        except BlockingIOError:
            return False
        self._status += data
        return not data

    def close_status(self) -> None:
        """Close the pipe. Nobody may wait for it any more."""
        assert self._status_fd is not None
        os.close(self._status_fd)
        self._status_fd = None

    def begin(self) -> bool:
        """Take what the child said as a whole; return whether the command runs now."""
        said = [json.loads(line) for line in self._status.splitlines()]
        refusal = next((message for message in said if "code" in message), None)
        if refusal is not None:
            self.refuse(refusal["code"], refusal["message"])
        elif said:
            self.has_begun = True
            self._began_monotonic = time.monotonic()
            self.record.update(state="running", started_at_ms=now_ms(), ways=said[-1]["ways"])
        return self.has_begun

    def begin_at_once(self, pid: int, ways: dict[str, str]) -> None:
        """Take a process that is the command already."""
        self.pid = pid
        self.has_begun = True
        self._began_monotonic = time.monotonic()
        self.record.update(
            state="running", pid=pid, process_start=process.start_ticks(pid), started_at_ms=now_ms(), ways=ways
        )

    def exit(self, status: int) -> None:
        """Note how the main process ended; *status* is what `waitpid` said."""
        self.has_exited = True
        ended: Record = {"ended_at_ms": now_ms(), "duration_seconds": time.monotonic() - self._began_monotonic}
        if not self.has_begun:
            self.record.update(ended)
            if "code" not in self.record:
                self.refuse(*self._unbegun_reason(status))
            return
        if os.WIFSIGNALED(status):
            ended["signal"] = process.signal_name(os.WTERMSIG(status))
        else:
            ended["exit_code"] = os.WEXITSTATUS(status)
        self.record.update(ended)
        # The state follows when the family is gone and the files are in order.

    def refuse(self, code: str, message: str) -> None:
        """Note why the command never began."""
        self.record.update(state="refused", code=code, reason=message)

    def end(self) -> None:
        """Give the record its last state."""
        if self.lost_reason is not None:
            self.record.update(state="lost", code="launcher-ended", reason=self.lost_reason)
        elif self.has_begun:
            self.record["state"] = "exited"
        self.note_dropped()

    def note_dropped(self) -> None:
        """Say in the record what is gone of the log that is shown first."""
        if self.order.log in self.log_holes:
            self.record["log_dropped"] = self.log_holes[self.order.log]

    @property
    def has_grace(self) -> bool:
        """Return whether what still runs of it was asked to end and may take its time."""
        return not self.is_killed and (self.is_stopping or self.is_winding_down)

    def cancel_timers(self) -> None:
        """Forget every call that was to be made about this attempt."""
        for timer in self.timers:
            timer.cancel()
        self.timers.clear()

    def _unbegun_reason(self, status: int) -> tuple[str, str]:
        if self.is_stopping:
            return "stopped", "it was stopped before its command began"
        how = f"signal {process.signal_name(os.WTERMSIG(status))}" if os.WIFSIGNALED(status) else "an error"
        return "staging-failed", f"the preparation of its folder was ended by {how}"


def now_ms() -> int:
    """Return UTC milliseconds since 1970."""
    return time.time_ns() // 1_000_000
