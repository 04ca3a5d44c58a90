"""
Routes of what a job has logged.

Not here: logging, which MLflow's client does (`api/mlflow/`).
"""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from pipeyard.api import files as _files  # noqa: F401 - gives addresses the word `anything`.
from pipeyard.api.allow import AnyCaller, TheDesk, UserOnly
from pipeyard.api.answer import Answer
from pipeyard.api.desk import Desk
from pipeyard.api.gate import Caller, check_own
from pipeyard.model.tracking import MetricPoint
from pipeyard.service import tracking as service
from pipeyard.service.jobs import show_job, tree_of

router = APIRouter()
_JOB = "/api/v1/workspaces/{workspace}/jobs/{name}"
_POINTS = 1000


@router.get(_JOB + "/metrics")
def metrics(workspace: str, name: str, desk: TheDesk, caller: AnyCaller) -> Answer:
    """List a job's metrics, each with its latest, lowest and highest value and how many points there are."""
    _own(desk, caller, workspace, name)
    return Answer({"value": [service.summary_json(one) for one in service.metrics(desk.world, workspace, name)]})


@router.get(_JOB + "/steps/metrics", dependencies=[UserOnly])
def metrics_by_step(workspace: str, name: str, desk: TheDesk) -> Answer:
    """List the metrics of a whole job: of each step that logged any, those that `metrics` lists of it."""
    found = service.metrics_by_step(desk.world, tree_of(desk.world, workspace, name))
    rows = [
        {"step": step.node_id, "job": step.name, "metrics": [service.summary_json(one) for one in of_step]}
        for step, of_step in found
    ]
    return Answer({"value": rows})


@router.get(_JOB + "/metrics/{key:anything}")
def points(
    workspace: str,
    name: str,
    *,
    key: str,
    desk: TheDesk,
    caller: AnyCaller,
    max_points: int | None = None,
    after_seq: int = 0,
    limit: int = _POINTS,
) -> Answer:
    """Return a metric's history: thinned out to *max_points*, or page by page from *after_seq* on."""
    _own(desk, caller, workspace, name)
    if max_points is not None:
        found = service.metric_sample(desk.world, workspace, name, key, max_points)
        return Answer({"key": key, "value": _json(found)})
    found = service.metric_points(desk.world, workspace, name, key, after_seq=after_seq, limit=limit)
    following = found[-1].seq if len(found) >= min(limit, service.POINTS_MAX) else None
    return Answer({"key": key, "value": _json(found), "next": following})


@router.get(_JOB + "/params")
def params(workspace: str, name: str, desk: TheDesk, caller: AnyCaller) -> Answer:
    """Return a job's params."""
    _own(desk, caller, workspace, name)
    return Answer({"value": dict(service.params(desk.world, workspace, name))})


def _json(points: Sequence[MetricPoint]) -> list[dict[str, object]]:
    return [service.point_json(point) for point in points]


def _own(desk: Desk, caller: Caller, workspace: str, name: str) -> None:
    check_own(caller, show_job(desk.world, workspace, name))
