"""
A job as an MLflow run.

In:       a job's record, and what it logged.
Out:      the JSON of a run as MLflow's clients read it, and what a search can ask of it.
Not here: what is stored (`model/tracking.py`).

Every job is a run: a pipeline, a step, and what somebody's own script began.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from pipeyard.model.record import JobRecord
from pipeyard.model.status import JobStatus
from pipeyard.model.tracking import (
    RUN,
    SYSTEM_TAG,
    Experiment,
    LoggedModel,
    MetricPoint,
    MetricSummary,
    ModelMetric,
    RunLink,
    experiment_id,
)
from pipeyard.model.value import dataclass
from pipeyard.tracking.filter import ATTRIBUTE, DATASET, METRIC, PARAM, TAG, Subject

ARTIFACTS = "mlflow-artifacts:/"
RUN_NAME, PARENT_RUN = "mlflow.runName", "mlflow.parentRunId"
ROOT_RUN, RUN_USER = "mlflow.rootRunId", "mlflow.user"
DATASET_LINK, MODEL_INPUT, MODEL_OUTPUT = "dataset", "model-input", "model-output"
_CONTEXT = "mlflow.data.context"

_WORDS = {
    JobStatus.RUNNING: "RUNNING",
    JobStatus.FINALIZING: "RUNNING",
    JobStatus.NOT_RESPONDING: "RUNNING",
    JobStatus.CANCEL_REQUESTED: "RUNNING",
    JobStatus.COMPLETED: "FINISHED",
    JobStatus.FAILED: "FAILED",
    JobStatus.CANCELED: "KILLED",
}
_STATUSES = {
    "SCHEDULED": JobStatus.QUEUED,
    "RUNNING": JobStatus.RUNNING,
    "FINISHED": JobStatus.COMPLETED,
    "FAILED": JobStatus.FAILED,
    "KILLED": JobStatus.CANCELED,
}


@dataclass(frozen=True, slots=True)
class RunData:
    """What a run has logged."""

    metrics: Sequence[MetricSummary] = ()
    params: Mapping[str, str] = field(default_factory=dict)
    links: Sequence[RunLink] = ()


def run_status(status: JobStatus) -> str:
    """Return MLflow's word for a status."""
    return _WORDS.get(status, "SCHEDULED")


def job_status(word: str) -> JobStatus | None:
    """Return what MLflow's word for a status means; None for no such word."""
    return _STATUSES.get(word)


def artifact_uri(run: str, path: str = "") -> str:
    """Return where a run's files are for MLflow's clients: behind our own address."""
    return f"{ARTIFACTS}{run}/{path}".rstrip("/")


def tags_of(job: JobRecord) -> dict[str, str]:
    """Return a job's tags as a run's: with MLflow's own, which say what it is called and whose it is."""
    system = {RUN_NAME: job.display_name, RUN_USER: job.created_by}
    if job.parent_name is not None:
        system |= {PARENT_RUN: job.parent_name, ROOT_RUN: job.root_name}
    kept = {key: value for key, value in job.properties.items() if key.startswith(SYSTEM_TAG)}
    return {**{key: str(value) for key, value in {**kept, **job.tags}.items()}, **system}


def run_json(job: JobRecord, data: RunData) -> dict[str, Any]:
    """Return a run."""
    outputs = [link.body for link in data.links if link.kind == MODEL_OUTPUT]
    return {
        "info": info_json(job),
        "data": {
            "metrics": [{"key": summary.key, **_point(summary.latest), "run_id": job.name} for summary in data.metrics],
            "params": pairs(data.params),
            "tags": pairs(tags_of(job)),
        },
        "inputs": {
            "dataset_inputs": [link.body for link in data.links if link.kind == DATASET_LINK],
            "model_inputs": [link.body for link in data.links if link.kind == MODEL_INPUT],
        },
        **({"outputs": {"model_outputs": outputs}} if outputs else {}),
    }


def info_json(job: JobRecord) -> dict[str, Any]:
    """Return what a run says of itself."""
    shown = {
        "run_id": job.name,
        "run_uuid": job.name,
        "run_name": job.display_name,
        "experiment_id": experiment_id(job.workspace, job.experiment_name),
        "user_id": job.created_by,
        "status": run_status(job.status),
        "start_time": _start(job),
        "end_time": job.ended_at_ms,
        "artifact_uri": artifact_uri(job.name),
        "lifecycle_stage": "deleted" if job.is_archived else "active",
    }
    return {key: value for key, value in shown.items() if value is not None}


