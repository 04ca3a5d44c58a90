"""`ports.TrackingStore`, over SQLite and PostgreSQL."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from pipeyard.model.record import Batch
from pipeyard.model.status import JobStatus
from pipeyard.model.tracking import (
    RUN,
    Experiment,
    LoggedModel,
    MetricPoint,
    ModelMetric,
    ModelName,
    RunLink,
    RunLog,
)
from pipeyard.store.sql import open_store
from tests.contract.records import NASTY, job, names

RUNNING = JobStatus.RUNNING


@pytest.fixture
def tracking(store):
    store.commit(Batch(jobs=(job("run1", status=RUNNING), job("run2", status=RUNNING, kind=RUN, at=2000))))
    return store.tracking


def log(run="run1", **what):
    return RunLog("default", run, **what)


def points(*values, at=5):
    return tuple(MetricPoint(value, step, at) for step, value in enumerate(values))


def test_points_come_back_as_they_came(tracking):
    """Any name, any number: NaN and the infinities too; counted from 1, over several logs."""
    assert list(
        tracking.log([log(metrics={NASTY: points(1.5, math.nan)}), log(metrics={NASTY: points(-math.inf)})])
    ) == [
        None,
        None,
    ]
    found = tracking.metric_points("run1", NASTY)

    assert [point.seq for point in found] == [1, 2, 3]
    assert found[0].value == 1.5
    assert math.isnan(found[1].value)
    assert found[2].value == -math.inf
    assert [point.seq for point in tracking.metric_points("run1", NASTY, after_seq=1, limit=1)] == [2]
    assert tracking.metric_points("run1", "other") == ()


def test_what_is_known_of_all_points_is_kept_with_them(tracking):
    """Latest, least, greatest, how many; by key."""
    tracking.log([log(metrics={"b": points(1.0, 5.0, 3.0), "a": points(math.nan)})])
    tracking.log([log(metrics={"b": (MetricPoint(7.0, 1, 9),)})])
    first, second = tracking.metrics_of(["run1", "run2"])["run1"]

    assert (first.key, first.count, first.minimum) == ("a", 1, None)
    assert math.isnan(first.latest.value)
    assert (second.key, second.count, second.minimum, second.maximum, second.latest.value) == ("b", 4, 1.0, 7.0, 3.0)


def test_a_long_history_is_thinned_out_with_its_last_point(tracking):
    """By the database; everything when that is little enough."""
    tracking.log([log(metrics={"m": points(*map(float, range(100)))})])

    assert [point.seq for point in tracking.metric_sample("run1", "m", 4)] == [1, 26, 51, 76, 100]
    assert len(tracking.metric_sample("run1", "m", 100)) == 100
    assert tracking.metric_sample("run1", "none", 4) == ()


def test_histories_of_many_runs_come_together(tracking):
    """For whoever compares them; a run without the key is left out."""
    tracking.log([log(metrics={"m": points(1.0, 2.0)}), log("run2", metrics={"n": points(3.0)})])

    assert {
        run: [one.value for one in found] for run, found in tracking.metric_history(["run1", "run2"], "m").items()
    } == {"run1": [1.0, 2.0]}


def test_a_param_is_written_once(tracking):
    """The same value again is no error; a refused log leaves nothing, and the others of the transaction are stored."""
    tracking.log([log(params={"lr": "0.1", NASTY: NASTY})])
    told = tracking.log(
        [
            log(params={"lr": "0.1"}),
            log(params={"lr": "0.2", "new": "x"}, metrics={"m": points(1.0)}),
            log(tags={"a": "b"}),
        ]
    )

    assert [None if one is None else one.code for one in told] == [None, "param-changed", None]
    assert tracking.params_of(["run1"]) == {"run1": {"lr": "0.1", NASTY: NASTY}}
    assert tracking.metrics_of(["run1"]) == {}


def test_tags_are_the_jobs_own(store, tracking):
    """MLflow's own words are properties; what is removed has to be there."""
    tracking.log([log(tags={"team": "x", NASTY: NASTY, "mlflow.source.name": "a.py"})])
    told = tracking.log([log(removed_tags=("team",)), log(removed_tags=("none",))])
    found = store.load_job("default", "run1")

    assert (found.tags, found.properties) == ({NASTY: NASTY}, {"mlflow.source.name": "a.py"})
    assert [None if one is None else one.code for one in told] == [None, "no-tag"]


