"""
Starting, looking at, stopping and forgetting attempts.

In:       orders and questions of servers.
Out:      processes; records on disk; `emit` for every change of state.
Not here: what the child does (`child.py`), how attempts end (`endings.py`), the socket (`serve.py`).

Invariants: a process is let go only after its record is written; an end is reported
only after its record is written; the same attempt is started once.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys

from pipeyard.launcher import gang, log_cap, process
from pipeyard.launcher.attempt import Attempt
from pipeyard.launcher.child import fork_quiet, run_child
from pipeyard.launcher.endings import Endings
from pipeyard.launcher.keeper import Keeper
from pipeyard.launcher.line import Lines
from pipeyard.launcher.loop import READ, Loop
from pipeyard.launcher.order import WORKING_DIR, Order, checked_id
from pipeyard.launcher.place import LauncherPlace, set_aside
from pipeyard.launcher.record import Record, read_record, write_record
from pipeyard.launcher.refusal import Refusal, refusal_of
from pipeyard.launcher.spawn import Spawner
from pipeyard.launcher.strays import Strays

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LOG_CHECK_SECONDS_MAX = 30.0
# How long docker or podman may take to kill a container before they are killed themselves.
_CONTAINER_KILL_SECONDS = 10.0
# How fast a log is thought to grow at most, to know when it is worth looking again.
_LOG_BYTES_PER_SECOND = 256 << 20


class Attempts:
    """All attempts of one home."""

    def __init__(
        self, place: LauncherPlace, loop: Loop, mount_way: str, log_check_seconds: float, emit: Callable[[Record], None]
    ) -> None:
        self._place = place
        self._loop = loop
        self._mount_way = mount_way
        self._log_check_seconds = log_check_seconds
        self._emit = emit
        self._boot = process.boot_id()
        self._active: dict[str, Attempt] = {}
        self._lines = Lines(self._active)
        # Ends that could not be written anywhere (a full or vanished disk).
        self._unwritten: dict[str, Record] = {}
        self._keeper = Keeper(place.folder, loop)
        self._endings = Endings(
            loop,
            Strays(place.attempts),
            self._active,
            self._keeper,
            on_status=self._on_status,
            on_finished=self._on_finished,
        )
        self._open_files_max = _raise_open_files_limit()
        self._spawner = Spawner(mount_way, self._open_files_max)

    @property
    def keeper(self) -> Keeper:
        """Return who knows the containers of this home."""
        return self._keeper

    @property
    def active_count(self) -> int:
        """Return how many attempts are not at their end."""
        return len(self._active) + len(self._lines)

    def launch(self, value: object) -> Record:
        """Start an attempt and return its record; one that was started before is only looked at."""
        order = Order(value)
        known = self._find(order.attempt_id)
        if known is not None:
            if self._lines.resize(order):
                self._loop.after(0, lambda: self._begin_waiting(order))
            return known
        if self._lines.holds(order):
            return self._lines.record_of(order.attempt_id) or {}
        return self._start(order)

    def _start(self, order: Order) -> Record:
        root = self._place.root_of(order.attempt_id)
        ports = None
        try:
            self._make_root(root)
            ports = None if order.gang is None else gang.prepare(order.gang, root)
            attempt = self._spawn(order, root) if self._spawner.may_start(order) else self._fork(order, root)
            attempt.ports = ports
        except (OSError, Refusal) as error:
            if ports is not None:
                ports.release()
            refusal = error if isinstance(error, Refusal) else refusal_of(error, "start a process")
            return self._refuse(order.attempt_id, root, refusal)
        return attempt.record

    def look(self, attempt_ids: Sequence[object]) -> dict[str, Record]:
        """Return the record of each attempt; one that was never heard of has the state `unknown`."""
        ids = [checked_id(attempt_id) for attempt_id in attempt_ids]
        return {one: self._find(one) or {"attempt_id": one, "state": "unknown"} for one in ids}

    def stop(self, attempt_id: object) -> None:
        """Ask an attempt to end: SIGTERM, grace, SIGKILL. One that has ended is left alone."""
        checked = checked_id(attempt_id)
        attempt = self._active.get(checked)
        if attempt is not None:
            self._stop(attempt)
        elif (order := self._lines.drop(checked)) is not None:
            # Later: whoever asks gets an answer first, and then the report.
            self._loop.after(0, lambda: self._refuse_unbegun(order))

    def stop_all(self, reason: str) -> None:
        """End every attempt and record it as lost."""
        # Nobody has begun with these: whoever comes next does.
        self._lines.clear()
        for attempt in list(self._active.values()):
            attempt.lost_reason = reason
            self._stop(attempt)

    def forget(self, attempt_id: object) -> str | None:
        """Move an ended attempt's folder out of the way; return where it is now, for the caller to remove."""
        checked = checked_id(attempt_id)
        if checked in self._active or self._lines.record_of(checked) is not None:
            raise Refusal("attempt-running", f"attempt `{checked}` is not at its end")
        self._unwritten.pop(checked, None)
        return set_aside(self._place, checked)

    def reap(self) -> None:
        """Take leave of every child that has ended."""
        self._endings.reap()

    # --- starting --------------------------------------------------------------------------------

    def _find(self, attempt_id: str) -> Record | None:
        attempt = self._active.get(attempt_id)
        if attempt is not None:
            return attempt.record
        return (
            self._lines.record_of(attempt_id)
            or self._unwritten.get(attempt_id)
            or read_record(self._place.root_of(attempt_id))
        )

    def _make_root(self, root: str) -> None:
        try:
            os.mkdir(root, 0o700)
        except FileExistsError:
            if not os.path.lexists(os.path.join(root, WORKING_DIR)):
                return
            raise Refusal(
                "record-lost", "it was started before and its record is gone, so it is not started again"
            ) from None

    def _spawn(self, order: Order, root: str) -> Attempt:
        attempt = Attempt(order, root, None, None, self._boot)
        write_record(root, attempt.record)
        pid, ways = self._spawner.start(order, root)
        attempt.begin_at_once(pid, ways)
        # From here on its end is waited for, whatever happens to its record.
        self._active[attempt.id] = attempt
        self._endings.expect(attempt)
        self._write(root, attempt.record)
        self._set_timers(attempt)
        self._emit(attempt.record)
        return attempt

    def _fork(self, order: Order, root: str) -> Attempt:
        if order.container is not None:
            self._keeper.expect(order.container, root)
        go_read, go_write = os.pipe()
        status_read, status_write = os.pipe()
        try:
            pid = fork_quiet((go_read, status_write))
            if pid == 0:
                run_child(
                    order,
                    root,
                    go_read,
                    status_write,
                    mount_way=self._mount_way,
                    open_files_max=self._open_files_max,
                )
        except OSError:
            os.close(go_write)
            os.close(status_read)
            raise
        finally:
            os.close(go_read)
            os.close(status_write)
        return self._register(Attempt(order, root, pid, status_read, self._boot), go_write)

    def _register(self, attempt: Attempt, go_write: int) -> Attempt:
        # From here on the child's end is waited for, whatever happens to its record.
        self._active[attempt.id] = attempt
        self._endings.expect(attempt)
        fd = attempt.status_fd
        assert fd is not None
        os.set_blocking(fd, False)
        self._loop.watch(fd, READ, lambda _events: self._on_status(attempt))
        try:
            write_record(attempt.root, attempt.record)
            os.write(go_write, b"g")
        except OSError as error:
            # Without its word the child ends by itself; its end is then reported with this reason.
            refusal = refusal_of(error, "write the record")
            attempt.refuse(refusal.code, refusal.message)
        finally:
            os.close(go_write)
        return attempt

    def _refuse(self, attempt_id: str, root: str, refusal: Refusal) -> Record:
        record: Record = {
            "attempt_id": attempt_id, "state": "refused", "code": refusal.code, "reason": refusal.message,
        }  # fmt: skip
        self._write(root, record)
        self._emit(record)
        return record

    def _refuse_unbegun(self, order: Order) -> None:
        root = self._place.root_of(order.attempt_id)
        with contextlib.suppress(OSError):
            os.makedirs(root, 0o700, exist_ok=True)
        self._refuse(order.attempt_id, root, Refusal("stopped", "it was stopped before its command began"))
        # It may have been the one for which there was no room.
        self._begin_waiting(order)

    def _begin_waiting(self, before: Order) -> None:
        """Begin whatever has room now in the line of an order that stands in it no more."""
        while before.line is not None and (order := self._lines.next(before.line.pool)) is not None:
            self._start(order)

    def _on_status(self, attempt: Attempt) -> None:
        fd = attempt.status_fd
        # None: its end was noticed in the same turn of the loop, and everything was read then.
        if fd is None or not attempt.read_status():
            return
        self._loop.unwatch(fd)
        attempt.close_status()
        if attempt.begin():
            self._set_timers(attempt)
            self._emit(attempt.record)

    def _set_timers(self, attempt: Attempt) -> None:
        order = attempt.order
        if order.timeout_seconds is not None:
            attempt.timers.append(self._loop.after(order.timeout_seconds, lambda: self._time_out(attempt)))
        self._check_log_later(attempt, 0)

    # --- stopping --------------------------------------------------------------------------------

    def _time_out(self, attempt: Attempt) -> None:
        if not attempt.is_stopping:
            attempt.record["timed_out"] = True
        self._stop(attempt)

    def _stop(self, attempt: Attempt) -> None:
        if attempt.is_stopping or attempt.has_exited:
            return
        attempt.is_stopping = True
        if attempt.order.container is not None and attempt.has_begun:
            self._keeper.terminate(attempt.root, lambda: not attempt.has_exited)
        else:
            process.send_group_signal(attempt.pid, signal.SIGTERM)
            # A stopped process could not even hear SIGTERM.
            process.send_group_signal(attempt.pid, signal.SIGCONT)
        attempt.timers.append(self._loop.after(attempt.order.grace_seconds, lambda: self._kill(attempt)))

    def _kill(self, attempt: Attempt) -> None:
        if attempt.order.container is not None and attempt.has_begun and not attempt.has_exited:
            # SIGKILL cannot be handed on: it would end the program that watches, and nothing else.
            self._keeper.kill(attempt.root)
            attempt.timers.append(self._loop.after(_CONTAINER_KILL_SECONDS, lambda: self._kill_group(attempt)))
        else:
            self._kill_group(attempt)

    def _kill_group(self, attempt: Attempt) -> None:
        attempt.is_killed = True
        if not attempt.has_exited:
            process.send_group_signal(attempt.pid, signal.SIGKILL)
        self._endings.bound(attempt)

    # --- the end ---------------------------------------------------------------------------------

    def _on_finished(self, attempt: Attempt) -> None:
        self._write(attempt.root, attempt.record)
        self._emit(attempt.record)
        if attempt.ports is not None:
            attempt.ports.release()
        # Not before: until its end is written down, the container is the only one who knows it.
        self._keeper.remove(attempt.root)
        self._begin_waiting(attempt.order)

    def _write(self, root: str, record: Record) -> None:
        try:
            write_record(root, record)
        except OSError as error:
            # Better told than lost: it is reported from memory for as long as this launcher lives.
            self._unwritten[str(record["attempt_id"])] = record
            with contextlib.suppress(OSError):  # Our own log may be on the same full disk.
                print(f"{record['attempt_id']}: its record could not be written: {error}", file=sys.stderr, flush=True)

    # --- long logs -------------------------------------------------------------------------------

    def _check_log_later(self, attempt: Attempt, size: int) -> None:
        limit = attempt.order.log_bytes_max
        # A log that is far from its limit need not be looked at each second.
        seconds = min(max((limit - size) / _LOG_BYTES_PER_SECOND, self._log_check_seconds), _LOG_CHECK_SECONDS_MAX)
        attempt.timers.append(self._loop.after(seconds, lambda: self._check_log(attempt)))

    def _check_log(self, attempt: Attempt) -> None:
        if attempt.has_exited:
            return
        order, holes = attempt.order, attempt.log_holes
        largest = 0
        for log in order.logs:
            try:
                largest = max(largest, os.stat(log).st_size)
                hole = log_cap.punch_middle(log, order.log_bytes_max, holes.get(log))
            except FileNotFoundError:
                continue  # The command removed its own log, or has not begun it.
            except OSError:
                return  # This file system cannot do it; the middle goes at the end.
            if hole is not None:
                holes[log] = hole
        attempt.note_dropped()
        self._check_log_later(attempt, largest)


def _raise_open_files_limit() -> int:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return soft
