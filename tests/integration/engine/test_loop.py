from __future__ import annotations

import asyncio
import threading
from itertools import accumulate

import pytest

from pipeyard.compute.fake import Answer
from pipeyard.engine.loop import Engine
from pipeyard.engine.surroundings import Pace
from pipeyard.model.errors import Bug, ComputeError, Conflict, NotFound, NoWorkers, StoreError
from pipeyard.model.record import user_log
from pipeyard.ports import PreparedEnvironment
from tests.integration.engine.world import WORKSPACE, Graphs

HELLO = """
type: pipeline
jobs:
  hello: {type: command, command: echo hello, environment: {image: i}}
"""

CHAIN = """
type: pipeline
outputs:
  model: {type: uri_folder}
jobs:
  prep:
    type: command
    command: echo > ${{outputs.data}}
    outputs: {data: {type: uri_file}}
    environment: {image: i}
  train:
    type: command
    command: cat ${{inputs.data}} > ${{outputs.model}}/m
    inputs: {data: "${{parent.jobs.prep.outputs.data}}"}
    outputs: {model: "${{parent.outputs.model}}"}
    environment: {image: i}
  apart: {type: command, command: echo apart, environment: {image: i}}
"""

FAN = """
type: pipeline
jobs:
""" + "".join(
    f"  s{number}: {{type: command, command: echo {number}, environment: {{image: i}}}}\n" for number in range(6)
)

READER = f"""
type: pipeline
jobs:
  reader:
    type: command
    command: cat ${{{{inputs.data}}}}
    inputs: {{data: {{type: uri_file, path: "azureml://datastores/workspaceblobstore/paths/LocalUpload/{"a" * 64}/x"}}}}
    environment: {{image: i}}
"""

ALONE = """
type: command
command: echo alone
environment: {image: i}
"""


def test_a_job_runs_to_its_end(play):
    """One step: its facts are in the history and its record says when it ran."""

    async def scene(world):
        await world.submit(HELLO)
        await world.run_to_end()

        assert world.statuses() == {"": "Completed", "hello": "Completed"}
        assert world.kinds() == [
            "JobSubmitted",
            "ReuseMissed",
            "SlotsTaken",
            "AttemptStarted",
            "AttemptExited",
            "OutputsStored",
        ]
        step = world.job("hello")
        assert step.error is None
        assert step.started_at_ms <= step.ended_at_ms
        assert step.detail["exit_code"] == 0
        assert step.detail["attempt"] == 1
        assert step.detail["duration_seconds"] == 1.0
        assert list(step.detail["phases"]) == [
            "checking", "queued", "preparing", "running", "finalizing", "completed",
        ]  # fmt: skip
        assert world.job().started_at_ms <= world.job().ended_at_ms

    play(scene)


def test_a_stand_alone_command_is_its_own_step(play):
    """It has one record, which takes the step's states."""

    async def scene(world):
        world.compute.answers["job"] = Answer(exit_code=3)
        await world.submit(ALONE)
        await world.run_to_end()

        assert world.statuses() == {"": "Failed"}
        assert world.job().error["exit_code"] == 3
        assert world.job().error["log"] == str(user_log("job"))
        assert world.job().started_at_ms is not None

    play(scene)


def test_a_step_reads_what_the_one_before_it_wrote(play):
    """The input of the second step is the first one's stored output, a file under its own name."""

    async def scene(world):
        await world.submit(CHAIN)
        await world.run_to_end()

        plans = {plan.job_name: plan for plan in world.compute.launched}
        (planned,) = plans["job-train"].inputs
        assert planned.uri == "azureml://datastores/workspaceblobstore/paths/azureml/job-prep/data/data"
        assert planned.path == "inputs/data/data"
        assert plans["job-prep"].environment["AZUREML_RUN_TOKEN"] == "token of job-prep"
        (stored,) = world.store.load_outputs(WORKSPACE, "job-prep")
        assert (stored.state, stored.is_file) == ("complete", True)
        assert world.store.load_manifest(WORKSPACE, "job-prep", "data").size == 3

    play(scene)


