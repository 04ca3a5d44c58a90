from __future__ import annotations

import pytest

from pipeyard.compute.fake import Answer
from pipeyard.model.record import artifact_root, user_log
from tests.integration.engine.world import WORKSPACE

NESTED = """
type: pipeline
jobs:
  outer:
    type: pipeline
    jobs:
      inner:
        type: pipeline
        outputs: {x: {type: uri_folder}}
        jobs:
          deep:
            type: command
            command: echo > ${{outputs.x}}/a
            outputs: {x: "${{parent.outputs.x}}"}
            environment: {image: i}
      beside: {type: command, command: echo, environment: {image: i}}
  after:
    type: command
    command: ls ${{inputs.x}}
    inputs: {x: "${{parent.jobs.outer.outputs.x}}"}
    environment: {image: i}
"""


@pytest.fixture
def nested():
    """A pipeline in a pipeline in a pipeline."""
    return NESTED.replace(
        """  outer:
    type: pipeline
    jobs:
""",
        """  outer:
    type: pipeline
    outputs: {x: {type: uri_folder}}
    jobs:
""",
    ).replace("        outputs: {x: {type: uri_folder}}\n", '        outputs: {x: "${{parent.outputs.x}}"}\n')


def _component(text: str) -> str:
    return text


def test_a_group_takes_its_state_from_its_steps(play, grouped):
    """It runs while any of its steps runs, and completes with the last."""

    async def scene(world):
        world.engine_graph = grouped
        await world.submit_graph(grouped)
        await world.run_to_end()

        assert set(world.statuses().values()) == {"Completed"}
        group = world.job("outer")
        assert group.started_at_ms <= group.ended_at_ms

    play(scene)
