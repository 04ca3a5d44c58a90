from __future__ import annotations

import asyncio
import json

import pytest

from pipeyard.api import stream
from pipeyard.model.status import JobStatus
from pipeyard.service.follow import Follower

AT = 1_700_000_000_000


@pytest.fixture
def follow(api):
    """Follow a job turn by turn; a turn gives short words for what was said."""

    def begin(name, *, logs=True):
        follower = Follower(api.desk.world, "default", name, with_logs=logs)

        def turn(*changed):
            return [short(message) for message in follower.turn(changed or None)]

        turn.follower = follower
        return turn

    return begin


def short(message):
    kind = message["type"]
    if kind == "log":
        return f"{message['key']}| {message['text']}"
    if kind == "step":
        return f"{message['key']}: {message['label']}"
    return f"{kind}: {message['job']['status']}"


def run(api, root, step, **more):
    api.change(root, step.name, status=JobStatus.RUNNING, started_at_ms=AT, **more)


class TestOrder:
    def test_a_step_is_told_to_start_then_to_write_then_to_end(self, api, words, follow):
        """The last words of its log come before its end, although it wrote them in the same moment."""
        root = api.submit()["name"]
        step = api.steps(root)["a"]
        turn = follow(root)
        assert turn() == ["job: Preparing", "a: NotStarted"]
        run(api, root, step)
        api.log(step.name).write_text("one\ntw")
        assert turn() == ["a: Running", "a| one\n"]
        api.log(step.name).write_text("one\ntwo")
        api.change(root, step.name, status=JobStatus.COMPLETED, ended_at_ms=AT + 5)
        api.change(root, root, status=JobStatus.COMPLETED)

        assert turn() == ["a| two", "a: Completed", "job: Completed", "end: Completed"]
        assert turn.follower.has_ended

    def test_a_step_that_began_and_ended_unseen_is_told_whole(self, api, words, follow):
        """Start, log, end."""
        root = api.submit()["name"]
        step = api.steps(root)["a"]
        turn = follow(root)
        turn()
        api.log(step.name).write_text("quick\n")
        api.change(root, step.name, status=JobStatus.FAILED, started_at_ms=AT, ended_at_ms=AT + 1)

        assert turn() == ["a: Running", "a| quick\n", "a: Failed"]

    def test_a_job_that_is_over_is_told_from_its_records(self, api, words, follow):
        """Everything in one turn."""
        root = api.submit()["name"]
        api.log(api.steps(root)["a"].name).write_text("done\n")
        api.end(root)

        assert follow(root)() == ["job: Completed", "a: Running", "a| done\n", "a: Completed", "end: Completed"]

    def test_the_end_may_name_the_steps_in_place_of_repeating_them(self, api, words):
        """In the order of the tree, whoever ended first; each was told when it ended."""
        steps = {"a": words.step(), "b": words.step()}
        root = api.submit(steps)["name"]
        below = api.steps(root)
        follower = Follower(api.desk.world, "default", root, with_logs=False, with_passing=False, repeats_steps=False)
        assert [short(one) for one in follower.turn()] == ["job: Preparing"]
        for key in ("b", "a"):
            api.change(root, below[key].name, status=JobStatus.COMPLETED, started_at_ms=AT, ended_at_ms=AT + 1)
            assert [short(one) for one in follower.turn()] == [f"{key}: Running", f"{key}: Completed"]
        api.change(root, root, status=JobStatus.COMPLETED)
        *_, end = follower.turn()

        assert end["names"] == [below["a"].name, below["b"].name]
        assert "steps" not in end
        assert end["job"]["status"] == "Completed"

    def test_a_skipped_step_says_so(self, api, words, follow):
        """And its log is not looked for."""
        root = api.submit()["name"]
        turn = follow(root)
        turn()
        api.change(
            root, api.steps(root)["a"].name, status=JobStatus.CANCELED, error={"code": "skipped", "message": "x"}
        )

        assert turn() == ["a: Skipped"]

    def test_without_logs_only_states_are_told(self, api, words, follow):
        """For the page, which reads the log of one step."""
        root = api.submit()["name"]
        step = api.steps(root)["a"]
        api.log(step.name).write_text("hidden\n")
        turn = follow(root, logs=False)
        turn()
        run(api, root, step)

        assert turn() == ["a: Running"]

    def test_a_stand_alone_command_is_its_own_step(self, api, words, follow):
        """With an empty key."""
        answer = api.client.post(words.jobs, json={"document": words.step(name="solo")})
        assert answer.status_code == 201
        api.log("solo").write_text("hi\n")
        turn = follow("solo")
        assert turn() == ["job: Preparing", ": Preparing"]
        api.change("solo", "solo", status=JobStatus.COMPLETED, started_at_ms=AT, ended_at_ms=AT + 1)

        assert turn() == [": Running", "| hi\n", ": Completed", "job: Completed", "end: Completed"]

    def test_a_step_alone_can_be_followed(self, api, words, follow):
        """It ends when the step does, whatever the job does."""
        root = api.submit({"a": words.step(), "b": words.step()})["name"]
        steps = api.steps(root)
        turn = follow(steps["b"].name)
        assert turn() == ["job: NotStarted", "b: NotStarted"]
        run(api, root, steps["a"])
        assert turn() == []
        api.change(root, steps["b"].name, status=JobStatus.FAILED, started_at_ms=AT, ended_at_ms=AT + 1)

        assert turn()[-1] == "end: Failed"


