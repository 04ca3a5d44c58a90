from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from pipeyard.compute.fake import Answer
from pipeyard.engine.follow import Audience
from pipeyard.engine.runner import ThreadedRunner
from pipeyard.model.errors import Conflict, StoreError
from pipeyard.model.record import Submission
from pipeyard.ports import AcceptedJob
from tests.integration.engine.test_loop import CHAIN, HELLO
from tests.integration.engine.world import WORKSPACE, graph_of_tree, records_of, tree_of


def test_a_follower_sees_every_end_and_then_its_own(play):
    """The stream ends with the job; the last states of all steps were in it."""

    async def scene(world):
        seen = {}

        async def follow():
            async for records in world.engine.subscribe("job"):
                seen.update({record.node_id: record.status.value for record in records})

        world.answer("prep", Answer(running_seconds=5))
        await world.submit(CHAIN)
        following = asyncio.create_task(follow())
        await world.run_to_end()
        await asyncio.wait_for(following, 60)

        assert seen == {"": "Completed", "prep": "Completed", "train": "Completed", "apart": "Completed"}

    play(scene)


def test_a_mark_stays_while_nothing_is_told(play):
    """An ended job has none, and neither has one that never was."""

    async def scene(world):
        await world.submit(CHAIN)
        first, second = world.engine.mark_of("job"), world.engine.mark_of("job")
        following = world.engine.subscribe("job")
        told = asyncio.create_task(following.__anext__())
        await world.run_to_end()
        assert await told

        assert first == second is not None
        assert (None, None) == (world.engine.mark_of("job"), world.engine.mark_of("nobody"))

    play(scene)


def test_what_changes_no_record_is_no_end():
    """A step moves on inside without its record: nothing is told, and who follows goes on."""

    async def scene():
        audience = Audience()
        follower = audience.subscribe("job")
        audience.tell("job", ())
        following = asyncio.ensure_future(anext(follower))
        await asyncio.sleep(0)
        assert not following.done()
        record = SimpleNamespace(name="job-prep")
        audience.tell("job", [record])

        assert await following == (record,)

    asyncio.run(scene())


def test_a_follower_is_told_only_what_is_stored(play):
    """What a stream says, the store says too."""

    async def scene(world):
        async def follow():
            async for records in world.engine.subscribe("job"):
                for record in records:
                    stored = world.store.load_job(WORKSPACE, record.name)
                    assert stored.started_at_ms is not None or record.started_at_ms is None
                    assert stored.status.is_terminal or not record.status.is_terminal

        await world.submit(CHAIN)
        following = asyncio.create_task(follow())
        await world.run_to_end()
        await asyncio.wait_for(following, 60)

    play(scene)


def test_a_slow_follower_holds_up_nobody_and_gets_the_newest(play):
    """It is told once of each record, as it is now."""

    async def scene(world):
        await world.submit(CHAIN)
        follower = world.engine.subscribe("job")
        await world.run_to_end()

        records = await follower.__anext__()
        assert sorted(record.node_id for record in records) == ["", "apart", "prep", "train"]
        assert all(record.status.is_terminal for record in records)
        with pytest.raises(StopAsyncIteration):
            await follower.__anext__()

    play(scene)


def test_the_stream_of_an_ended_job_ends_at_once(play):
    """There is nothing to wait for; what happened is in the store."""

    async def scene(world):
        await world.submit(HELLO)
        await world.run_to_end()
        assert [records async for records in world.engine.subscribe("job")] == []

    play(scene)


def test_a_follower_that_leaves_is_forgotten(play):
    """A closed terminal costs nothing."""

    async def scene(world):
        world.answer("hello", Answer(running_seconds=None))
        await world.submit(HELLO)
        follower = world.engine.subscribe("job")
        follower.close()
        assert world.engine._audience._followers == {}
        assert [records async for records in follower] == []

    play(scene)


def test_an_engine_that_stops_ends_every_stream(play):
    """A follower then asks the store, and comes back when there is an engine again."""

    async def scene(world):
        world.answer("hello", Answer(running_seconds=None))
        await world.submit(HELLO)
        follower = world.engine.subscribe("job")
        await world.restart()
        remaining = [records async for records in follower]
        assert all(not record.status.is_terminal for records in remaining for record in records)

    play(scene)


def test_a_wish_that_was_not_stored_before_the_engine_stopped_is_refused(play):
    """The caller is not left waiting, and knows that asking again may help."""

    async def scene(world):
        world.answer("hello", Answer(running_seconds=None))
        await world.submit(HELLO)
        await world.until(lambda: world.status("hello") == "Running")
        world.store.failures += [StoreError("disk full")] * 10_000
        asking = asyncio.create_task(world.engine.cancel(WORKSPACE, "job", "ann"))
        await world.until(lambda: world.engine.health()["store_problem"] is not None)
        await world.engine.stop()
        world.store.failures.clear()
        with pytest.raises(StoreError, match="server stopped"):
            await asking
        await world.restart()
        assert world.status() == "Running"

    play(scene)


def test_other_threads_submit_and_cancel_and_wait_for_it(play):
    """The service runs in threads of its own; its calls return when what they did is stored."""

    async def scene(world):
        runner = ThreadedRunner(world.engine, asyncio.get_running_loop())
        tree = tree_of(HELLO)
        graph = graph_of_tree(tree, {})
        job = AcceptedJob(Submission("job", tree, {}), graph, records_of(graph, "job", 1))
        world.answer("hello", Answer(running_seconds=None))

        await asyncio.to_thread(runner.submit, job)
        assert world.store.load_job(WORKSPACE, "job") is not None
        with pytest.raises(Conflict):
            await asyncio.to_thread(runner.submit, job)
        await asyncio.to_thread(runner.resize, "local", 2)
        await world.until(lambda: world.status("hello") == "Running")
        assert runner.staging_of("job-hello").name == "job-hello.1"
        assert runner.staging_of("nobody") is None
        await asyncio.to_thread(runner.cancel, WORKSPACE, "job", "ann")
        assert "CancelAsked" in world.kinds()
        await world.run_to_end()

    play(scene)
