"""
What a job has logged, for people and for whoever follows it.

In:       a job that exists.
Out:      its metrics, their points, its params.
Not here: logging (`tracking_log.py`), MLflow's own words for all this (`pipeyard/tracking/`).

A step for which an earlier result stands shows what the original logged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeyard.model.errors import NotFound
from pipeyard.model.nearest import nearest
from pipeyard.model.record import JobRecord
from pipeyard.model.tracking import MetricPoint, MetricSummary
from pipeyard.service.jobs import show_job
from pipeyard.service.wire import time_text
from pipeyard.service.world import World
from pipeyard.tracking.run import json_number as json_number  # noqa: PLC0414 - others of this layer write numbers too
from pipeyard.tracking.sample import thinned

# Points that one answer may hold.
POINTS_MAX = 10_000
# Of a longer history, so many points are looked at when it is thinned out.
_LOOKED_AT_MAX = 50_000
# Metrics that `job show` names.
SHOWN_MAX = 50


def metrics(world: World, workspace: str, name: str) -> Sequence[MetricSummary]:
    """Return what is known of each metric of a job, by key."""
    job = show_job(world, workspace, name)
    return world.tracking.metrics_of([job.writer]).get(job.writer, ())


def metrics_by_step(world: World, tree: Sequence[JobRecord]) -> Sequence[tuple[JobRecord, Sequence[MetricSummary]]]:
    """Return the jobs of a tree that logged metrics, in its order, with what is known of each metric."""
    found = world.tracking.metrics_of([job.writer for job in tree])
    return [(job, found[job.writer]) for job in tree if found.get(job.writer)]


def metric_points(
    world: World, workspace: str, name: str, key: str, *, after_seq: int = 0, limit: int = 1000
) -> Sequence[MetricPoint]:
    """Return points of a metric in the order in which they came, from the one behind *after_seq* on."""
    job = show_job(world, workspace, name)
    limit = max(1, min(limit, POINTS_MAX))
    found = world.tracking.metric_points(job.writer, key, after_seq=after_seq, limit=limit)
    if not found:
        _check_known(world, job, key)
    return found


def metric_sample(world: World, workspace: str, name: str, key: str, max_points: int) -> Sequence[MetricPoint]:
    """Return a metric's history with at most *max_points* points, which keep its ups and downs."""
    job = show_job(world, workspace, name)
    max_points = max(2, min(max_points, POINTS_MAX))
    found = world.tracking.metric_sample(job.writer, key, max(_LOOKED_AT_MAX, max_points))
    if not found:
        _check_known(world, job, key)
    return thinned(found, max_points)


def params(world: World, workspace: str, name: str) -> Mapping[str, str]:
    """Return the params of a job, by key."""
    job = show_job(world, workspace, name)
    return world.tracking.params_of([job.writer]).get(job.writer, {})


def latest_values(world: World, job: JobRecord) -> dict[str, Any]:
    """Return the latest values of a job's first metrics, for `job show`; nothing when it logged none."""
    found = world.tracking.metrics_of([job.writer]).get(job.writer, ())
    shown = {summary.key: json_number(summary.latest.value) for summary in found[:SHOWN_MAX]}
    if not shown:
        return {}
    return {"metrics": shown} if len(found) <= SHOWN_MAX else {"metrics": shown, "metric_count": len(found)}


def summary_json(summary: MetricSummary) -> dict[str, Any]:
    """Return what is known of a metric as JSON."""
    return {
        "key": summary.key,
        "latest": json_number(summary.latest.value),
        "step": summary.latest.step,
        "at": time_text(summary.latest.timestamp_ms),
        "min": None if summary.minimum is None else json_number(summary.minimum),
        "max": None if summary.maximum is None else json_number(summary.maximum),
        "count": summary.count,
    }


def point_json(point: MetricPoint) -> dict[str, Any]:
    """Return a point as JSON."""
    return {
        "seq": point.seq,
        "value": json_number(point.value),
        "step": point.step,
        "timestamp": point.timestamp_ms,
    }


def _check_known(world: World, job: JobRecord, key: str) -> None:
    """Raise unless the job has logged the metric."""
    known = [summary.key for summary in world.tracking.metrics_of([job.writer]).get(job.writer, ())]
    if key in known:
        return
    close = nearest(key, known)
    hint = f"did you mean `{close}`?" if close else None
    if not known:
        hint = "it has logged none" if job.status.is_terminal else "it has logged none yet"
    raise NotFound(f"job `{job.name}` has no metric `{key}`", code="no-metric", hint=hint)