class TestPushed:
    def test_what_is_told_late_changes_nothing(self, api, words, follow):
        """A record that was on its way while the store was read."""
        root = api.submit()["name"]
        step = api.steps(root)["a"]
        early = step.with_(status=JobStatus.RUNNING, started_at_ms=AT)
        api.log(step.name).write_text("once\n")
        api.change(root, step.name, status=JobStatus.COMPLETED, started_at_ms=AT, ended_at_ms=AT + 1)
        turn = follow(root)
        turn()

        assert turn(early) == []

    def test_records_of_other_jobs_are_not_ours(self, api, words, follow):
        """Whoever follows one step is told of the whole job."""
        root = api.submit({"a": words.step(), "b": words.step()})["name"]
        steps = api.steps(root)
        turn = follow(steps["a"].name)
        turn()

        assert turn(steps["b"].with_(status=JobStatus.RUNNING, started_at_ms=AT)) == []


class TestRoute:
    def test_the_stream_is_one_json_value_a_line(self, api, words):
        """And ends with the job."""
        root = api.submit(display_name="new\nline ü")["name"]
        api.log(api.steps(root)["a"].name).write_bytes("é \x00 \U0001f600\n".encode() + b"\xff\n")
        api.end(root)
        answer = api.client.get(f"{words.jobs}/{root}/stream")
        messages = words.lines_of(answer)

        assert answer.headers["content-type"] == "application/x-ndjson"
        assert [message["type"] for message in messages] == ["job", "step", "log", "step", "end"]
        assert messages[2]["text"] == "é \x00 \U0001f600\n\ufffd\n"
        assert messages[-1]["steps"][0]["status"] == "Completed"

    def test_a_job_that_does_not_exist_is_a_plain_404(self, api, words):
        """Not a stream that breaks off."""
        assert api.client.get(f"{words.jobs}/nobody/stream").status_code == 404

    def test_a_stopping_server_lets_its_followers_go(self, api, words):
        """Without an end: the job goes on."""
        root = api.submit()["name"]
        object.__setattr__(api.desk, "is_stopping", lambda: True)
        messages = words.lines_of(api.client.get(f"{words.jobs}/{root}/stream"))

        assert [message["type"] for message in messages] == ["job", "step"]


class Told:
    """Somebody who tells of changes, as the engine does."""

    def __init__(self, batches):
        self.batches = list(batches)
        self.is_closed = False

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.batches:
            raise StopAsyncIteration
        batch = self.batches.pop(0)
        return batch() if callable(batch) else batch

    def close(self):
        self.is_closed = True


def test_changes_come_as_they_are_told_and_the_rest_from_the_store(api, words, monkeypatch):
    """Who tells may end before the job does; then the store is looked at."""
    monkeypatch.setattr(stream, "WAIT_SECONDS_MAX", 0.01)
    root = api.submit()["name"]
    step = api.steps(root)["a"]

    def second():
        api.end(root)
        return (step.with_(status=JobStatus.RUNNING, started_at_ms=AT),)

    told = Told([second])
    object.__setattr__(api.desk, "watch", lambda name: told)
    messages = words.lines_of(api.client.get(f"{words.jobs}/{root}/stream"))

    assert [message.get("label") for message in messages if message["type"] == "step"] == [
        "NotStarted",
        "Running",
        "Completed",
    ]
    assert messages[-1]["type"] == "end"
    assert told.is_closed


def test_a_server_that_cannot_store_says_so_at_once_and_when_it_is_over(api, monkeypatch):
    """Nothing else happens in the job meanwhile, so nobody would know why."""
    monkeypatch.setattr(stream, "WAIT_SECONDS_MAX", 0.01)
    problems = [None, "the disk is full", "the disk is full", None]
    object.__setattr__(api.desk, "problem", lambda: problems.pop(0) if len(problems) > 1 else problems[0])
    root = api.submit()["name"]

    async def first_lines():
        follower = Follower(api.desk.world, "default", root, with_logs=True)
        lines = stream._lines(follower, api.desk, root)
        found = [await anext(lines) for _ in range(3)]
        await lines.aclose()
        return found

    beats = [json.loads(line) for line in asyncio.run(first_lines())[1:]]
    assert beats == [{"type": "beat", "problem": "the disk is full"}, {"type": "beat"}]


def test_a_quiet_stream_beats(api, words, monkeypatch):
    """So that both sides know that the other is there."""
    monkeypatch.setattr(stream, "BEAT_SECONDS", 0.0)
    root = api.submit()["name"]

    async def first_lines():
        follower = Follower(api.desk.world, "default", root, with_logs=True)
        lines = stream._lines(follower, api.desk, root)
        found = [await anext(lines) for _ in range(2)]
        await lines.aclose()
        return found

    assert json.loads(asyncio.run(first_lines())[1]) == {"type": "beat"}
