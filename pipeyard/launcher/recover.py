"""
What a launcher does about the attempts of a predecessor that died.

In:       records that name no end.
Out:      those processes ended; their records say `lost`; each is reported.
Not here: attempts of this launcher (`attempts.py`).

A process that is no child of ours can only be looked at, so this part, and only this
part, looks again and again; it lasts no longer than the grace time.
"""

from __future__ import annotations

import os
import signal
import sys
import time

from pipeyard.launcher import process
from pipeyard.launcher.attempt import now_ms
from pipeyard.launcher.loop import Loop
from pipeyard.launcher.place import LauncherPlace
from pipeyard.launcher.record import ENDED, Record, is_running, read_record, write_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeyard.launcher.keeper import Keeper

_LOOK_SECONDS_FIRST = 0.01
_LOOK_SECONDS_MAX = 0.25
_GRACE_SECONDS = 10.0
# After SIGKILL; a process in an unanswered disk call cannot die, and its step is lost all the same.
_GIVE_UP_SECONDS = 10.0
_REBOOTED = "the machine was restarted while it ran"
_ORPHANED = "the launcher was ended while it ran, so nobody knows how it would have ended; it was stopped"


class Recovery:
    """Ends what a dead launcher left behind."""

    def __init__(self, place: LauncherPlace, loop: Loop, keeper: Keeper, emit: Callable[[Record], None]) -> None:
        self._place = place
        self._loop = loop
        self._keeper = keeper
        self._emit = emit
        self._boot = process.boot_id()
        self._orphans: dict[str, _Orphan] = {}

    @property
    def active_count(self) -> int:
        """Return how many attempts are still being ended."""
        return len(self._orphans)

    def start(self) -> None:
        """Begin with every attempt whose record names no end."""
        self._keeper.load()
        for attempt_id in sorted(os.listdir(self._place.attempts)):
            root = self._place.root_of(attempt_id)
            record = read_record(root)
            if record is None or record.get("state") in ENDED:
                continue
            if record.get("boot_id") != self._boot:
                self._lose(root, record, _REBOOTED)
            else:
                self._orphans[root] = _Orphan(record, is_running(record, self._boot))
        self._keeper.remove_all_but(set(self._orphans))
        if self._orphans:
            self._find_processes()
            for root, orphan in list(self._orphans.items()):
                orphan.send(signal.SIGTERM)
                orphan.send(signal.SIGCONT)
                self._look(root, orphan)

    def _find_processes(self) -> None:
        # One walk over the machine for all of them.
        by_session = {orphan.pid: orphan for orphan in self._orphans.values()}
        for pid in process.all_processes():
            orphan = self._orphans.get(process.attempt_root_of(pid) or "")
            if orphan is None:
                orphan = by_session.get(process.session_of(pid) or -1)
                # Its own number and start time are the proof; a session's number alone may have been given anew.
                if orphan is None or not orphan.is_alive:
                    continue
            orphan.add(pid)

    def _look(self, root: str, orphan: _Orphan) -> None:
        if not orphan.living():
            self._find_processes()  # Something may have been born between the walk and the signal.
        if not orphan.living() or orphan.is_hopeless():
            del self._orphans[root]
            self._lose(root, orphan.record, _ORPHANED)
            return
        if orphan.is_out_of_time():
            orphan.send(signal.SIGKILL)
        self._loop.after(orphan.next_wait(), lambda: self._look(root, orphan))

    def _lose(self, root: str, record: Record, reason: str) -> None:
        record.update(state="lost", code="launcher-lost", reason=reason, ended_at_ms=now_ms())
        try:
            write_record(root, record)
        except OSError as error:
            # The next launcher finds it as it was and comes to the same answer.
            print(f"{record.get('attempt_id')}: its record could not be written: {error}", file=sys.stderr, flush=True)
        self._emit(record)
        self._keeper.remove(root)


class _Orphan:
    """One attempt's processes."""

    def __init__(self, record: Record, is_alive: bool) -> None:  # noqa: FBT001 - private, named where it is called
        self.record = record
        pid, grace = record.get("pid"), record.get("grace_seconds")
        self.pid = pid if isinstance(pid, int) else -1
        # Whether the main process itself was found alive, which proves that the session is still its own.
        self.is_alive = is_alive
        # Number and start time: the pair can mean no other process.
        self._processes: dict[int, int] = {}
        self._wait_seconds = _LOOK_SECONDS_FIRST
        self._deadline = time.monotonic() + (grace if isinstance(grace, int | float) else _GRACE_SECONDS)
        if is_alive:
            self.add(self.pid)

    def add(self, pid: int) -> None:
        ticks = process.start_ticks(pid)
        if ticks is not None:
            self._processes[pid] = ticks

    def living(self) -> list[int]:
        return [pid for pid, ticks in self._processes.items() if process.is_same(pid, ticks)]

    def send(self, number: int) -> None:
        for pid in self.living():
            process.send_signal(pid, number)

    def is_out_of_time(self) -> bool:
        return time.monotonic() >= self._deadline

    def is_hopeless(self) -> bool:
        return time.monotonic() >= self._deadline + _GIVE_UP_SECONDS

    def next_wait(self) -> float:
        self._wait_seconds = min(self._wait_seconds * 1.5, _LOOK_SECONDS_MAX)
        return self._wait_seconds