def test_a_pipelines_output_points_at_the_steps(play):
    """Nothing is copied: the job's record says where the step's output is."""

    async def scene(world):
        await world.submit(CHAIN)
        await world.run_to_end()

        shown = world.job().detail["outputs"]["model"]
        assert shown["uri"] == "azureml://datastores/workspaceblobstore/paths/azureml/job-train/model/"
        assert shown["state"] == "complete"
        assert world.store.load_outputs(WORKSPACE, "job") == ()

    play(scene)


def test_a_failed_step_shows_its_last_lines_and_skips_what_needs_it(play):
    """The job fails, names the step, and other steps go on."""

    async def scene(world):
        world.answer("prep", Answer(exit_code=2))
        log = world.datastores.local_path(WORKSPACE, user_log("job-prep"))
        log.parent.mkdir(parents=True)
        log.write_text("".join(f"line {number}\n" for number in range(50)))
        await world.submit(CHAIN)
        await world.run_to_end()

        assert world.statuses() == {"": "Failed", "prep": "Failed", "train": "Canceled", "apart": "Completed"}
        error = world.job("prep").error
        assert (error["code"], error["exit_code"]) == ("exit-code", 2)
        assert error["last_lines"] == [f"line {number}" for number in range(30, 50)]
        assert world.job("train").error == {
            "code": "skipped", "message": "not started: step `prep` failed", "failed_step": "prep",
        }  # fmt: skip
        assert world.job().error == {
            "code": "step-failed",
            "message": "step `prep` failed: exited with 2",
            "failed_step": "prep",
            "failed_job": "job-prep",
            "exit_code": 2,
            "log": str(user_log("job-prep")),
        }
        assert [output.state for output in world.store.load_outputs(WORKSPACE, "job-prep")] == ["kept"]

    play(scene)


def test_no_more_steps_run_at_once_than_there_are_slots(play):
    """Two slots, six steps: never three at once."""

    async def scene(world):
        await world.submit(FAN)
        await world.run_to_end()
        changes = {"SlotsTaken": 1, "AttemptExited": -1}
        held = list(accumulate(changes.get(kind, 0) for kind in world.kinds()))
        assert (max(held), held[-1]) == (2, 0)
        assert len(world.compute.launched) == 6
        await world.until(lambda: len(world.compute.forgotten) == 6)
        assert sorted(world.compute.forgotten) == sorted(world.launched())

    play(scene, slots=2)


def test_cancel_ends_a_job_and_starts_nothing(play):
    """What runs is stopped, what waits never begins, and the wish is stored when the call returns."""

    async def scene(world):
        world.answer("s0", Answer(running_seconds=None))
        await world.submit(FAN)
        await world.until(lambda: "AttemptStarted" in world.kinds("s0"))
        await world.engine.cancel(WORKSPACE, "job", "ann")
        assert "CancelAsked" in world.kinds()
        before = len(world.compute.launched)
        await world.run_to_end()

        assert world.status() == "Canceled"
        assert world.job("s0").error["message"] == "canceled by ann"
        assert world.job("s0").error["signal"] == "SIGTERM"
        assert len(world.compute.launched) == before

    play(scene, slots=1)


def test_what_cannot_be_canceled_says_why(play):
    """An unknown job is not found; an ended one has ended."""

    async def scene(world):
        with pytest.raises(NotFound, match="no job `ghost`"):
            await world.engine.cancel(WORKSPACE, "ghost", "ann")
        await world.submit(HELLO)
        await world.run_to_end()
        with pytest.raises(Conflict, match="ended already: Completed"):
            await world.engine.cancel(WORKSPACE, "job", "ann")

    play(scene)


def test_a_name_that_is_taken_is_refused_and_the_first_job_goes_on(play):
    """While it runs and after it ended."""

    async def scene(world):
        await world.submit(HELLO)
        with pytest.raises(Conflict):
            await world.submit(HELLO)
        await world.run_to_end()
        with pytest.raises(Conflict):
            await world.submit(HELLO)
        assert world.engine.health()["active_jobs"] == 0
        assert world.status() == "Completed"

    play(scene)


