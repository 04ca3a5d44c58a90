from __future__ import annotations

import pytest

from pipeyard.compute.fake import Answer
from pipeyard.model.errors import ComputeError, SpecError, StoreError
from pipeyard.ports import AttemptReport
from tests.integration.engine.test_groups import INNER, OUTER, ROOT
from tests.integration.engine.test_loop import CHAIN, FAN, HELLO
from tests.integration.engine.world import WORKSPACE, Graphs


def kill_at(world, commit: int) -> list[bool]:
    """End the engine right after a commit, before it acts on it; returns a list that is filled when it happened."""
    happened: list[bool] = []

    def die(_batch) -> None:
        if world.store.commits == commit and not happened:
            happened.append(True)
            raise DiedError

    world.store.after_commit.append(die)
    return happened


class DiedError(Exception):
    """Stands for the end of the process: what was stored is stored, nothing else happens."""


async def submit_if_not_there(world, text, **components):
    try:
        await world.submit(text, **components)
    except DiedError:
        assert world.store.load_job(WORKSPACE, "job") is not None


@pytest.mark.parametrize("commit", range(1, 13))
def test_an_engine_that_dies_after_any_commit_is_taken_over(play, commit):
    """Wherever it dies, a new engine brings the job to the same end, and no step runs twice."""

    async def scene(world):
        world.answer("outer/beside", Answer(exit_code=1))
        happened = kill_at(world, commit)
        await submit_if_not_there(world, ROOT, outer=OUTER, inner=INNER)
        await world.until(lambda: happened or world.job().status.is_terminal)
        await world.restart()
        await world.run_to_end()

        assert world.statuses() == {
            "": "Failed",
            "outer": "Failed",
            "outer/inner": "Completed",
            "outer/inner/deep": "Completed",
            "outer/beside": "Failed",
            "after": "Completed",
        }
        assert sorted(world.launched()) == ["job-after.1", "job-outer.beside.1", "job-outer.inner.deep.1"]
        assert world.job().detail["outputs"]["y"]["state"] == "complete"
        for node in ("outer/inner/deep", "outer/beside", "after"):
            kinds = [kind for kind in world.kinds(node) if kind != "AttemptStarted"]
            assert kinds == ["ReuseMissed", "SlotsTaken", "AttemptExited", "OutputsStored"], node

    play(scene, slots=1)


@pytest.mark.parametrize("slots", [1, 3])
def test_a_cancel_survives_the_death_of_the_engine(play, slots):
    """Whoever asked was told that it is stored; the next engine stops what runs."""

    async def scene(world):
        world.answer("s0", Answer(running_seconds=None, stopping_seconds=5))
        await world.submit(FAN)
        await world.until(lambda: world.status("s0") == "Running")
        await world.engine.cancel(WORKSPACE, "job", "ann")
        world.compute.stopped.clear()
        await world.restart()
        await world.until(lambda: "job-s0.1" in world.compute.stopped)
        await world.run_to_end()

        assert world.status() == "Canceled"
        assert world.job("s0").error["message"] == "canceled by ann"

    play(scene, slots=slots)


def test_a_step_that_ended_while_nobody_listened_is_found(play):
    """The compute remembers how it ended."""

    async def scene(world):
        await world.submit(HELLO)
        await world.until(world.launched)
        await world.engine.stop()
        world.clock.move(100)
        await world.restart()
        await world.run_to_end()

        assert world.status() == "Completed"
        assert world.job("hello").detail["duration_seconds"] == 1.0

    play(scene)


def test_a_step_that_the_compute_lost_is_failed(play):
    """A launcher that died with its steps is no reason to wait for ever."""

    async def scene(world):
        world.answer("hello", Answer(running_seconds=None))
        await world.submit(HELLO)
        await world.until(lambda: world.status("hello") == "Running")
        await world.engine.stop()
        world.compute._reports.clear()
        await world.restart()
        await world.run_to_end()

        assert world.job("hello").error["code"] == "lost"

    play(scene)


