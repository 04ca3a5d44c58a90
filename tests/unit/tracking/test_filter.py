"""MLflow's search grammar."""

from __future__ import annotations

import pytest

from pipeyard.model.errors import UserError
from pipeyard.tracking.filter import (
    EXPERIMENTS,
    LOGGED_MODELS,
    MODEL_VERSIONS,
    REGISTERED_MODELS,
    RUNS,
    meets,
    parse_filter,
)

RUN = {
    "metric": {"loss": 0.25, "val/loss": 3.0, "nan": float("nan")},
    "param": {"depth": "3", "a b": "x"},
    "tag": {"team": "Vision", "mlflow.parentRunId": "p1"},
    "attribute": {"run_id": "r1", "run_name": "first", "status": "FINISHED", "start_time": 5},
    "dataset": [{"name": "iris", "digest": "d1", "context": "train"}],
}


@pytest.mark.parametrize(
    "text",
    [
        "metrics.loss < 0.5",
        "metric.loss<=.25 and  params.depth='3'",
        'metrics.`val/loss` = 3 AND metrics."val/loss" >= 3e0 AND metrics.val/loss != 4',
        "parameters.`a b` = \"x\" AND param.depth LIKE '_' AND parameter.depth != '4'",
        "tags.team ILIKE 'vis%' AND tag.team LIKE 'V%n' AND tags.mlflow.parentRunId = 'p1'",
        "tags.other IS NULL AND params.depth IS NOT NULL",
        "run_id IN ('r0', 'r1') AND attributes.run_id NOT IN ('r2') AND attr.status = 'FINISHED'",
        "run.start_time > 4 AND created <= 5 AND `Run name` = 'first' AND attribute.run_name != 'x'",
        "dataset.name = 'iris' AND datasets.context IN ('train', 'test') AND dataset.digest LIKE 'd%'",
        "  ",
    ],
)
def test_a_run_that_is_meant_is_found(text):
    """Every kind of key, each of its names, every comparison, any way of quoting."""
    assert meets(RUN, parse_filter(text, RUNS))


@pytest.mark.parametrize(
    "text",
    [
        "metrics.loss > 0.5",
        "metrics.none > 0",
        "metrics.none != 0",
        "metrics.nan > 0",
        "tags.team = 'vision'",
        "tags.none != 'x'",
        "tags.team IS NULL",
        "dataset.name = 'wine'",
        "run_id NOT IN ('r1')",
        "params.depth = '3' AND params.depth = '4'",
    ],
)
def test_another_run_is_not(text):
    """What lacks a key meets no condition but IS NULL; texts are told apart by capitals."""
    assert not meets(RUN, parse_filter(text, RUNS))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("metrics.loss < 'a'", "compared with a number"),
        ("params.depth = 3", "a text in quotes"),
        ("metrics.loss LIKE 'a'", "cannot be compared with LIKE"),
        ("metrics.loss", "in the middle"),
        ("metrics.loss < 1 OR metrics.loss > 2", "`OR` cannot join"),
        ("nothing.loss < 1", "no kind of key"),
        ("run_nam = 'x'", "no attribute `run_nam`"),
        ("dataset.size = 'x'", "a data set has no `size`"),
        ("run_id IN 'x'", "`(` is expected"),
        ("run_id IN ('x' 'y')", "no comma"),
        ("params.a IS 3", "a name is expected"),
        ("; drop table", "cannot be read"),
        ("metrics.loss IS NULL", "cannot be compared"),
    ],
)
def test_what_is_no_filter_is_explained(text, what):
    """The message says which part, and what was expected."""
    with pytest.raises(UserError, match="cannot be searched by") as raised:
        parse_filter(text, RUNS)
    assert what in raised.value.message
    assert raised.value.code == "bad-filter"


def test_each_kind_of_thing_has_its_own_keys():
    """Experiments, logged and registered models, versions."""
    experiment = {"attribute": {"name": "spring", "creation_time": 3}, "tag": {}}
    logged = {"attribute": {"creation_timestamp": 3, "name": "m"}, "metric": {"auc": 0.5}, "param": {}, "tag": {}}
    version = {"attribute": {"name": "m", "version_number": 12, "run_id": "r"}, "tag": {"a": "b"}}

    assert meets(experiment, parse_filter("name LIKE 'spr%' AND creation_time < 4", EXPERIMENTS))
    assert meets(logged, parse_filter("metrics.auc > 0.4 AND creation_time = 3 AND name = 'm'", LOGGED_MODELS))
    assert meets(version, parse_filter("version_number >= 12 AND run_id IN ('r') AND tags.a = 'b'", MODEL_VERSIONS))
    with pytest.raises(UserError, match=r"`metrics` is no kind of key of registered models"):
        parse_filter("metrics.a > 1", REGISTERED_MODELS)


def test_models_that_are_no_prompts_say_nothing_of_it():
    """Clients of MLflow 3 ask for models with this condition, and mean those without the tag."""
    wanted = parse_filter("tag.`mlflow.prompt.is_prompt` != 'true'", REGISTERED_MODELS)

    assert meets({"tag": {}}, wanted)
    assert not meets({"tag": {"mlflow.prompt.is_prompt": "true"}}, wanted)