def test_cancel_while_the_environment_is_made_launches_nothing(play):
    """Making an environment may take minutes; nobody waits for it in vain."""

    async def scene(world):
        world.environments.gate = threading.Event()
        await world.submit(HELLO)
        await world.until(lambda: world.environments.asked)
        await world.engine.cancel(WORKSPACE, "job", "ann")
        world.environments.gate.set()
        await world.run_to_end()

        assert world.launched() == []
        assert world.statuses() == {"": "Canceled", "hello": "Canceled"}

    play(scene)


def test_an_environments_warning_is_kept_once_on_the_job(play):
    """Six steps in one environment: one sentence for the person who submitted."""

    async def scene(world):
        world.environments.prepared = PreparedEnvironment(
            ("/venv/bin",), {"VIRTUAL_ENV": "/venv"}, "runs in the server's Python"
        )
        await world.submit(FAN)
        await world.run_to_end()

        (warning,) = world.job().detail["warnings"]
        assert warning["message"] == "runs in the server's Python"
        assert world.job("s5").detail["warnings"][0]["message"] == "runs in the server's Python"
        plan = world.compute.launched[0]
        assert plan.path_prefix == ("/venv/bin",)
        assert plan.environment["VIRTUAL_ENV"] == "/venv"

    play(scene)


def test_an_environment_that_cannot_be_made_fails_the_step(play):
    """The step says what the builder said."""

    async def scene(world):
        world.environments.problem = ComputeError("no such package", code="environment-failed", hint="check the list")
        await world.submit(HELLO)
        await world.run_to_end()

        assert world.job("hello").error["code"] == "environment-failed"
        assert world.job("hello").error["hint"] == "check the list"
        assert world.job("hello").started_at_ms is None

    play(scene)


def test_a_compute_that_refuses_fails_the_step(play):
    """Whether it raises or reports."""

    async def scene(world):
        world.answer("s0", Answer(refused=("no-bash", "there is no bash")))
        await world.submit(FAN)
        await world.until(lambda: world.status("s0") == "Failed")
        assert world.job("s0").error["message"] == "there is no bash"
        world.compute.failure = ComputeError("the launcher is gone")
        await world.submit(HELLO, "other")
        await world.run_to_end("other")
        assert world.job("hello", "other").error["message"] == "the launcher is gone"

    play(scene)


def test_outputs_that_cannot_be_stored_fail_the_step_and_stay_where_they_are(play):
    """The staging folder is the only place that still has them."""

    async def scene(world):
        world.outputs.errors["job-prep"] = {"code": "store", "message": "disk full"}
        await world.submit(CHAIN)
        await world.run_to_end()

        assert world.job("prep").error["message"] == "disk full"
        await world.until(lambda: "job-apart.1" in world.compute.forgotten)
        assert "job-prep.1" not in world.compute.forgotten

    play(scene)


def test_a_crash_of_the_output_store_fails_the_steps_in_the_call(play):
    """And nothing else: the engine goes on."""

    async def scene(world):
        world.outputs.crash = OSError(28, "No space left on device")
        await world.submit(HELLO)
        await world.run_to_end()
        assert "No space left" in world.job("hello").error["message"]
        world.outputs.crash = None
        await world.submit(HELLO, "next")
        await world.run_to_end("next")
        assert world.status(name="next") == "Completed"

    play(scene)


def test_a_store_that_fails_is_tried_again_and_nothing_is_done_before(play):
    """A full disk delays a job; it does not spoil it, and health says so."""

    async def scene(world):
        await world.submit(HELLO)
        world.store.failures += [StoreError("disk full", may_retry=True)] * 200
        await world.until(lambda: world.engine.health()["store_problem"] == "disk full")
        assert world.launched() == []
        world.store.failures.clear()
        await world.run_to_end()

        assert world.status() == "Completed"
        assert world.engine.health()["store_problem"] is None

    play(scene)