def test_a_job_whose_graph_cannot_be_made_again_fails_and_others_go_on(play, monkeypatch):
    """An upgrade that refuses an old document must not stop the server from starting."""

    async def scene(world):
        for name in ("good", "bad"):
            world.answer("hello", Answer(running_seconds=None), name)
            await world.submit(HELLO, name)
            await world.until(lambda name=name: world.status("hello", name) == "Running")
        make = Graphs.graph_of

        def graph_of(self, root, submission):
            if root.name == "bad":
                raise SpecError([], "this version knows no such step")
            return make(self, root, submission)

        monkeypatch.setattr(Graphs, "graph_of", graph_of)
        await world.restart()

        assert world.status(name="bad") == "Failed"
        assert "knows no such step" in world.job(name="bad").error["message"]
        assert world.status("hello", "bad") == "Canceled"
        await world.until(lambda: world.compute.stopped == ["bad-hello.1"])
        assert world.engine.health()["active_jobs"] == 1

    play(scene, slots=2)


def test_an_unreadable_store_keeps_the_engine_from_starting(play, monkeypatch):
    """The store's trouble is not the jobs': none is given up."""

    async def scene(world):
        world.answer("hello", Answer(running_seconds=None))
        await world.submit(HELLO)
        await world.until(lambda: world.status("hello") == "Running")
        await world.engine.stop()

        def fail(*_):
            raise StoreError("cannot read")

        monkeypatch.setattr(world.store, "load_events", fail, raising=False)
        with pytest.raises(StoreError):
            await world.restart()
        assert world.status() == "Running"

    play(scene)


def test_history_goes_on_counting_after_a_restart(play):
    """Facts are numbered without a gap."""

    async def scene(world):
        world.answer("prep", Answer(running_seconds=30))
        await world.submit(CHAIN)
        await world.until(lambda: world.status("prep") == "Running")
        await world.restart()
        await world.run_to_end()

        events = world.store.load_events(WORKSPACE, "job")
        assert [event.seq for event in events] == list(range(1, len(events) + 1))

    play(scene)


def test_a_silent_compute_is_noticed_and_believed_when_it_speaks_again(play):
    """Nobody answers: after a while the step is not responding; then it is found running, and completes."""

    async def scene(world):
        world.answer("hello", Answer(running_seconds=1000, is_silent=True))
        await world.submit(HELLO)
        await world.until(world.launched)
        supervisor = world.engine._supervisor
        world.clock.move(1)
        await world.until(world.engine._actor.attempts.running)
        await supervisor.look()
        await world.until(lambda: world.status("hello") == "Running")

        world.compute.failure = ComputeError("no answer")
        await supervisor.look()
        world.clock.move(31)
        await supervisor.look()
        await world.until(lambda: world.status("hello") == "NotResponding")

        world.compute.failure = None
        await supervisor.look()
        await world.until(lambda: world.status("hello") == "Running")
        world.clock.move(1000)
        await supervisor.look()
        await world.run_to_end()
        assert world.status() == "Completed"
        assert "HeartbeatBack" in world.kinds()

    play(scene)


def test_doubled_and_late_reports_change_nothing(play):
    """A compute may say everything twice, and speak of attempts that nobody knows."""

    async def scene(world):
        await world.submit(HELLO)
        await world.until(world.launched)
        report = AttemptReport("job-hello.1", "exited", exit_code=0, started_at_ms=1, ended_at_ms=2)
        for _ in range(3):
            world.compute.on_report(report)
        world.compute.on_report(AttemptReport("ghost.1", "exited", exit_code=0))
        await world.run_to_end()
        world.compute.on_report(report)
        await world.submit(HELLO, "next")
        await world.run_to_end("next")

        assert world.kinds().count("AttemptExited") == 1
        assert world.status() == "Completed"

    play(scene)
