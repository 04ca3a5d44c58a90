"""`retry` in all the ways in which it may be written."""

from __future__ import annotations

import pytest

from pipeyard.model.retry import Retry
from pipeyard.spec.decode import decode_job
from pipeyard.spec.document import document_of, parse_document

STEP = {"command": "echo", "environment": "azureml:x:1"}


def step_with(text):
    """Return what a step's `retry` is read as, and what is said of it."""
    document, problems = parse_document(
        f"type: pipeline\njobs:\n  a:\n    command: echo\n    environment: azureml:x:1\n    retry: {text}\n",
        source="",
        file="job.yml",
    )
    job, found = decode_job(document)
    return job.jobs["a"].settings.retry, [problem.code for problem in (*problems, *found)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2", Retry(2)),
        ("'2'", Retry(2)),
        ("0", Retry(0)),
        ("{}", Retry(1)),
        ("{max: 3}", Retry(3)),
        ("{max: 3, backoff_seconds: 0.5}", Retry(3, 0.5)),
        ("{backoff_seconds: 1e2}", Retry(1, 100.0)),
        ("{when: lost}", Retry(1, when=("lost",))),
        ("{when: Timed_Out}", Retry(1, when=("timed-out",))),
        ("{when: [failed, 3, '4', kill, SIGTERM]}", Retry(1, when=("failed", 3, 4, "SIGKILL", "SIGTERM"))),
        ("{when: [lost, lost]}", Retry(1, when=("lost",))),
        ("{on: lost}", Retry(1, when=("lost",))),
        ("{On: [137]}", Retry(1, when=(137,))),
        ("{'on': lost}", Retry(1, when=("lost",))),
        ("", None),
        ("null", None),
    ],
)
def test_every_good_spelling_is_read_without_a_word(text, expected):
    """Among them the key that YAML reads as a truth value, and numbers in quotes."""
    assert step_with(text) == (expected, [])


def test_the_key_on_is_odd_elsewhere():
    """Only under `retry` its meaning is clear."""
    document, problems = parse_document("tags: {on: a}\n", source="", file="job.yml")

    assert document.value == {"tags": {"on": "a"}}
    assert [problem.code for problem in problems] == ["key-not-text"]


@pytest.mark.parametrize("key", [True, "true", "True", "on", "ON"])
def test_a_tree_from_a_program_may_hold_the_truth_value_itself(key):
    """Whoever read the YAML with another library and sends it on."""
    tree = {"type": "pipeline", "jobs": {"a": {**STEP, "retry": {"max": 2, key: ["lost"]}}}}
    job, problems = decode_job(document_of(tree, source=""))

    assert job.jobs["a"].settings.retry == Retry(2, when=("lost",))
    assert problems == ()


@pytest.mark.parametrize(
    "text",
    ["-1", "101", "1.5", "true", "[1]", "often", "{max: true}", "{backoff_seconds: -1}", "{backoff_seconds: 1e9}"],
)
def test_numbers_that_make_no_sense_are_refused(text):
    """Each with one error, and the rest of the file is read on."""
    _, codes = step_with(text)

    assert len(codes) == 1
    assert codes[0] in ("wrong-value", "wrong-type")


def test_a_pipeline_may_say_it_at_its_top_or_in_its_settings():
    """Both mean the default of its steps."""
    for more in ({"retry": 2}, {"settings": {"retry": {"max": 2}}}):
        job, problems = decode_job(document_of({"type": "pipeline", "jobs": {"a": STEP}, **more}, source=""))
        assert job.settings.retry == Retry(2)
        assert problems == ()


def test_a_single_command_may_be_tried_again_and_never_be_reused():
    """A stand-alone job is its own only step."""
    job, problems = decode_job(document_of({**STEP, "retry": 2, "reuse": False}, source=""))

    assert problems == ()
    assert job.step.settings.retry == Retry(2)
    assert job.step.reuse is False


def test_steps_to_wait_for_are_a_name_or_a_list():
    """A name that stands twice counts once."""
    tree = {
        "type": "pipeline",
        "jobs": {"a": STEP, "b": {**STEP, "depends_on": ["a", "a"]}, "c": {**STEP, "depends_on": "b"}},
    }
    job, problems = decode_job(document_of(tree, source=""))

    assert problems == ()
    assert [[name for name, _ in step.depends_on] for step in job.jobs.values()] == [[], ["a"], ["b"]]
