from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from tests.integration.engine.world import World


@pytest.fixture
def play(tmp_path):
    """Runs a test's coroutine in a world with a started engine, and closes both."""

    @asynccontextmanager
    async def opened(**settings):
        world = World(tmp_path, **settings)
        await world.start()
        try:
            yield world
        finally:
            await world.close()

    def run(scene, **settings):
        async def whole():
            async with opened(**settings) as world:
                await scene(world)

        asyncio.run(whole())

    return run
