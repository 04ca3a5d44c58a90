"""Why steps ran, as it was noted when they were due."""

from __future__ import annotations

import pytest

from pipeyard.model.errors import NotFound
from pipeyard.model.record import JobRecord
from pipeyard.model.reuse import Decision, Forecast, Reason, ResultRecord
from pipeyard.model.status import JobStatus
from pipeyard.service.foresee import Foresight
from pipeyard.service.why import foresight_json, why_job

PARTS = {"command": "x", "code": None, "environment": {"digest": "e"}, "inputs": {"a": {}, "b": {}}, "outputs": {}}
SOURCE = ResultRecord("default", "k", "step-0", "old_job", "outer/train", "s", 1_700_000_000_000, PARTS)
RAN = {"decision": "ran", "reasons": [{"code": "code-changed", "message": "m"}], "key": "k", "source_job": None}
REUSED = {"decision": "reused", "reasons": [], "key": "k", "source_job": "step-0"}


@pytest.fixture
def told(yard):
    """Say what is told of a job with one pipeline in it and these steps: path, what was noted, other fields."""
    yard.store.result_of = lambda _workspace, name: SOURCE if name == "step-0" else None

    def tell(*steps, step=None, name="old_job"):
        yard.job()
        inside = JobRecord(
            "default", "g", "old_job", "old_job", "pipeline", "outer", 0, "outer", "e", JobStatus.RUNNING, 1, "a"
        )
        yard.store.jobs["g"] = inside
        for position, (node, noted, fields) in enumerate(steps):
            parent = "g" if node.startswith("outer/") else "old_job"
            detail = {} if noted is None else {"reuse": noted}
            values = {"status": JobStatus.COMPLETED, **fields}
            yard.store.jobs[node] = JobRecord(
                "default",
                node,
                "old_job",
                parent,
                "command",
                node,
                position,
                node,
                "e",
                created_at_ms=1,
                created_by="a",
                detail=detail,
                **values,
            )
        return why_job(yard.world, "default", name, step)["steps"]

    return tell


def test_a_step_that_ran_has_the_reasons_that_were_noted(told):
    """They are shown as they are; nothing is computed again."""
    (step,) = told(("train", RAN, {}))

    assert (step["decision"], step["reasons"], step["key"]) == ("ran", RAN["reasons"], "k")


def test_a_reused_step_names_its_source_and_what_is_equal(told):
    """What a key is made of and this step does not have is left out."""
    (step,) = told(("outer/train", REUSED, {}))

    assert step["source"] == {
        "name": "step-0",
        "job": "old_job",
        "step": "outer/train",
        "ended_at": "2023-11-14T22:13:20.000Z",
    }
    assert step["equal"] == ["command", "environment", "inputs `a`, `b`"]


def test_a_source_that_was_forgotten_is_named_still(told):
    """Its result may have been freed since."""
    (step,) = told(("train", {**REUSED, "source_job": "gone"}, {}))

    assert (step["source"], step["equal"]) == ({"name": "gone"}, [])


@pytest.mark.parametrize(
    ("fields", "decision", "code"),
    [
        ({"status": JobStatus.NOT_STARTED}, "open", "waiting"),
        ({"status": JobStatus.QUEUED}, "open", "waiting"),
        ({"status": JobStatus.CANCELED}, "never", "canceled"),
        (
            {"status": JobStatus.CANCELED, "error": {"code": "skipped", "message": "step `a` failed"}},
            "never",
            "skipped",
        ),
        ({"status": JobStatus.COMPLETED}, "never", "not-kept"),
    ],
)
def test_a_step_about_which_nothing_was_noted_says_why(told, fields, decision, code):
    """It waits, was never due, or ran before there was reuse."""
    (step,) = told(("train", None, fields))

    assert (step["decision"], step["reasons"][0]["code"]) == (decision, code)


def test_steps_are_chosen_by_path_from_the_root_or_from_the_job(told):
    """A pipeline stands for all steps in it."""
    steps = (("a", RAN, {}), ("outer/b", RAN, {}), ("outer/c", RAN, {}))

    assert [one["step"] for one in told(*steps)] == ["a", "outer/b", "outer/c"]
    assert [one["step"] for one in told(*steps, step="outer")] == ["outer/b", "outer/c"]
    assert [one["step"] for one in told(*steps, step="outer/c")] == ["outer/c"]
    assert [one["step"] for one in told(*steps, name="g", step="c")] == ["outer/c"]
    with pytest.raises(NotFound) as caught:
        told(*steps, step="outer/d")
    assert caught.value.code == "unknown-step"


def test_a_forecast_names_a_source_only_where_it_is_reused():
    """What it merely depends on is no source."""
    reason = Reason("depends", "m", "h")
    forecasts = [
        Forecast("a", Decision.REUSE, source=SOURCE),
        Forecast("b", Decision.DEPENDS, (reason,), SOURCE),
        Forecast("c", Decision.RUN),
    ]
    found = foresight_json(Foresight(None, forecasts, (), {"b": 2.5}, 2.5))

    assert [(one["step"], one["decision"], one["source"] is None, one["seconds"]) for one in found["steps"]] == [
        ("a", "reuse", False, 0.0),
        ("b", "depends", True, 2.5),
        ("c", "run", True, None),
    ]
    assert found["seconds"] == 2.5
    assert found["steps"][1]["reasons"] == [{"code": "depends", "message": "m", "hint": "h"}]