def test_nothing_is_logged_to_what_is_not_there(store, tracking):
    """No run, another workspace's, a deleted one, and for a job's token after its end."""
    store.commit(
        Batch(
            jobs=(
                job("gone", kind=RUN, is_archived=True, status=RUNNING),
                job("old", kind="command", status=JobStatus.COMPLETED),
            )
        )
    )
    logs = [
        log("nope"),
        replace(log("run1"), workspace="other"),
        log("gone"),
        replace(log("run2"), asked_by="old"),
        replace(log("old"), asked_by="old"),
        replace(log("run2"), asked_by="run1"),
        log("old", metrics={"m": points(1.0)}),
    ]

    assert [None if one is None else one.code for one in tracking.log(logs)] == [
        "no-run",
        "no-run",
        "run-deleted",
        "job-ended",
        "job-ended",
        None,
        None,
    ]


def test_what_was_logged_is_there_for_another_server(address, store, tracking):
    """After this one has closed."""
    tracking.log([log(metrics={"m": points(1.0)}, params={"a": "b"})])
    store.close()
    again = open_store(address)
    try:
        assert again.tracking.metrics_of(["run1"])["run1"][0].latest.value == 1.0
        assert again.tracking.params_of(["run1"]) == {"run1": {"a": "b"}}
    finally:
        again.close()


def test_links_are_kept_once_each(tracking):
    """Data sets and models of a run; said again, they are the same."""
    link = RunLink("dataset", "k", {"dataset": {"name": NASTY}})
    tracking.log([log(links=(link, RunLink("model-output", "m-1", {"model_id": "m-1"}))), log(links=(link,))])

    assert list(tracking.links_of(["run1"])["run1"]) == [link, RunLink("model-output", "m-1", {"model_id": "m-1"})]


def test_runs_of_an_experiment_are_found_whatever_they_are(store, tracking):
    """Pipelines, steps and scripts' runs, newest first; hidden ones only when asked for."""
    store.commit(Batch(jobs=(job("hidden", is_archived=True, at=3000), job("other", experiment_name="else"))))

    assert names(tracking.find_runs("default", ["experiment"], archived="active")) == ["run2", "run1"]
    assert names(tracking.find_runs("default", ["experiment"], archived="all")) == ["hidden", "run2", "run1"]
    assert names(tracking.find_runs("default", ["experiment"], archived="archived")) == ["hidden"]
    assert names(tracking.find_runs("elsewhere", ["experiment"], archived="all")) == []


def test_runs_of_scripts_are_nobody_elses_business(store, tracking):
    """The engine does not find them again, and they are in no job's graph."""
    store.commit(Batch(jobs=(job("inside", root="run1", parent="run1", kind=RUN, status=RUNNING),)))

    assert names(store.unfinished()) == ["run1"]
    assert names(store.load_tree("default", "run1")) == ["run1"]
    assert names(store.load_tree("default", "run2")) == ["run2"]


def test_experiments_are_those_of_jobs_and_those_that_were_named(tracking):
    """What was said of one is kept."""
    tracking.save_experiment(Experiment("default", NASTY, 50, 60, {"a": NASTY}))
    tracking.save_experiment(Experiment("default", NASTY, 50, 70, {}, is_deleted=True))
    found = {one.name: one for one in tracking.list_experiments("default")}

    assert set(found) == {"experiment", NASTY}
    assert found[NASTY] == Experiment("default", NASTY, 50, 70, {}, is_deleted=True)
    assert (found["experiment"].created_at_ms, found["experiment"].changed_at_ms) == (1000, 2000)


def test_logged_models_and_their_metrics(tracking):
    """A model changes as a whole; of each metric about each data set the latest value is known."""
    model = LoggedModel("default", "m-1", "experiment", NASTY, 5, 5, "LOGGED_MODEL_PENDING", "model", "run1")
    tracking.save_model(model)
    tracking.save_model(replace(model, status="LOGGED_MODEL_READY", tags={"a": "b"}))
    metric = ModelMetric("m-1", "auc", MetricPoint(0.5, 3, 5), "run1", "iris", "d")
    tracking.log([log(model_metrics=(metric, replace(metric, point=MetricPoint(0.9, 2, 5))))])

    assert [one.status for one in tracking.list_models("default", experiments=["experiment"])] == ["LOGGED_MODEL_READY"]
    assert tracking.list_models("default", model_ids=["m-1"])[0].tags == {"a": "b"}
    assert [one.point.value for one in tracking.model_metrics(["m-1"])["m-1"]] == [0.5]
    tracking.delete_model("default", "m-1")
    assert list(tracking.list_models("default")) == []
    assert tracking.model_metrics(["m-1"]) == {}


def test_what_is_said_of_a_registered_model(tracking):
    """As a whole; its versions are assets."""
    tracking.save_model_name(ModelName("default", "spring", 1, 2, NASTY, {"a": NASTY}))

    assert list(tracking.list_model_names("default")) == [ModelName("default", "spring", 1, 2, NASTY, {"a": NASTY})]
    tracking.delete_model_name("default", "spring")
    assert list(tracking.list_model_names("default")) == []
