"""Following a job over connections that break."""

from __future__ import annotations

import io

import pytest

from pipeyard.cli import follow as module
from pipeyard.cli.follow import follow
from pipeyard.model.errors import NotFound, OutsideError

JOB = {"name": "j", "status": "Running", "services": {"Studio": {"endpoint": "http://127.0.0.1:1/jobs/j"}}}
DONE = {**JOB, "status": "Completed", "duration_seconds": 2.0}


def step(name, status, **more):
    return {"type": "step", "name": name, "key": name, "status": status, **more}


def log(name, text):
    return {"type": "log", "name": name, "key": name, "text": text}


ENDED = {"ended_at": "2022-03-31T12:00:00.000Z", "duration_seconds": 1.0}
BROKEN = OutsideError("the connection to the server broke off", code="server-unreachable", may_retry=True)


class Talk:
    """A workspace whose connections say what they are given to say, one after the other."""

    name = "default"

    def __init__(self, *connections):
        self.connections = list(connections)

    def stream(self, name, **_asked):
        for message in self.connections.pop(0):
            if isinstance(message, Exception):
                raise message
            yield message


@pytest.fixture
def replaced(monkeypatch):
    """A server that is back at once, whenever it is looked for."""
    looked = []
    monkeypatch.setattr(module, "_reconnect", lambda workspace, name, give_up_at: looked.append(name))
    return looked


def shown(talk):
    stream = io.StringIO()
    code = follow(talk, "j", stream)
    return code, stream.getvalue().partition("\nExecution Summary")[0]


def test_a_replaced_server_is_followed_on_without_repeating_anything(replaced):
    """The new server tells all from the start: heads, moves and text that were shown are left out."""
    before = [
        {"type": "job", "job": JOB},
        step("a", "Running"),
        log("a", "one\ntwo\n"),
        step("a", "Completed", **ENDED),
        step("b", "Running"),
        log("b", "three\nfo"),
        BROKEN,
    ]
    after = [
        {"type": "job", "job": JOB},
        step("a", "Running"),
        log("a", "one\n"),
        log("a", "two\n"),
        step("a", "Completed", **ENDED),
        step("b", "Running"),
        log("b", "three\nfour\n"),
        step("b", "Completed", **ENDED),
        {"type": "end", "job": DONE, "steps": []},
    ]

    code, text = shown(Talk(before, after))

    assert code == 0
    assert replaced == ["j"]
    assert text.split("\n\n", 1)[1].splitlines() == [
        "a | [Running]",
        "a | one",
        "a | two",
        "a | [Completed after 1.0s]",
        "b | [Running]",
        "b | three",
        "b | four",
        "b | [Completed after 1.0s]",
    ]


def test_a_stream_that_ends_without_its_last_message_is_asked_for_again(replaced):
    """A server that is told to stop closes its streams; the next one knows the end."""
    code, _ = shown(Talk([{"type": "job", "job": JOB}], [{"type": "end", "job": DONE, "steps": []}]))

    assert (code, replaced) == (0, ["j"])


def test_the_last_message_may_name_the_steps_that_were_told(replaced):
    """They are summed up in its order, as they were told last; a server that repeats them is believed."""
    told = [step("b", "Running"), step("b", "Failed", **ENDED), step("a", "Completed", **ENDED)]
    named = [*told, {"type": "end", "job": DONE, "names": ["a", "b"]}]
    repeated = [*told, {"type": "end", "job": DONE, "steps": [told[2], told[1]]}]
    streams = [io.StringIO(), io.StringIO()]
    for messages, stream in zip((named, repeated), streams, strict=True):
        follow(Talk(messages), "j", stream)

    assert streams[0].getvalue() == streams[1].getvalue()
    summary = streams[0].getvalue().partition("\nExecution Summary")[2]
    assert summary.index("a  Completed") < summary.index("b  Failed")


def test_text_that_breaks_off_twice_is_shown_once(replaced):
    """What the second connection repeats counts as shown, too."""
    talk = Talk(
        [log("a", "12\n"), BROKEN],
        [log("a", "12\n34\n"), BROKEN],
        [log("a", "12\n"), log("a", "34\n56\n"), {"type": "end", "job": DONE, "steps": []}],
    )

    assert shown(talk)[1].split() == ["a", "|", "12", "a", "|", "34", "a", "|", "56"]


def test_what_will_not_get_better_is_not_tried_again(replaced):
    """A job that does not exist is an error at once."""
    with pytest.raises(NotFound):
        shown(Talk([NotFound("there is no job `j`")]))

    assert replaced == []


def test_a_server_that_stays_away_is_given_up(monkeypatch, tmp_path):
    """After a while the command ends and says how to go on; the job is not touched."""
    monkeypatch.setenv("PIPEYARD_HOME", str(tmp_path))
    monkeypatch.setattr(module, "_SILENCE_SECONDS_MAX", 0.0)

    with pytest.raises(OutsideError) as caught:
        shown(Talk([BROKEN]))

    assert caught.value.hint == "to follow it again: pipeyard job stream -n j"


def test_a_server_that_cannot_store_is_told_of_once_and_once_when_it_is_over(replaced):
    """The beats repeat it; the screen does not."""
    full = {"type": "beat", "problem": "the disk is full"}
    messages = [{"type": "job", "job": JOB}, {"type": "beat"}, full, full, {"type": "beat"}, {"type": "beat"}]
    code, text = shown(Talk([*messages, {"type": "end", "job": DONE, "steps": []}]))

    assert code == 0
    assert text.splitlines()[3:5] == [
        "[the server cannot store what happens and tries again: the disk is full]",
        "[the server goes on]",
    ]
    assert text.count("the disk is full") == text.count("the server goes on") == 1


def test_the_end_of_a_job_is_the_end_of_the_trouble(replaced):
    """It could not have been stored otherwise."""
    full = {"type": "beat", "problem": "the disk is full"}
    _, text = shown(Talk([{"type": "job", "job": JOB}, full, {"type": "end", "job": DONE, "steps": []}]))

    assert "[the server goes on]" in text
