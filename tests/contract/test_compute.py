"""
What every compute promises, held over the local one and the fake one.

Each test gives a command for a compute that runs things and the answer that stands for
it in one that does not.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import select
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeyard.compute.fake import Answer, FakeClock, FakeCompute
from pipeyard.compute.local import LocalCompute
from pipeyard.launch.plan import LaunchPlan, PlannedInput, PlannedOutput
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.errors import ComputeError
from pipeyard.ports import AttemptReport, Compute

STORE = "azureml://datastores/workspaceblobstore/paths/"
ENDED = {"exited", "refused", "lost"}


class FolderDatastores:
    """Datastores as plain folders."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def local_path(self, workspace: str, uri: DatastoreUri) -> Path:
        return self.folder / workspace / uri.datastore / uri.path


class World:
    """One compute and everything it said."""

    def __init__(self, compute: Compute, store: Path) -> None:
        self.compute = compute
        self.store = store
        self.said: queue.Queue[AttemptReport] = queue.Queue()
        self.reports: list[AttemptReport] = []
        compute.on_report = self.said.put

    def plan(self, command: str = "true", answer: Answer | None = None, *, attempt: str = "step.1") -> LaunchPlan:
        if isinstance(self.compute, FakeCompute) and answer is not None:
            self.compute.answers[attempt] = answer
        return LaunchPlan(
            attempt_id=attempt,
            job_name=attempt.rpartition(".")[0],
            root=self.compute.staging_root(attempt),
            command=command,
            environment={"PATH": os.environ["PATH"]},
            code_uri=None,
            inputs=(),
            outputs=(PlannedOutput("o", "uri_folder", "outputs/o", is_file=False, uri=STORE + "out"),),
            log_uri=f"{STORE}logs/{attempt}.txt",
            grace_seconds=30,
        )

    def wait(self, attempt: str, states: set[str]) -> AttemptReport:
        """Return the first report that is in one of the states."""
        deadline = time.monotonic() + 60
        while True:
            for report in self.reports:
                if report.attempt_id == attempt and report.state in states:
                    return report
            left = deadline - time.monotonic()
            assert left > 0, f"{attempt} never was one of {states}: {self.reports}"
            if isinstance(self.compute, FakeCompute) and self.said.empty():
                self.compute.clock.move(0.25)
            with contextlib.suppress(queue.Empty):
                self.reports.append(self.said.get(timeout=0 if isinstance(self.compute, FakeCompute) else left))

    def states(self, attempt: str) -> list[str]:
        while not self.said.empty():
            self.reports.append(self.said.get())
        return [report.state for report in self.reports if report.attempt_id == attempt]


@pytest.fixture(params=["local", "fake"])
def world(request, tmp_path) -> Iterator[World]:
    store = tmp_path / "home/workspaces/default/workspaceblobstore"
    store.mkdir(parents=True)
    if request.param == "fake":
        yield World(FakeCompute(FakeClock(int(time.time() * 1000)), str(tmp_path / "attempts")), store)
        return
    compute = LocalCompute(tmp_path / "home", FolderDatastores(tmp_path / "home/workspaces"))
    yield World(compute, store)
    compute.close()
    _end_launcher(tmp_path / "home/launcher/launcher.json")


def _end_launcher(description: Path) -> None:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        pid = json.loads(description.read_text())["pid"]
        fd = os.pidfd_open(pid)
        os.kill(pid, signal.SIGTERM)
        assert select.select([fd], [], [], 60)[0], "the launcher goes on"
        os.close(fd)


def test_a_command_that_ends_well_is_reported_running_and_then_exited(world):
    """A step that works starts, runs and ends with exit code 0, in that order."""
    world.compute.launch(world.plan("true"))

    ended = world.wait("step.1", ENDED)

    assert (ended.state, ended.exit_code, ended.signal, ended.timed_out) == ("exited", 0, None, False)
    assert world.states("step.1") == ["running", "exited"]


def test_times_of_an_attempt_are_in_order(world):
    """A step's start, end and duration fit each other."""
    world.compute.launch(world.plan("sleep 0.05", Answer(running_seconds=0.05)))

    ended = world.wait("step.1", ENDED)

    assert ended.started_at_ms <= ended.ended_at_ms
    assert 0.04 <= ended.duration_seconds < 20
    assert abs(ended.started_at_ms - time.time() * 1000) < 60_000


@pytest.mark.parametrize("code", [1, 3, 127, 255])
def test_the_exit_code_is_the_commands_own(world, code):
    """Whatever a command ends with is what is reported."""
    world.compute.launch(world.plan(f"exit {code}", Answer(exit_code=code)))

    assert world.wait("step.1", ENDED).exit_code == code


def test_a_command_that_a_signal_ended_has_a_signal_and_no_exit_code(world):
    """A step that was killed names the signal."""
    world.compute.launch(world.plan("kill -KILL $$", Answer(signal="SIGKILL")))

    ended = world.wait("step.1", ENDED)

    assert (ended.exit_code, ended.signal) == (None, "SIGKILL")


def test_the_same_attempt_is_started_once(world):
    """Launching an attempt twice runs its command once."""
    plan = world.plan("echo ran >> ../outputs/o/count", Answer(writes={"outputs/o/count": b"ran\n"}))

    world.compute.launch(plan)
    world.compute.launch(plan)
    world.wait("step.1", ENDED)
    world.compute.launch(plan)

    assert Path(plan.root, "outputs/o/count").read_text() == "ran\n"
    assert world.compute.look(["step.1"])["step.1"].state == "exited"


