"""
Plans and reports at the local compute's edge.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeyard.compute.fake import FakeClock
from pipeyard.compute.local.order import check_root, order_of
from pipeyard.compute.local.report import report_of, report_of_file
from pipeyard.launch.plan import LaunchPlan, PlannedInput, PlannedOutput
from pipeyard.launcher.order import Order
from pipeyard.model.assets import DatastoreUri
from pipeyard.model.errors import ComputeError
from pipeyard.ports import AttemptReport

STORE = "azureml://datastores/blob/paths/"
PLAN = LaunchPlan(
    attempt_id="step.2",
    job_name="step",
    root="/x/attempts/step.2",
    command="echo 'a b'",
    environment={"PATH": "/usr/bin", "X": "1\n2"},
    code_uri=f"{STORE}LocalUpload/d1/src",
    inputs=(PlannedInput("data", f"{STORE}a b/paths/c", "ro_mount", "inputs/data"),),
    outputs=(
        PlannedOutput("folder", "uri_folder", "outputs/folder", is_file=False, uri=f"{STORE}x"),
        PlannedOutput("file", "uri_file", "outputs/file/file", is_file=True, uri=f"{STORE}y"),
        PlannedOutput("far", "uri_folder", "outputs/far", is_file=False, uri=f"{STORE}z", is_direct=True),
    ),
    log_uri="azureml://datastores/artifacts/paths/log.txt",
    timeout_seconds=5,
    workspace="team",
)


class Folders:
    def local_path(self, workspace: str, uri: DatastoreUri) -> Path:
        return Path("/stores", workspace, uri.datastore, uri.path)


def _order(plan: LaunchPlan = PLAN) -> dict[str, object]:
    return order_of(plan, Folders())


def test_uris_become_places_of_this_machine():
    """Code, inputs and log lie in the workspace's datastores."""
    order = _order()

    assert order["code"] == "/stores/team/blob/LocalUpload/d1/src"
    assert order["inputs"][0]["source"] == "/stores/team/blob/a b/paths/c"
    assert order["log"] == "/stores/team/artifacts/log.txt"


def test_folders_of_outputs_are_made_before_the_command_runs():
    """Section 5.3: an output's folder, or a file's parent, exists; a direct output is the command's own business."""
    assert _order()["folders"] == ["wd/outputs", "wd/logs", "outputs/folder", "outputs/file"]


def test_the_launcher_takes_what_the_compute_writes():
    """Both sides of the socket agree on the form."""
    order = Order(_order())

    assert (order.attempt_id, order.command, order.environment) == ("step.2", PLAN.command, PLAN.environment)
    assert Order(_order(replace(PLAN, code_uri=None))).code is None


def test_the_environments_programs_come_first_on_the_path():
    """`path_prefix` goes before what the plan's PATH says, and stands alone without one."""
    plan = replace(PLAN, path_prefix=("/env/bin", "/tools"))

    assert _order(plan)["environment"]["PATH"] == "/env/bin:/tools:/usr/bin"
    assert _order(replace(plan, environment={}))["environment"] == {"PATH": "/env/bin:/tools"}


@pytest.mark.parametrize("uri", ["https://x/y", "azureml://datastores/blob", "azureml://datastores//paths/x", ""])
def test_a_uri_that_is_none_of_a_datastore_is_a_bad_plan(uri):
    """Only datastore URIs can become folders."""
    with pytest.raises(ComputeError, match="no datastore URI"):
        _order(replace(PLAN, log_uri=uri))


def test_a_plan_for_another_folder_is_a_bad_plan():
    """A command's absolute paths must be those of its own attempt."""
    check_root(PLAN, Path("/x/attempts/step.2"))
    with pytest.raises(ComputeError, match="was planned for"):
        check_root(PLAN, Path("/other/attempts/step.2"))


def test_a_record_becomes_a_report():
    """Every field of a record that a report has arrives in it."""
    record = {
        "attempt_id": "s.1", "state": "exited", "pid": 7, "boot_id": "b", "started_at_ms": 1, "ended_at_ms": 2,
        "duration_seconds": 0.5, "exit_code": 3, "timed_out": True, "reason": "r", "code": "c",
        "ways": {"in": "bind"}, "log_dropped": [4, 5],
    }  # fmt: skip

    assert report_of(record) == AttemptReport(
        "s.1", "exited", 1, 2, 0.5, 3, None, timed_out=True, reason="r", code="c", ways={"in": "bind"},
        log_dropped=(4, 5),
    )  # fmt: skip


def test_a_state_of_a_newer_launcher_is_shown_as_it_was_said():
    """What the table lacks is not hidden."""
    assert report_of({"attempt_id": "s.1", "state": "frozen"}).state == "frozen"


def test_a_record_without_an_end_and_without_a_process_is_a_loss():
    """From the files alone: ended ones as they are, gone ones lost, absent ones unknown."""
    ended = {"attempt_id": "s.1", "state": "exited", "exit_code": 0}
    gone = {"attempt_id": "s.1", "state": "starting", "pid": 1, "boot_id": "before", "process_start": 1}

    assert report_of_file("s.1", ended, "now").exit_code == 0
    assert report_of_file("s.1", gone, "now").state == "lost"
    assert report_of_file("s.1", None, "now") == AttemptReport("s.1", "unknown")


def test_a_fake_clock_makes_its_calls_in_order_and_at_their_time():
    """Calls see the time they were asked for, also those that are asked for meanwhile."""
    clock = FakeClock(start_ms=1000)
    seen: list[tuple[str, int]] = []
    clock.after(2, lambda: seen.append(("late", clock.now_ms())))
    clock.after(1, lambda: clock.after(0.5, lambda: seen.append(("inner", clock.now_ms()))))
    clock.after(9, lambda: seen.append(("never", 0)))

    clock.move(3)

    assert seen == [("inner", 2500), ("late", 3000)]
    assert (clock.now_ms(), clock.monotonic()) == (4000, 3.0)
