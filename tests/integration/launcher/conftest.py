"""
A home, a real launcher in it, and one way to wait for what it says.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeyard.compute.local import LocalCompute
from pipeyard.launch.plan import LaunchPlan, PlannedInput, PlannedOutput
from pipeyard.launcher import process
from pipeyard.model.assets import DatastoreUri
from pipeyard.ports import AttemptReport

STORE = "azureml://datastores/store/paths/"
ENDED = ("exited", "refused", "lost")
WAIT_SECONDS = 60


class FolderDatastores:
    """Datastores as plain folders."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def local_path(self, workspace: str, uri: DatastoreUri) -> Path:
        return self.folder / uri.datastore / uri.path


class Bench:
    """One home with its launcher, seen by one server."""

    def __init__(self, home: Path, **options: Any) -> None:
        self.home = home
        self.store = home / "workspaces/default/store"
        self.store.mkdir(parents=True, exist_ok=True)
        self.options = options
        self.compute = self.new_compute()

    def new_compute(self) -> LocalCompute:
        """Return a server's compute; the one before is left as it is."""
        self.said: list[AttemptReport] = []
        self._news = threading.Condition()
        compute = LocalCompute(
            self.home, FolderDatastores(self.home / "workspaces/default"), **{"log_check_seconds": 0.05, **self.options}
        )
        compute.on_report = self._hear
        return compute

    def _hear(self, report: AttemptReport) -> None:
        with self._news:
            self.said.append(report)
            self._news.notify_all()

    def plan(self, command: str, attempt: str = "step.1", **changes: Any) -> LaunchPlan:
        """Return a plan for one command; `inputs` are (name, path in the store, mode)."""
        inputs = tuple(
            PlannedInput(name, STORE + path, mode, f"inputs/{name}") for name, path, mode in changes.pop("inputs", ())
        )
        environment = {"PATH": os.environ["PATH"], **changes.pop("environment", {})}
        outputs = (PlannedOutput("o", "uri_folder", "outputs/o", is_file=False, uri=STORE + "out"),)
        defaults: dict[str, Any] = {"code_uri": None, "grace_seconds": 30, "log_uri": f"{STORE}logs/{attempt}.txt"}
        root = self.compute.staging_root(attempt)
        return LaunchPlan(
            attempt_id=attempt,
            job_name=attempt.rpartition(".")[0],
            root=root,
            command=command,
            environment=environment,
            inputs=inputs,
            outputs=outputs,
            **{**defaults, **changes},
        )

    def launch(self, command: str, attempt: str = "step.1", **changes: Any) -> None:
        """Start a command."""
        self.compute.launch(self.plan(command, attempt, **changes))

    def run(self, command: str, attempt: str = "step.1", **changes: Any) -> AttemptReport:
        """Start a command and return the report of its end."""
        self.launch(command, attempt, **changes)
        return self.wait(attempt)

    def wait(self, attempt: str = "step.1", states: tuple[str, ...] = ENDED) -> AttemptReport:
        """Return the first report of an attempt that has one of the states."""

        def found() -> AttemptReport | None:
            return next((one for one in self.said if one.attempt_id == attempt and one.state in states), None)

        with self._news:
            assert self._news.wait_for(found, WAIT_SECONDS), f"{attempt} said {self.said}, log: {self.log(attempt)}"
            report = found()
            assert report is not None
            return report

    def log(self, attempt: str = "step.1") -> str:
        """Return what a command printed."""
        path = self.store / f"logs/{attempt}.txt"
        return path.read_text() if path.exists() else ""

    def root(self, attempt: str = "step.1") -> Path:
        """Return an attempt's folder."""
        return Path(self.compute.staging_root(attempt))

    def record(self, attempt: str = "step.1") -> dict[str, Any]:
        """Return an attempt's record as it is on disk."""
        value: dict[str, Any] = json.loads((self.root(attempt) / "record.json").read_text())
        return value

    def launcher_pid(self) -> int:
        """Return the process that serves this home."""
        pid: int = json.loads((self.home / "launcher/launcher.json").read_text())["pid"]
        return pid

    def kill_launcher(self, number: int = signal.SIGKILL) -> None:
        """End the launcher and wait until it is gone."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            pid = self.launcher_pid()
            fd = os.pidfd_open(pid)
            os.kill(pid, number)
            assert select.select([fd], [], [], WAIT_SECONDS)[0], "the launcher goes on"
            os.close(fd)


def eventually(is_so: Callable[[], object]) -> Any:
    """Return the first true answer; what another process does on its own cannot be waited for otherwise."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not (answer := is_so()):
        assert time.monotonic() < deadline, "it never came true"
        # Whoever it waits for has use for the processor.
        time.sleep(0.002)
    return answer


@pytest.fixture(name="eventually")
def _eventually() -> Callable[[Callable[[], object]], Any]:
    return eventually


@pytest.fixture
def is_alive() -> Callable[[int], bool]:
    """Tell whether a process lives; a zombie does not."""
    return lambda pid: process.start_ticks(pid) is not None


@pytest.fixture
def make_bench() -> Iterator[Callable[..., Bench]]:
    """Make homes whose launchers are ended with the test."""
    made: list[Bench] = []

    def make(home: Path, **options: Any) -> Bench:
        made.append(Bench(home, **options))
        return made[-1]

    yield make
    for bench in made:
        bench.compute.close()
        bench.kill_launcher(signal.SIGTERM)


@pytest.fixture
def bench(make_bench, tmp_path) -> Bench:
    """One home."""
    return make_bench(tmp_path / "home")
