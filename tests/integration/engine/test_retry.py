"""Steps that are tried again: what is kept of each try, what is told, what a restart does to it."""

from __future__ import annotations

from pipeyard.compute.fake import Answer
from pipeyard.model.record import user_log
from tests.integration.engine.world import WORKSPACE, job_name

FLAKY = """
type: pipeline
retry: {max: 2, backoff_seconds: 3, when: [failed, preparation]}
jobs:
  a:
    command: work ${{outputs.o}}
    environment: {image: i}
    outputs: {o: {type: uri_folder}}
  b: {command: after, environment: {image: i}, depends_on: a}
"""


def log_of(world, attempt=None):
    path = world.datastores.local_path(WORKSPACE, user_log(job_name("job", "a"), attempt))
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def writing(world, *exit_codes):
    """Answers of one step's tries, in order; each writes its number into the log."""
    left = list(exit_codes)
    launch = world.compute.launch

    def launch_and_write(plan):
        if plan.job_name == job_name("job", "a"):
            number = int(plan.attempt_id.rpartition(".")[2])
            with log_of(world).open("a") as log:
                log.write(f"try {number}\n")
            world.answer("a", Answer(exit_code=left.pop(0)))
        launch(plan)

    world.compute.launch = launch_and_write


def test_a_step_that_fails_is_tried_until_it_succeeds(play):
    """Each try has a log of its own, and the step ends as its last try did."""

    async def scene(world):
        writing(world, 3, 4, 0)
        await world.submit(FLAKY)
        await world.run_to_end()
        step = world.job("a")

        assert world.statuses() == {"": "Completed", "a": "Completed", "b": "Completed"}
        assert [log_of(world, 1).read_text(), log_of(world, 2).read_text(), log_of(world).read_text()] == [
            "try 1\n",
            "try 2\n",
            "try 3\n",
        ]
        assert step.error is None
        assert [(one["attempt"], one["exit_code"], one["log"].rpartition("/")[2]) for one in step.detail["tries"]] == [
            (1, 3, "std_log_try_1.txt"),
            (2, 4, "std_log_try_2.txt"),
        ]
        assert step.detail["tries"][0]["last_lines"] == ["try 1"]
        assert step.detail["attempt"] == 3

    play(scene)


def test_what_comes_next_is_told_while_the_step_waits(play):
    """The record says which try comes, after what, and when; so does the log of the pipeline."""

    async def scene(world):
        writing(world, 3, 0)
        await world.submit(FLAKY)
        await world.until(lambda: (world.job("a").error or {}).get("will_retry"))
        error = dict(world.job("a").error)
        await world.run_to_end()
        diary = world.datastores.local_path(WORKSPACE, user_log("job")).read_text()

        assert error["next_try"] == "try 2 of 3 after exit code 3, in 3 s"
        assert (error["attempt"], error["tries_max"], error["retry_in_seconds"]) == (1, 3, 3.0)
        assert "is Queued: try 2 of 3 after exit code 3, in 3 s" in diary

    play(scene)


def test_when_all_tries_fail_the_step_has(play):
    """The last error stands, and what waits for the step is skipped."""

    async def scene(world):
        writing(world, 1, 2, 3)
        await world.submit(FLAKY)
        await world.run_to_end()

        assert world.statuses() == {"": "Failed", "a": "Failed", "b": "Canceled"}
        assert world.job("a").error["exit_code"] == 3
        assert "will_retry" not in world.job("a").error
        assert world.kinds("a").count("SlotsTaken") == 3

    play(scene)


def test_a_failure_of_another_kind_is_not_tried_again(play):
    """A lost attempt is none of `failed` and `preparation`."""

    async def scene(world):
        world.answer("a", Answer(lost="the machine is gone"))
        await world.submit(FLAKY)
        await world.run_to_end()

        assert world.launched() == [f"{job_name('job', 'a')}.1"]
        assert world.status("a") == "Failed"

    play(scene)


def test_a_try_that_never_ran_leaves_no_log_behind(play):
    """The log of a try that ran keeps its own number when the try after it could not begin."""

    async def scene(world):
        log_of(world).write_text("of a try that ran")
        world.answer("a", Answer(refused=("no-disk", "no room")))
        await world.submit(FLAKY)
        await world.run_to_end()

        assert world.status("a") == "Failed"
        assert log_of(world).read_text() == "of a try that ran"
        assert [one.get("log") for one in world.job("a").detail["tries"]] == [None, None]

    play(scene)


def test_a_restart_goes_on_with_the_next_try(play):
    """The numbers of tries and their logs go on where the last engine was."""

    async def scene(world):
        writing(world, 3, 0)
        await world.submit(FLAKY)
        await world.until(lambda: (world.job("a").error or {}).get("will_retry"))
        await world.restart()
        await world.run_to_end()

        assert world.status() == "Completed"
        assert log_of(world, 1).read_text() == "try 1\n"
        assert log_of(world).read_text() == "try 2\n"
        assert len(world.job("a").detail["tries"]) == 1

    play(scene)


def test_a_canceled_job_starts_no_next_try(play):
    """Whoever cancels while a step waits for its next try does not wait for it."""

    async def scene(world):
        writing(world, 3, 0)
        await world.submit(FLAKY)
        await world.until(lambda: (world.job("a").error or {}).get("will_retry"))
        await world.engine.cancel(WORKSPACE, "job", "ann")
        await world.run_to_end()

        assert world.status("a") == "Canceled"
        assert len(world.launched()) == 1

    play(scene)
