"""The last words about a job."""

from __future__ import annotations

import pytest

from pipeyard.cli.duration import duration_text
from pipeyard.cli.summary import first_failed, render_summary

JOB = {
    "name": "tidy_tree_1",
    "status": "Failed",
    "duration_seconds": 65.0,
    "services": {"Studio": {"endpoint": "http://127.0.0.1:1/jobs/tidy_tree_1"}},
}


def step(key, status="Completed", **more):
    return {"key": key, "name": f"id-{key}", "kind": "command", "status": status, "label": status, **more}


def test_a_failed_job_names_what_failed_first(tmp_path):
    """Step, exit code, last lines and the place of its log, behind the times of all steps."""
    error = {"message": "exited with 3", "exit_code": 3, "last_lines": ["Traceback", "boom"]}
    steps = [
        step("prepare", duration_seconds=61.0, ended_at="2026-01-01T00:01:01Z"),
        step("train", "Failed", duration_seconds=3.0, ended_at="2026-01-01T00:01:04Z", error=error),
        step("score", "Canceled", label="Skipped", ended_at="2026-01-01T00:01:04Z"),
    ]

    assert render_summary(JOB, steps, folder=tmp_path) == (
        "\n"
        "Execution Summary\n"
        "=================\n"
        "RunId: tidy_tree_1\n"
        "Web View: http://127.0.0.1:1/jobs/tidy_tree_1\n"
        "\n"
        "  prepare  Completed    1m 01s\n"
        "  train    Failed         3.0s\n"
        "  score    Skipped\n"
        "Failed in 1m 05s\n"
        "\n"
        "Step `train` failed: exited with 3\n"
        "  exit code: 3\n"
        "  last lines of its log:\n"
        "    Traceback\n"
        "    boom\n"
        "  its whole log: pipeyard job download -n id-train\n"
    )


def test_the_log_is_named_by_its_place_when_it_is_here(tmp_path):
    """On the server's own machine the file itself is named."""
    folder = tmp_path / "workspaceartifactstore/ExperimentRun/dcid.id-train/user_logs"
    folder.mkdir(parents=True)
    (folder / "std_log.txt").write_text("", "utf-8")

    summary = render_summary(JOB, [step("train", "Failed")], folder=tmp_path)

    assert f"its whole log: {folder / 'std_log.txt'}" in summary


def test_a_pipeline_inside_is_not_what_failed_first():
    """A nested pipeline fails because a step in it did; that step is named."""
    steps = [
        step("inner", "Failed", kind="pipeline", ended_at="1"),
        step("inner/late", "Failed", ended_at="3"),
        step("inner/early", "Failed", ended_at="2"),
    ]

    assert first_failed(steps)["key"] == "inner/early"
    assert first_failed(steps[:1])["key"] == "inner"
    assert first_failed([step("fine")]) is None


def test_a_stand_alone_command_is_not_called_a_step(tmp_path):
    """A job that is one command has no list of steps."""
    summary = render_summary(JOB, [step("", "Failed", error={"message": "exited with 1"})], folder=tmp_path)

    assert "The command failed: exited with 1" in summary
    assert "Failed in 1m 05s" in summary


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0, "0.00s"),
        (0.034, "0.03s"),
        (3.21, "3.2s"),
        (59.4, "59s"),
        (185, "3m 05s"),
        (3600, "1h 00m"),
        (90061, "25h 01m"),
    ],
)
def test_durations_are_short(seconds, text):
    """Two units at most."""
    assert duration_text(seconds) == text


def test_a_reused_step_is_as_green_as_one_that_ran(tmp_path):
    """It completed; it has no time of its own."""
    steps = [step("prepare", label="Completed (reused)"), step("train", duration_seconds=3.0)]

    shown = render_summary({**JOB, "status": "Completed"}, steps, folder=tmp_path, colour=True)

    assert "  prepare  \x1b[32mCompleted (reused)\x1b[0m\n" in shown


def test_keys_have_all_the_room_there_is(tmp_path):
    """On forty columns a key of seventeen is whole, a longer one is cropped, and no line is longer."""
    steps = [step("prepare_the_data_x", duration_seconds=61.0), step("train_a_model_now", duration_seconds=3600.0)]

    lines = render_summary({**JOB, "status": "Completed"}, steps, folder=tmp_path, columns=40).splitlines()

    assert lines[6:8] == ["  prepare_the_da...  Completed    1m 01s", "  train_a_model_now  Completed    1h 00m"]
    assert max(map(len, lines[6:8])) <= 40


def test_a_reused_step_keeps_the_columns_straight(tmp_path):
    """Its state is the longest; the durations stay under one another."""
    steps = [step("a", label="Completed (reused)", duration_seconds=0.0), step("b", duration_seconds=3.0)]

    lines = render_summary({**JOB, "status": "Completed"}, steps, folder=tmp_path).splitlines()

    assert lines[6:8] == [
        "  a  Completed (reused)     0.00s",
        "  b  Completed               3.0s",
    ]