def run_subject(job: JobRecord, data: RunData) -> Subject:
    """Return what a search can ask of a run."""
    return {
        METRIC: {summary.key: summary.latest.value for summary in data.metrics},
        PARAM: data.params,
        TAG: tags_of(job),
        ATTRIBUTE: info_json(job),
        DATASET: [_dataset(link.body) for link in data.links if link.kind == DATASET_LINK],
    }


def history_json(key: str, point: MetricPoint) -> dict[str, Any]:
    """Return a point of a history."""
    return {"key": key, **_point(point)}


def experiment_json(experiment: Experiment) -> dict[str, Any]:
    """Return an experiment."""
    return {
        "experiment_id": experiment.id,
        "name": experiment.name,
        "artifact_location": ARTIFACTS,
        "lifecycle_stage": "deleted" if experiment.is_deleted else "active",
        "creation_time": experiment.created_at_ms,
        "last_update_time": experiment.changed_at_ms,
        "tags": pairs(experiment.tags),
    }


def experiment_subject(experiment: Experiment) -> Subject:
    """Return what a search can ask of an experiment."""
    return {ATTRIBUTE: experiment_json(experiment), TAG: experiment.tags}


def model_json(
    model: LoggedModel, metrics: Sequence[ModelMetric], versions: Sequence[Mapping[str, str]] = ()
) -> dict[str, Any]:
    """Return a logged model."""
    return {
        "info": {
            "model_id": model.model_id,
            "experiment_id": experiment_id(model.workspace, model.experiment_name),
            "name": model.name,
            "creation_timestamp_ms": model.created_at_ms,
            "last_updated_timestamp_ms": model.changed_at_ms,
            "artifact_uri": model_uri(model),
            "status": model.status,
            "model_type": model.model_type,
            "source_run_id": model.source_run,
            "tags": pairs(model.tags),
            "registrations": list(versions),
        },
        "data": {
            "params": pairs(model.params),
            "metrics": [
                {
                    "key": metric.key,
                    **_point(metric.point),
                    "model_id": metric.model_id,
                    "run_id": metric.run,
                    "dataset_name": metric.dataset_name,
                    "dataset_digest": metric.dataset_digest,
                }
                for metric in metrics
            ],
        },
    }


def model_subject(model: LoggedModel, metrics: Sequence[ModelMetric]) -> Subject:
    """Return what a search can ask of a logged model, with the metrics that are meant."""
    return {
        METRIC: {metric.key: metric.point.value for metric in sorted(metrics, key=lambda one: one.point.order)},
        PARAM: model.params,
        TAG: model.tags,
        ATTRIBUTE: {
            "name": model.name,
            "model_id": model.model_id,
            "model_type": model.model_type,
            "status": model.status.removeprefix("LOGGED_MODEL_"),
            "source_run_id": model.source_run,
            "creation_timestamp": model.created_at_ms,
            "last_updated_timestamp": model.changed_at_ms,
        },
    }


# Where files of models are that no run has logged; no job can be called so.
MODELS_ROOT = "~models"


def model_uri(model: LoggedModel) -> str:
    """Return where a logged model's files are."""
    return artifact_uri(model.source_run or MODELS_ROOT, model.path)


def pairs(values: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return a mapping as MLflow writes it."""
    return [{"key": key, "value": str(value)} for key, value in values.items()]


def mapping(entries: Any) -> dict[str, str]:
    """Return what MLflow writes as a list of keys and values as a mapping; the last of equal keys counts."""
    return {
        str(entry.get("key", "")): str(entry.get("value", "")) for entry in entries or () if isinstance(entry, Mapping)
    }


def is_script_run(job: JobRecord) -> bool:
    """Return whether a run is ended by whoever began it, and not by the engine."""
    return job.kind == RUN


def _start(job: JobRecord) -> int:
    return job.created_at_ms if job.started_at_ms is None else job.started_at_ms


def _point(point: MetricPoint) -> dict[str, Any]:
    return {"value": json_number(point.value), "timestamp": point.timestamp_ms, "step": point.step}


def json_number(value: float) -> float | str:
    """Return a number as MLflow's clients read it from JSON."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _dataset(body: Mapping[str, Any]) -> dict[str, Any]:
    dataset = body.get("dataset") or {}
    return {
        "name": dataset.get("name"),
        "digest": dataset.get("digest"),
        "context": mapping(body.get("tags")).get(_CONTEXT),
    }
