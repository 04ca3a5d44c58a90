"""Steps that several processes share: whose failure it was, and what is kept of each."""

from __future__ import annotations

from pipeyard.compute.fake import Answer
from pipeyard.model.record import user_log
from tests.integration.engine.world import WORKSPACE, job_name

SHARED = """
type: pipeline
jobs:
  a:
    command: work
    environment: {image: i}
    retry: 1
    resources: {instance_count: 2}
    distribution: {type: pytorch}
"""


def log_of(world, rank, attempt=None):
    path = world.datastores.local_path(WORKSPACE, user_log(job_name("job", "a"), attempt, rank))
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def writing(world):
    """Each process of each try writes who it is; the second rank fails."""
    launch = world.compute.launch

    def launch_and_write(plan):
        for rank in range(2):
            log_of(world, rank).write_text(f"try {plan.attempt_id[-1]}, rank {rank}\n")
        launch(plan)

    world.compute.launch = launch_and_write
    world.answer("a", Answer(exit_code=7, rank=1))


def test_the_rank_that_failed_first_is_named_with_its_last_lines(play):
    """The error leads to that rank's log, not to the first one's; each try keeps those of all."""

    async def scene(world):
        writing(world)
        await world.submit(SHARED)
        await world.run_to_end()
        error = world.job("a").error

        assert error["message"].startswith("rank 1 exited with 7; the other processes were ended")
        assert (error["code"], error["exit_code"], error["rank"]) == ("exit-code", 7, 1)
        assert error["last_lines"] == ["try 2, rank 1"]
        assert error["log"].endswith("/user_logs/std_log_process_1.txt")
        (earlier,) = world.job("a").detail["tries"]
        assert earlier["log"].endswith("/user_logs/std_log_process_1_try_1.txt")
        assert [log_of(world, rank, 1).read_text() for rank in range(2)] == ["try 1, rank 0\n", "try 1, rank 1\n"]

    play(scene)


def test_an_engine_that_comes_back_still_knows_which_rank_it_was(play):
    """What the launcher has found out is a fact like any other."""

    async def scene(world):
        writing(world)
        await world.submit(SHARED)
        await world.until(lambda: world.kinds("a").count("AttemptExited") == 1)
        await world.restart()
        await world.run_to_end()

        assert world.job("a").error["rank"] == 1

    play(scene)
