from __future__ import annotations

from pipeyard.compute.fake import Answer
from pipeyard.model.record import artifact_root, user_log
from tests.integration.engine.world import WORKSPACE

ROOT = """
type: pipeline
outputs: {y: {type: uri_folder}}
jobs:
  outer:
    type: pipeline
    component: ./outer.yml
    outputs: {x: "${{parent.outputs.y}}"}
  after:
    type: command
    command: ls ${{inputs.x}}
    inputs: {x: "${{parent.jobs.outer.outputs.x}}"}
    environment: {image: i}
"""

OUTER = """
type: pipeline
outputs: {x: {type: uri_folder}}
jobs:
  inner:
    type: pipeline
    component: ./inner.yml
    outputs: {x: "${{parent.outputs.x}}"}
  beside: {type: command, command: echo, environment: {image: i}}
"""

INNER = """
type: pipeline
outputs: {x: {type: uri_folder}}
jobs:
  deep:
    type: command
    command: echo > ${{outputs.x}}/a
    outputs: {x: "${{parent.outputs.x}}"}
    environment: {image: i}
"""


def test_a_group_takes_its_state_from_its_steps(play):
    """It runs while any of its steps does, and completes with the last; its times are theirs."""

    async def scene(world):
        world.answer("outer/inner/deep", Answer(running_seconds=60))
        await world.submit(ROOT, outer=OUTER, inner=INNER)
        await world.until(lambda: world.status("outer/beside") == "Completed")
        assert world.statuses() == {
            "": "Running",
            "outer": "Running",
            "outer/inner": "Running",
            "outer/inner/deep": "Running",
            "outer/beside": "Completed",
            "after": "NotStarted",
        }
        await world.run_to_end()

        assert set(world.statuses().values()) == {"Completed"}
        group = world.job("outer")
        assert group.started_at_ms <= group.ended_at_ms == world.job("outer/inner/deep").ended_at_ms
        assert world.job().detail["outputs"]["y"]["uri"].endswith("/azureml/job-outer.inner.deep/x/")

    play(scene)


def test_a_group_fails_with_the_step_that_failed(play):
    """The error of every pipeline around it names the step and its job."""

    async def scene(world):
        world.answer("outer/inner/deep", Answer(exit_code=9))
        await world.submit(ROOT, outer=OUTER, inner=INNER)
        await world.run_to_end()

        for pipeline in ("outer/inner", "outer", None):
            error = world.job(pipeline).error
            assert error["failed_step"] == "outer/inner/deep"
            assert error["failed_job"] == "job-outer.inner.deep"
            assert error["message"] == "step `outer/inner/deep` failed: exited with 9"
        assert world.job("after").error["code"] == "skipped"

    play(scene)


def test_a_group_that_never_started_is_skipped(play):
    """So a list of steps shows why nothing happened in it."""
    before = """
type: pipeline
jobs:
  first: {type: command, command: "false", outputs: {z: {}}, environment: {image: i}}
  group: {type: pipeline, component: ./group.yml, inputs: {z: "${{parent.jobs.first.outputs.z}}"}}
"""
    group = """
type: pipeline
inputs: {z: {type: uri_folder}}
jobs:
  only: {type: command, command: "ls ${{inputs.z}}", inputs: {z: "${{parent.inputs.z}}"}, environment: {image: i}}
"""

    async def scene(world):
        world.answer("first", Answer(exit_code=1))
        await world.submit(before, group=group)
        await world.run_to_end()

        assert world.status("group") == "Canceled"
        assert world.job("group").error["code"] == "skipped"
        assert world.job("group").error["failed_step"] == "first"

    play(scene)


def test_a_canceled_group_says_who_canceled(play):
    """Its steps end in their own time, and it with them."""

    async def scene(world):
        world.answer("outer/inner/deep", Answer(running_seconds=None))
        await world.submit(ROOT, outer=OUTER, inner=INNER)
        await world.until(lambda: world.status("outer/inner/deep") == "Running")
        await world.engine.cancel(WORKSPACE, "job", "ann")
        assert world.status("outer/inner") == "CancelRequested"
        await world.run_to_end()

        assert world.job("outer").error["message"] == "canceled by ann"
        assert world.status("outer/inner") == "Canceled"

    play(scene)


def test_the_execution_log_tells_the_story_line_by_line(play):
    """It lies in both places where Azure's client looks, with a line for each move that people see."""

    async def scene(world):
        world.answer("outer/beside", Answer(exit_code=1))
        await world.submit(ROOT, outer=OUTER, inner=INNER)
        await world.run_to_end()
        log = world.datastores.local_path(WORKSPACE, artifact_root("job").child("logs", "azureml", "executionlogs.txt"))
        await world.until(lambda: log.exists() and "job job is Failed" in log.read_text())

        lines = [line.partition("] ")[2] for line in log.read_text().splitlines()]
        assert lines[0] == "step outer/inner/deep (job-outer.inner.deep) is Queued"
        assert "step outer/beside (job-outer.beside) is Failed: exited with 1" in lines
        assert "step after (job-after) is Completed" in lines
        assert lines[-1].startswith("job job is Failed: step `outer/beside` failed")
        await world.until(lambda: world.datastores.local_path(WORKSPACE, user_log("job")).exists())

    play(scene)
