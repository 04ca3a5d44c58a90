"""
Attempts as processes of this machine.

In:       launch plans.
Out:      messages to the resident launcher of the home; its reports, translated.
Not here: processes (`pipeyard/launcher`), when to launch (`engine/`).

The launcher is started when it is needed and left alone when we go: it and its steps
outlive the server. What it wrote to `record.json` counts more than what anybody says.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pipeyard.compute.local.connection import Connection, Message, launcher_gone
from pipeyard.compute.local.order import check_root, order_of
from pipeyard.compute.local.remove import remove_tree, tree_bytes
from pipeyard.compute.local.report import is_ended, report_of, report_of_file
from pipeyard.compute.local.start import code_digest, start_launcher
from pipeyard.launch.plan import LaunchPlan
from pipeyard.launcher import process
from pipeyard.launcher.order import Order
from pipeyard.launcher.place import FORGOTTEN_DIR, LauncherPlace, set_aside
from pipeyard.launcher.record import ENDED, read_record
from pipeyard.launcher.refusal import Refusal
from pipeyard.launcher.wire import PROTOCOL
from pipeyard.model.errors import ComputeError
from pipeyard.ports import AttemptReport, Datastores

_CONNECT_SECONDS_MAX = 15.0
_CONNECT_WAIT_SECONDS = 0.02

_Result = TypeVar("_Result")


class LocalCompute:
    """
    Implements `ports.Compute` by the launcher of one home.

    `on_report` is called by the thread that reads the launcher's answers, so it must not ask anything itself.
    """

    def __init__(
        self,
        home: Path,
        datastores: Datastores,
        *,
        python: str = sys.executable,
        may_mount: bool = True,
        log_check_seconds: float = 1.0,
    ) -> None:
        """Remember where everything is; nothing is started or connected yet."""
        self.on_report: Callable[[AttemptReport], None] = _nobody_listens
        self._place = LauncherPlace(str(home))
        self._datastores = datastores
        self._python = python
        # False where steps need `sudo` or rootless containers, which a user namespace takes from them.
        self._may_mount = may_mount
        self._log_check_seconds = log_check_seconds
        self._lock = threading.RLock()
        self._connection: Connection | None = None
        self._is_closed = False
        # Attempts that were launched or asked about and are not at their end, to ask again after a lost connection.
        self._watched: set[str] = set()
        # Orders to launch that no launcher has begun with, as far as we know, to give them to the next one.
        self._unanswered: dict[str, dict[str, Any]] = {}

    # --- ports.Compute ---------------------------------------------------------------------------

    def staging_root(self, attempt_id: str) -> str:
        """Return the absolute folder that an attempt will see as its own."""
        return self._place.root_of(attempt_id)

    def launch(self, plan: LaunchPlan) -> None:
        """Start an attempt and return at once; one that was started before only reports again."""
        check_root(plan, Path(self.staging_root(plan.attempt_id)))
        order = order_of(plan, self._datastores)
        _check(order)
        self._watched.add(plan.attempt_id)
        self._unanswered[plan.attempt_id] = order
        try:
            self._send(order)
        except ComputeError:
            self._watched.discard(plan.attempt_id)
            self._unanswered.pop(plan.attempt_id, None)
            raise

    def look(self, attempt_ids: Sequence[str]) -> Mapping[str, AttemptReport]:
        """Return a report for each attempt, from the launcher or, if there can be none, from the records."""
        if not attempt_ids:
            return {}
        try:
            records = self._ask("look", attempt_ids=list(attempt_ids))["reports"]
            reports = {attempt_id: report_of(records[attempt_id]) for attempt_id in attempt_ids}
        except ComputeError as error:
            if not error.may_retry:
                raise
            reports = self._look_at_files(attempt_ids)
        self._watched.update(one for one, report in reports.items() if report.state in ("starting", "running"))
        return reports

    def stop(self, attempt_id: str) -> None:
        """Ask an attempt to end; one that has ended, or is not known, is left alone."""
        self._ask("stop", attempt_id=attempt_id)

    def forget(self, attempt_id: str) -> None:
        """Remove an attempt's folder. Raises `ComputeError` if it is not at its end."""
        record = read_record(self.staging_root(attempt_id))
        if record is not None and record.get("state") in ENDED:
            # Its launcher has nothing to do with it any more.
            moved_to = set_aside(self._place, attempt_id)
        else:
            moved_to = self._ask("forget", attempt_id=attempt_id)["removed_to"]
        self._watched.discard(attempt_id)
        if moved_to is not None:
            remove_tree(Path(moved_to))

    def staged(self, *, with_sizes: bool = True) -> Mapping[str, tuple[int, int]]:
        """Return bytes (0 without sizes, which take a while) and last change (UTC milliseconds) of each attempt's folder."""
        found = {}
        with contextlib.suppress(FileNotFoundError), os.scandir(self._place.attempts) as entries:
            for entry in entries:
                if entry.name != FORGOTTEN_DIR and entry.is_dir(follow_symlinks=False):
                    with contextlib.suppress(OSError):  # It may be forgotten while we look.
                        size = tree_bytes(entry.path) if with_sizes else 0
                        found[entry.name] = (size, int(entry.stat().st_mtime * 1000))
        return found

    def clean_up(self) -> None:
        """Remove what was forgotten only half. The folder around it stays: somebody may be about to use it."""
        with contextlib.suppress(FileNotFoundError):
            for folder in (Path(self._place.attempts) / FORGOTTEN_DIR).iterdir():
                remove_tree(folder)

    def describe(self) -> Mapping[str, Any]:
        """Return what the launcher says of itself, started if need be; `error` if there can be none."""
        try:
            said = self._ask("hello")
        except ComputeError as error:
            return {"kind": "local", "launcher": None, "mounts": None, "error": error.message}
        launcher = {name: said[name] for name in ("pid", "started_at_ms", "protocol", "running")}
        return {
            "kind": "local",
            # `root`, `user` (by a user namespace) or `none`: read-only inputs are then kept by permissions.
            "mounts": said["mounts"],
            "launcher": {**launcher, "is_current": said["digest"] == code_digest()},
        }

    # --- coming and going ------------------------------------------------------------------------

    def open(self) -> None:
        """Connect now, so that the first step need not wait; clear away what was forgotten only half."""
        self._connect()
        self.clean_up()

    def close(self) -> None:
        """Leave; launcher and steps live on."""
        with self._lock:
            self._is_closed = True
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def drain(self) -> bool:
        """Ask an idle launcher to end; False if steps are running."""
        with self._lock:
            connection = self._connection or self._try_connect()
            # Its end is wanted: it must not be taken for a launcher that died.
            self._connection = None
        if connection is None:
            return True
        if connection.ask("drain")["is_ending"]:
            connection.close()
            return True
        with self._lock:
            if self._connection is None:
                self._connection = connection
                return False
        connection.close()
        return False

    # --- the launcher ----------------------------------------------------------------------------

    def _send(self, order: dict[str, Any]) -> None:
        """Give an order to launch; nobody waits for its answer, so that many can be under way."""

        def take(answer: Message) -> None:
            self._take_answer(order["attempt_id"], answer)

        self._with_launcher(lambda connection: connection.tell(take, "launch", order=order))

    def _take_answer(self, attempt_id: str, answer: Message) -> None:
        """Take what a launcher says to an order to launch; called by the reading thread."""
        if "ok" in answer:
            if not answer["ok"]["report"].get("is_held"):
                self._unanswered.pop(attempt_id, None)
            self._take(answer["ok"]["report"])
        elif answer["error"]["code"] != "launcher-gone":
            self._refuse(attempt_id, answer["error"])

    def _refuse(self, attempt_id: str, error: Mapping[str, Any]) -> None:
        self._unanswered.pop(attempt_id, None)
        self._take({"attempt_id": attempt_id, "state": "refused", "code": error["code"], "reason": error["message"]})

    def _ask(self, op: str, **fields: Any) -> Message:
        return self._with_launcher(lambda connection: connection.ask(op, **fields))

    def _with_launcher(self, act: Callable[[Connection], _Result]) -> _Result:
        """Return what comes of a request. Every one may be made twice without harm, so the next launcher gets it too."""
        deadline = time.monotonic() + _CONNECT_SECONDS_MAX
        while True:
            connection = self._connect()
            try:
                return act(connection)
            except ComputeError as error:
                if error.code != "launcher-gone" or time.monotonic() >= deadline:
                    raise
            while self._connection is connection:
                # The thread that reads is about to notice; until then the next try would be made
                # on the same dead connection.
                time.sleep(_CONNECT_WAIT_SECONDS)

    def _connect(self) -> Connection:
        with self._lock:
            if self._is_closed:
                raise launcher_gone()
            if self._connection is None:
                self._connection = self._find_or_start()
            return self._connection

    def _find_or_start(self) -> Connection:
        deadline = time.monotonic() + _CONNECT_SECONDS_MAX
        is_ours = False
        while time.monotonic() < deadline:
            connection = self._try_connect()
            if connection is not None:
                # What we started ourselves is not replaced again, whatever it calls itself.
                if is_ours or self._may_use(connection):
                    return connection
                continue
            is_ours = self._start()
            if not is_ours:
                # Another one holds the lock: it is about to answer, or about to end.
                time.sleep(_CONNECT_WAIT_SECONDS)
        raise ComputeError(
            "the launcher of this home does not answer",
            code="no-launcher",
            hint=f"see `{self._place.log}`",
            may_retry=True,
        )

    def _try_connect(self) -> Connection | None:
        try:
            return Connection(self._place, self._take, self._on_gone)
        except OSError:
            return None

    def _start(self) -> bool:
        return start_launcher(
            self._place,
            python=self._python,
            may_mount=self._may_mount,
            log_check_seconds=self._log_check_seconds,
        )

    def _may_use(self, connection: Connection) -> bool:
        # An older launcher that runs nothing makes room for the present one.
        said = connection.ask("hello")
        if said["digest"] == code_digest() and said["protocol"] == PROTOCOL:
            return True
        if connection.ask("drain")["is_ending"]:
            connection.close(may_wait=False)
            return False
        if said["protocol"] == PROTOCOL:
            return True
        connection.close(may_wait=False)
        raise ComputeError(
            f"{said['running']} steps still run under a launcher of another version of Pipeyard",
            code="launcher-version",
            hint="wait for them to end, or cancel their jobs with the version that started them",
        )

    # --- reports ---------------------------------------------------------------------------------

    def _take(self, record: Message) -> None:
        report = report_of(record)
        if is_ended(report):
            self._watched.discard(report.attempt_id)
        if report.state != "starting":
            # Of one that was held, only now: a launcher that dies takes what it holds with it.
            self._unanswered.pop(report.attempt_id, None)
            self.on_report(report)

    def _on_gone(self, connection: Connection) -> None:
        # Called by the reader's thread. A new launcher stops what the dead one left and reports it as lost.
        with self._lock:
            if self._connection is not connection:
                return
            self._connection = None
        # If even that fails, whoever waits for a report asks by `look` in the end.
        with contextlib.suppress(ComputeError):
            for report in self.look(sorted(self._watched)).values():
                if is_ended(report):
                    self._watched.discard(report.attempt_id)
                    self.on_report(report)
                elif report.state == "unknown":
                    self._launch_again(report.attempt_id)

    def _launch_again(self, attempt_id: str) -> None:
        """Give an order that the last launcher did not live to see to the present one."""
        order = self._unanswered.get(attempt_id)
        if order is None:
            return
        try:
            self._send(order)
        except ComputeError as error:
            self._refuse(attempt_id, {"code": error.code, "message": error.message})

    def _look_at_files(self, attempt_ids: Sequence[str]) -> dict[str, AttemptReport]:
        boot = process.boot_id()
        return {one: report_of_file(one, read_record(self.staging_root(one)), boot) for one in attempt_ids}


def _check(order: dict[str, Any]) -> None:
    """Raise if no launcher would take this order: whoever gives it still waits, and is to be told."""
    try:
        Order(order)
    except Refusal as refusal:
        raise ComputeError(refusal.message, code=refusal.code) from None


def _nobody_listens(_report: AttemptReport) -> None:
    """Stand in until the engine says who listens."""