def test_launching_an_ended_attempt_again_reports_its_end_again(world):
    """An engine that forgot how an attempt ended is told once more."""
    plan = world.plan("exit 4", Answer(exit_code=4))
    world.compute.launch(plan)
    first = world.wait("step.1", ENDED)
    world.reports.clear()

    world.compute.launch(plan)

    assert world.wait("step.1", ENDED) == first


def test_a_look_answers_for_each_attempt_asked_about(world):
    """One question about many attempts gets one report each."""
    world.compute.launch(world.plan("exit 2", Answer(exit_code=2), attempt="a.1"))
    world.compute.launch(world.plan("sleep 60", Answer(running_seconds=None), attempt="b.1"))
    world.wait("a.1", ENDED)
    world.wait("b.1", {"running"})

    seen = world.compute.look(["a.1", "b.1", "never.1"])

    assert {name: report.state for name, report in seen.items()} == {
        "a.1": "exited",
        "b.1": "running",
        "never.1": "unknown",
    }
    assert seen["a.1"] == world.wait("a.1", ENDED)
    assert world.compute.look([]) == {}


def test_a_stopped_attempt_is_reported_as_exited_by_sigterm(world):
    """A canceled step ends at once if it does not mind SIGTERM."""
    world.compute.launch(world.plan("sleep 60", Answer(running_seconds=None)))
    world.wait("step.1", {"running"})

    world.compute.stop("step.1")
    world.compute.stop("step.1")

    ended = world.wait("step.1", ENDED)
    assert (ended.state, ended.signal, ended.timed_out) == ("exited", "SIGTERM", False)


def test_an_attempt_that_ignores_sigterm_is_killed_after_its_grace_time(world):
    """A canceled step that will not end is ended."""
    plan = world.plan(
        "trap '' TERM; echo deaf; while true; do sleep 60; done", Answer(running_seconds=None, stopping_seconds=None)
    )
    world.compute.launch(replace(plan, grace_seconds=0.2))
    world.wait("step.1", {"running"})
    if isinstance(world.compute, LocalCompute):
        _wait_for_text(world.store / "logs/step.1.txt", "deaf")

    world.compute.stop("step.1")

    assert world.wait("step.1", ENDED).signal == "SIGKILL"


def _wait_for_text(path: Path, text: str) -> None:
    deadline = time.monotonic() + 60
    while not (path.exists() and text in path.read_text()):
        assert time.monotonic() < deadline, f"{path} never held {text!r}"
        time.sleep(0.002)


@pytest.mark.parametrize("attempt", ["never.1", "step.1"])
def test_stopping_what_does_not_run_changes_nothing(world, attempt):
    """A cancel that comes late, or for nobody, does no harm."""
    world.compute.launch(world.plan("true"))
    ended = world.wait("step.1", ENDED)

    world.compute.stop(attempt)

    assert world.compute.look(["step.1"])["step.1"] == ended


def test_a_time_limit_ends_the_command_and_says_so(world):
    """A step that takes too long is ended and marked as timed out."""
    plan = world.plan("sleep 60", Answer(running_seconds=None))

    world.compute.launch(replace(plan, timeout_seconds=0.1))

    ended = world.wait("step.1", ENDED)
    assert (ended.signal, ended.timed_out) == ("SIGTERM", True)


def test_a_missing_input_is_refused_before_the_command_begins(world):
    """A step whose data is gone never starts, and says which input it was."""
    refused = ("missing-source", f"input `data`: nothing is at `{STORE}gone`")
    plan = world.plan("touch ../outputs/o/ran", Answer(refused=refused))
    plan = replace(plan, inputs=(PlannedInput("data", STORE + "gone", "ro_mount", "inputs/data"),))

    world.compute.launch(plan)

    ended = world.wait("step.1", ENDED)
    assert (ended.state, ended.code, ended.reason) == ("refused", *refused)
    assert world.states("step.1") == ["refused"]
    assert not Path(plan.root, "outputs/o/ran").exists()


def test_a_forgotten_attempt_is_unknown(world):
    """Once its outputs are stored nothing of an attempt stays."""
    plan = world.plan("touch ../outputs/o/f")
    world.compute.launch(plan)
    world.wait("step.1", ENDED)

    world.compute.forget("step.1")
    world.compute.forget("step.1")

    assert world.compute.look(["step.1"])["step.1"].state == "unknown"
    assert not Path(plan.root).exists()


def test_a_running_attempt_cannot_be_forgotten(world):
    """The folder of a running step is not taken away from under it."""
    world.compute.launch(world.plan("sleep 60", Answer(running_seconds=None)))
    world.wait("step.1", {"running"})

    with pytest.raises(ComputeError, match="not at its end"):
        world.compute.forget("step.1")

    assert world.compute.look(["step.1"])["step.1"].state == "running"


def test_the_staging_root_is_known_before_the_launch(world):
    """A command can be written with absolute paths before anything is started."""
    root = world.compute.staging_root("x.1")

    assert Path(root).is_absolute()
    assert Path(root).name == "x.1"


def test_a_download_is_reported_as_a_copy(world):
    """How an input was delivered is part of the report."""
    (world.store / "d").mkdir()
    plan = replace(world.plan("true"), inputs=(PlannedInput("data", STORE + "d", "download", "inputs/data"),))

    world.compute.launch(plan)

    assert world.wait("step.1", {"running"}).ways == {"data": "copy"}
    assert world.wait("step.1", ENDED).ways == {"data": "copy"}


def test_a_compute_describes_itself(world):
    """`doctor` can show what kind of compute it is and how it gives read-only data."""
    said = world.compute.describe()

    assert said["kind"] in ("local", "fake")
    assert said["mounts"] in ("root", "user", "none")
