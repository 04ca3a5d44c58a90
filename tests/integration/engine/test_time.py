"""A clock that is set while jobs run: by hand, or by a time server after a long sleep."""

from __future__ import annotations

import pytest

from pipeyard.compute.fake import Answer
from tests.integration.engine.test_loop import CHAIN, HELLO

DAY_MS = 86_400_000


@pytest.mark.parametrize("jump_ms", [-DAY_MS, DAY_MS])
def test_a_clock_that_is_set_changes_no_end_and_no_duration(play, jump_ms):
    """Times that are shown jump with it; durations are measured by a clock that only grows."""

    async def scene(world):
        world.answer("prep", Answer(running_seconds=60))
        await world.submit(CHAIN)
        await world.until(lambda: world.status("prep") == "Running")
        world.clock._start_ms += jump_ms
        await world.run_to_end()

        assert world.status() == "Completed"
        assert world.job("prep").detail["duration_seconds"] == 60.0

    play(scene)


@pytest.mark.parametrize("jump_ms", [-DAY_MS, DAY_MS])
def test_an_engine_that_begins_on_another_day_goes_on(play, jump_ms):
    """What was stored under the old time is replayed as it is."""

    async def scene(world):
        world.answer("hello", Answer(running_seconds=60))
        await world.submit(HELLO)
        await world.until(lambda: world.status("hello") == "Running")
        world.clock._start_ms += jump_ms
        await world.restart()
        await world.run_to_end()

        assert world.status() == "Completed"
        assert world.launched() == ["job-hello.1"]

    play(scene)


def test_nothing_is_called_silent_because_the_clock_was_set(play):
    """Silence is counted by the clock that only grows."""

    async def scene(world):
        world.answer("hello", Answer(running_seconds=60))
        await world.submit(HELLO)
        await world.until(lambda: world.status("hello") == "Running")
        world.clock._start_ms += 30 * DAY_MS
        await world.engine._supervisor.look()
        await world.run_to_end()

        assert "HeartbeatLate" not in world.kinds()

    play(scene)
