"""Instances, CPUs and GPUs of a pool while an engine runs, and after it died."""

from __future__ import annotations

from dataclasses import replace

from pipeyard.compute.fake import Answer
from pipeyard.model.instance import Instance, Machine, PoolUse

THREE = """
type: pipeline
settings: {default_compute: azureml:gpu}
jobs:
""" + "".join(
    f"  s{number}: {{type: command, command: echo {number}, environment: {{image: i}}}}\n" for number in range(3)
)
MACHINE = Machine(cpus=(0, 1, 2, 3), gpus=("0", "1"))
ENDLESS = Answer(running_seconds=None, stopping_seconds=0)


async def begin(world, slots=2):
    """Start an engine on a machine with GPUs and a pool of some instances."""
    world.surroundings = replace(world.surroundings, machine=MACHINE)
    await world.restart()
    world.engine.resize("gpu", slots, Instance(cpus=1, gpus=1))


async def instances(world):
    return {node.node_id: node.job_name for node in await world.engine.nodes_of("gpu")}


def test_each_step_has_its_own_part_of_the_machine(play):
    """Its record says which, and a part that is free again goes to the next step."""

    async def scene(world):
        await begin(world)
        world.answer("s0", ENDLESS)
        await world.submit(THREE)
        await world.until(lambda: world.status("s2") == "Completed")

        assert world.job("s0").detail["instance"] == {"nodes": ["gpu-0"], "cpus": [0], "gpus": ["0"]}
        assert world.job("s1").detail["instance"] == {"nodes": ["gpu-1"], "cpus": [1], "gpus": ["1"]}
        assert world.job("s2").detail["instance"] == {"nodes": ["gpu-1"], "cpus": [1], "gpus": ["1"]}
        assert await instances(world) == {"gpu-0": "job-s0", "gpu-1": None}
        assert world.engine.pool_use("gpu") == PoolUse(2, 1)
        assert world.engine.pool_use("none") is None
        plan = next(plan for plan in world.compute.launched if plan.attempt_id == "job-s0.1")
        assert (plan.cpus, plan.environment["CUDA_VISIBLE_DEVICES"]) == ((0,), "0")
        await world.engine.cancel("default", "job", "ann")
        await world.run_to_end()

        assert await instances(world) == {"gpu-0": None, "gpu-1": None}

    play(scene)


def test_a_new_engine_knows_who_has_what(play):
    """No part is given away twice, and what was held is free when its step ends."""

    async def scene(world):
        await begin(world)
        world.answer("s0", ENDLESS)
        world.answer("s1", ENDLESS)
        await world.submit(THREE)
        await world.until(lambda: [world.status(step) for step in ("s0", "s1")] == ["Running", "Running"])
        await world.restart()
        world.engine.resize("gpu", 3, Instance(cpus=1, gpus=1))
        await world.until(lambda: world.status("s2") == "Completed")

        assert await instances(world) == {"gpu-0": "job-s0", "gpu-1": "job-s1", "gpu-2": None}
        assert world.job("s2").detail["instance"]["nodes"] == ["gpu-2"]
        assert world.job("s2").detail["instance"]["cpus"] == [2]
        await world.engine.cancel("default", "job", "ann")
        await world.run_to_end()

    play(scene)


def test_a_pool_shrinks_when_its_steps_have_ended(play):
    """What runs goes on; nothing new starts until there is room."""

    async def scene(world):
        await begin(world)
        world.answer("s0", ENDLESS)
        world.answer("s1", ENDLESS)
        await world.submit(THREE)
        await world.until(lambda: [world.status(step) for step in ("s0", "s1")] == ["Running", "Running"])
        world.engine.resize("gpu", 1, Instance())
        await world.until(lambda: world.engine.pool_use("gpu") == PoolUse(1, 2))

        assert [node.is_leaving for node in await world.engine.nodes_of("gpu")] == [False, True]
        assert world.status("s2") == "Queued"
        await world.engine.cancel("default", "job", "ann")
        await world.run_to_end()

    play(scene)