def test_a_submit_that_cannot_be_stored_leaves_nothing(play):
    """The caller learns it; the same name may be used again."""

    async def scene(world):
        world.store.failures.append(StoreError("disk full"))
        with pytest.raises(StoreError):
            await world.submit(HELLO)
        assert world.store.load_job(WORKSPACE, "job") is None
        await world.submit(HELLO)
        await world.run_to_end()
        assert world.status() == "Completed"

    play(scene)


def test_a_mistake_of_ours_stops_the_engine_loudly(play):
    """It acts on nothing that it does not understand; a new engine goes on from what is stored."""

    async def scene(world):
        await world.submit(HELLO)
        world.store.failures.append(ZeroDivisionError("ours"))
        await world.until(lambda: world.engine.health()["broken"] is not None)
        with pytest.raises(Bug, match="ours"):
            await world.submit(HELLO, "next")
        with pytest.raises(Bug, match="ours"):
            await world.engine.cancel(WORKSPACE, "job", "ann")

        await world.restart()
        await world.run_to_end()
        assert world.status() == "Completed"

    play(scene)


def test_facts_that_come_together_are_stored_together(play):
    """Six steps start in one turn: one transaction, not six."""

    async def scene(world):
        await world.submit(FAN)
        await world.until(lambda: len(world.compute.launched) == 6)
        # The submit, and the turn that launched all six.
        assert world.store.commits <= 4
        await world.run_to_end()
        assert max(map(len, world.outputs.calls)) > 1

    play(scene, slots=6)


def test_a_job_can_be_canceled_while_the_store_fails(play):
    """The wish is stored when the store is well again, and the call returns then."""

    async def scene(world):
        world.answer("hello", Answer(running_seconds=None))
        await world.submit(HELLO)
        await world.until(lambda: "AttemptStarted" in world.kinds())
        world.store.failures += [StoreError("locked")] * 3
        await world.engine.cancel(WORKSPACE, "job", "ann")
        assert world.status() == "CancelRequested"
        await world.run_to_end()
        assert world.status() == "Canceled"

    play(scene)


def test_the_staging_folder_of_a_running_step_can_be_found(play):
    """By the step's job name, while it is under way."""

    async def scene(world):
        world.answer("hello", Answer(running_seconds=None))
        await world.submit(HELLO)
        await world.until(lambda: "AttemptStarted" in world.kinds())
        assert world.engine.staging_of("job-hello") == world.compute.staging_root("job-hello.1")
        assert world.engine.staging_of("nobody") is None
        await world.engine.cancel(WORKSPACE, "job", "ann")
        await world.run_to_end()
        assert world.engine.staging_of("job-hello") is None

    play(scene)


def test_steps_wait_until_a_compute_has_a_size(play):
    """And begin when it grows."""

    async def scene(world):
        await world.submit(HELLO)
        await world.until(lambda: world.status("hello") == "Queued")
        world.engine.resize("local", 1)
        await world.run_to_end()
        assert world.status() == "Completed"

    play(scene, slots=0)


def test_waiting_for_a_job_that_nobody_knows_ends_at_once(play):
    """There is nothing to wait for."""

    async def scene(world):
        await asyncio.wait_for(world.engine.wait_for_end("nobody"), 60)

    play(scene)


def test_an_engine_stops_while_steps_run_and_leaves_them_alone(play, tmp_path):
    """Stopping the server is no reason to stop the work."""

    async def scene(world):
        world.answer("hello", Answer(running_seconds=None))
        await world.submit(HELLO)
        await world.until(lambda: "AttemptStarted" in world.kinds())
        await world.engine.stop()
        assert world.compute.stopped == []
        world.engine = Engine(world.surroundings)
        world.engine.resize("local", 1)
        await world.engine.start(Graphs())
        assert world.engine.health()["active_jobs"] == 1

    play(scene)


