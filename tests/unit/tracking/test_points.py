"""Points of metrics: which is the latest, what is known of all, a long history as few of them."""

from __future__ import annotations

import math

from pipeyard.model.tracking import MetricPoint, MetricSummary, experiment_id, tracking_uri
from pipeyard.tracking.sample import thinned

NAN = math.nan


def points(*values):
    return [MetricPoint(value, seq, 0, seq) for seq, value in enumerate(values, 1)]


def test_the_latest_is_of_the_last_step_then_time_then_value():
    """MLflow's rule, whatever came last; NaN is the least of values."""
    come = (
        MetricPoint(5.0, 1, 10),
        MetricPoint(1.0, 2, 5),
        MetricPoint(2.0, 2, 5),
        MetricPoint(NAN, 2, 5),
        MetricPoint(9.0, 0, 99),
    )
    summary = MetricSummary("loss", 0, come[0], None, None).plus(come)

    assert (summary.latest.value, summary.count, summary.minimum, summary.maximum) == (2.0, 5, 1.0, 9.0)


def test_only_nan_has_neither_least_nor_greatest():
    """And infinity has."""
    nothing = MetricSummary("m", 0, MetricPoint(NAN, 0, 0), None, None).plus((MetricPoint(NAN, 0, 0),))

    assert (nothing.minimum, nothing.maximum, nothing.count) == (None, None, 1)
    assert nothing.plus((MetricPoint(-math.inf, 1, 0),)).minimum == -math.inf


def test_a_peak_stays_to_be_seen():
    """First, last, and of each stretch the lowest and the highest."""
    values = [1.0] * 1000
    values[503], values[504] = 99.0, -5.0
    kept = thinned(points(*values), 20)

    assert len(kept) <= 20
    assert (kept[0].seq, kept[-1].seq) == (1, 1000)
    assert {99.0, -5.0} <= {point.value for point in kept}
    assert [point.seq for point in kept] == sorted(point.seq for point in kept)


def test_few_points_stay_all():
    """And two are the ends."""
    some = points(1.0, NAN, 3.0)

    assert thinned(some, 3) == some
    assert [point.seq for point in thinned(some, 2)] == [1, 3]


def test_an_experiments_number_is_always_the_same():
    """Another workspace's experiment of that name has another one; the default one is MLflow's own."""
    assert experiment_id("default", "spring") == experiment_id("default", "spring")
    assert experiment_id("default", "spring") != experiment_id("vision", "spring")
    assert experiment_id("vision", "Default") == "0"
    assert len(experiment_id("default", "x")) == 18


def test_a_workspace_is_part_of_the_address():
    """Without a server there is none."""
    assert tracking_uri("http://127.0.0.1:1", "a b") == "http://127.0.0.1:1/mlflow/a%20b"
    assert tracking_uri(None, "default") is None
