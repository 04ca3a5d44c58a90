from __future__ import annotations

import re
import threading

from pipeyard.model.errors import EnvironmentFailed
from pipeyard.model.record import artifact_root
from pipeyard.ports import PreparedEnvironment
from tests.integration.engine.world import WORKSPACE, job_name

CHAIN = """
type: pipeline
jobs:
  prepare:
    command: echo
    environment: {image: small}
    outputs: {data: {type: uri_folder}}
  train:
    command: echo
    environment: {image: large}
    inputs: {data: "${{parent.jobs.prepare.outputs.data}}"}
"""


def build_log(world, job, name="20_image_build_log.txt"):
    return world.datastores.local_path(WORKSPACE, artifact_root(job).child("azureml-logs", name))


def test_what_a_later_step_needs_is_there_before_the_first_one_starts(play):
    """A training whose environment cannot be made fails the job at once, not after the data was prepared."""

    async def scene(world):
        world.environments.problems["large"] = EnvironmentFailed(
            "no such package", code="unsolvable", hint="look at the name", last_lines=("Resolving", "no such package")
        )
        await world.submit(CHAIN)
        await world.run_to_end()

        assert world.launched() == []
        error = world.job("prepare").error
        assert error["code"] == "unsolvable"
        assert error["message"] == "not started: the environment of step `train` cannot be made: no such package"
        assert error["last_lines"] == ["Resolving", "no such package"]
        assert error["hint"] == "look at the name"
        assert world.status() == "Failed"

    play(scene)


def test_the_log_of_a_build_is_beside_the_logs_of_those_who_wait(play, tmp_path):
    """While it grows: of the step, and of its job."""

    async def scene(world):
        world.environments.log = tmp_path / "build.log"
        world.environments.log.write_text("Resolving\n")
        world.environments.gate = threading.Event()
        await world.submit(CHAIN)
        mine = build_log(world, job_name("job", "prepare"))
        both = [build_log(world, "job"), build_log(world, "job", "20_image_build_log_2.txt")]
        await world.until(lambda: all(log.exists() for log in (mine, *both)))
        with world.environments.log.open("a") as log:
            log.write("made\n")

        assert {log.read_text() for log in (mine, *both)} == {"Resolving\nmade\n"}
        world.environments.gate.set()
        await world.run_to_end()
        assert world.status() == "Completed"
        # The second step did not wait.
        assert not build_log(world, job_name("job", "train")).exists()

    play(scene)


def test_where_the_log_is_is_said_with_the_error(play, tmp_path):
    """The log of the job, whoever's environment it is."""

    async def scene(world):
        world.environments.log = tmp_path / "build.log"
        world.environments.log.write_text("Resolving\n")
        gate = world.environments.gate = threading.Event()
        world.environments.problem = EnvironmentFailed("no such package")
        await world.submit(CHAIN)
        await world.until(lambda: build_log(world, "job").exists())
        gate.set()
        await world.run_to_end()

        # Two are made at once; either may have been the first to begin.
        assert re.search(r"/azureml-logs/20_image_build_log(_2)?\.txt$", world.job("prepare").error["log"])

    play(scene)


def test_a_canceled_job_does_not_wait_for_its_environments(play):
    """And the build learns that nobody waits."""

    async def scene(world):
        world.environments.gate = threading.Event()
        await world.submit(CHAIN)
        await world.until(lambda: world.environments.asked == 2)
        await world.engine.cancel(WORKSPACE, "job", "ann")
        # The gate stays shut.
        await world.run_to_end()

        assert (world.launched(), world.status()) == ([], "Canceled")

    play(scene)


def test_what_was_installed_is_kept_once_on_the_job(play):
    """Its steps say which of it they ran in."""

    async def scene(world):
        world.environments.prepared = PreparedEnvironment(
            digest="d1", strategy="uv", lock="six==1\nsmall==2\n", substitutions=("a -> b",)
        )
        await world.submit(CHAIN)
        await world.run_to_end()

        kept = {"resolved_by": "uv", "lock": ["six==1", "small==2"], "substitutions": ["a -> b"]}
        assert world.job().detail["environments"] == {"d1": kept}
        assert [world.job(step).detail["environment_digest"] for step in ("prepare", "train")] == ["d1", "d1"]

    play(scene)


def test_the_first_problem_is_told_while_others_are_still_made(play):
    """And what is still made then is not wanted any more."""

    async def scene(world):
        large = threading.Event()
        prepare = world.environments.prepare
        left = []

        def slow(request, waiter):
            if request.environment.image == "small":
                raise EnvironmentFailed("no such package")
            while waiter.is_wanted():
                large.wait(0.005)
            left.append(request.environment.image)
            return prepare(request, waiter)

        world.environments.prepare = slow
        await world.submit(CHAIN)
        await world.run_to_end()
        assert world.status() == "Failed"
        await world.until(lambda: left == ["large"])

    play(scene)