def test_a_cancel_does_not_overtake_the_job(play):
    """Asked while the job is being stored, it waits for that and is then obeyed."""

    async def scene(world):
        gate = threading.Event()
        world.store.after_commit.append(lambda _batch: gate.wait(60))
        submitting = asyncio.create_task(world.submit(HELLO))
        await world.until(lambda: world.store.load_job(WORKSPACE, "job"))
        canceling = asyncio.create_task(world.engine.cancel(WORKSPACE, "job", "ann"))
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(submitting, canceling)
        await world.run_to_end()

        assert world.status() == "Canceled"

    play(scene)


def test_a_caller_who_gives_up_does_not_stop_a_submit(play):
    """What may be stored already is run."""

    async def scene(world):
        gate = threading.Event()
        world.store.after_commit.append(lambda _batch: gate.wait(60))
        submitting = asyncio.create_task(world.submit(HELLO))
        await world.until(lambda: world.store.load_job(WORKSPACE, "job"))
        submitting.cancel()
        gate.set()
        await world.run_to_end()

        assert world.status() == "Completed"

    play(scene)


def test_nothing_is_remembered_of_jobs_that_ended(play):
    """A server that runs for months does not grow."""

    async def scene(world):
        world.answer("s0", Answer(running_seconds=None))
        await world.submit(FAN)
        await world.submit(CHAIN, "other")
        await world.until(lambda: world.status("s0") == "Running")
        await world.engine.cancel(WORKSPACE, "job", "ann")
        await world.run_to_end()
        await world.run_to_end("other")

        engine, actor = world.engine, world.engine._actor
        assert (engine._books, engine._state.jobs, engine._submitting, engine._ends) == ({}, {}, {}, {})
        assert (len(actor.attempts), actor.attempts.running(), actor._readying._jobs) == (0, (), {})
        await world.until(lambda: not actor._launching and not actor._unwanted and not actor._tasks)

    play(scene, slots=3)


def test_outputs_wait_while_the_server_cannot_start_workers(play):
    """A step that ended well is not failed for it: it is stored when there are workers again."""

    async def scene(world):
        world.outputs.crash = NoWorkers("the files were changed")
        await world.submit(HELLO)
        await world.until(lambda: len(world.outputs.calls) > 2 and world.status("hello") == "Finalizing")

        assert world.engine.health()["store_problem"] == (
            "the files were changed; restart the server: pipeyard server stop"
        )
        world.outputs.crash = None
        await world.run_to_end()

        assert world.statuses() == {"": "Completed", "hello": "Completed"}
        assert world.engine.health()["store_problem"] is None

    play(scene)


def test_what_the_server_could_not_store_is_stored_by_the_next(play):
    """The attempt stays in finalizing, so the next engine is asked to store it."""

    async def scene(world):
        world.outputs.crash = NoWorkers("the files were changed")
        await world.submit(HELLO)
        await world.until(lambda: world.outputs.calls)
        world.outputs.crash = None
        await world.restart()
        await world.run_to_end()

        assert world.statuses() == {"": "Completed", "hello": "Completed"}
        assert world.launched() == ["job-hello.1"]

    play(scene)


def test_inputs_are_looked_at_again_when_there_are_workers_again(play):
    """A step is not failed before it began because the server could look at nothing."""

    async def scene(world):
        look, refusals = world.originals.changed, [NoWorkers("none"), NoWorkers("none")]

        def changed(*args):
            if refusals:
                raise refusals.pop()
            return look(*args)

        world.originals.changed = changed
        place = world.datastores.root / WORKSPACE / "workspaceblobstore" / "LocalUpload" / ("a" * 64)
        place.mkdir(parents=True)
        (place / "x").write_text("data")
        await world.submit(READER)
        await world.run_to_end()

        assert world.statuses() == {"": "Completed", "reader": "Completed"}
        assert not refusals

    play(scene, pace=Pace(look_seconds=3600, retry_seconds=0.001, retry_seconds_max=0.002))
