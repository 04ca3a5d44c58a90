"""
What steps and scripts log: metrics, params, inputs, logged models, experiments.

Not here: jobs and runs themselves (`record.py`: a run that is no step's is a job of the kind `run`), what MLflow
calls these things (`pipeyard/tracking/`), SQL (`store/`).

Invariant: a point that was logged never changes; points of a key are counted from 1 in the order in which they came.
A value may be NaN or infinite.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any
from urllib.parse import quote

from pipeyard.model.value import dataclass

# The kind of a job that no graph has: somebody's script, or a run that a step began inside its own.
RUN = "run"
# What is said of a run in this name is a property of its job, not a tag: MLflow's own, written by its client.
SYSTEM_TAG = "mlflow."
DEFAULT_EXPERIMENT = "Default"
_DEFAULT_ID = "0"
_ID_DIGITS = 18


def experiment_id(workspace: str, name: str) -> str:
    """Return an experiment's number, which is always the same: nobody has to be asked before a step starts."""
    if name == DEFAULT_EXPERIMENT:
        # What an MLflow client logs to when nothing is said.
        return _DEFAULT_ID
    digest = hashlib.sha256(f"{workspace}\0{name}".encode("utf-8", "surrogatepass")).digest()
    # As many digits each time; MLflow numbers its own so too.
    return str(10 ** (_ID_DIGITS - 1) + int.from_bytes(digest[:8], "big") % (9 * 10 ** (_ID_DIGITS - 1)))


def tracking_uri(endpoint: str | None, workspace: str) -> str | None:
    """Return what MLflow's clients are given to log to a workspace of our server; None: nothing answers."""
    return None if endpoint is None else f"{endpoint}/mlflow/{quote(workspace, safe='')}"


@dataclass(frozen=True, slots=True)
class MetricPoint:
    """One value of a metric."""

    value: float
    step: int
    timestamp_ms: int
    # Its number among the points of the key, from 1.
    seq: int = 0

    @property
    def order(self) -> tuple[int, int, bool, float]:
        """Return what says which of two points is the later one: MLflow's rule, in which NaN comes first."""
        is_number = self.value == self.value
        return (self.step, self.timestamp_ms, is_number, self.value if is_number else 0.0)


@dataclass(frozen=True, slots=True)
class MetricSummary:
    """What is known of all points of a key."""

    key: str
    count: int
    # By step, then time, then value.
    latest: MetricPoint
    # Of the values that are numbers; None: there are none.
    minimum: float | None
    maximum: float | None

    def plus(self, points: tuple[MetricPoint, ...]) -> MetricSummary:
        """Return what is known when more points have come."""
        numbers = [point.value for point in points if point.value == point.value]
        known = [value for value in (self.minimum, self.maximum) if value is not None]
        return replace(
            self,
            count=self.count + len(points),
            latest=max((self.latest, *points), key=lambda point: point.order),
            minimum=min((*known, *numbers), default=None),
            maximum=max((*known, *numbers), default=None),
        )


@dataclass(frozen=True, slots=True)
class ModelMetric:
    """The latest value of a metric of a logged model, perhaps about one data set."""

    model_id: str
    key: str
    point: MetricPoint
    run: str
    dataset_name: str = ""
    dataset_digest: str = ""


@dataclass(frozen=True, slots=True)
class RunLog:
    """What one request wants stored about one run: all of it or nothing."""

    workspace: str
    run: str
    metrics: Mapping[str, tuple[MetricPoint, ...]] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    # Missing ones are an error, as in MLflow.
    removed_tags: tuple[str, ...] = ()
    model_metrics: tuple[ModelMetric, ...] = ()
    # Data sets and models, as MLflow writes them: (kind, key, body).
    links: tuple[RunLink, ...] = ()
    # The job whose token asks: it may only until its end. None: the user.
    asked_by: str | None = None


@dataclass(frozen=True, slots=True)
class RunLink:
    """A data set that a run read, or a model that it read or wrote."""

    # `dataset`, `model-input` or `model-output`.
    kind: str
    # What makes it the same when it is said again.
    key: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Experiment:
    """A group of jobs and runs, by name."""

    workspace: str
    name: str
    created_at_ms: int
    changed_at_ms: int
    tags: Mapping[str, str] = field(default_factory=dict)
    is_deleted: bool = False

    @property
    def id(self) -> str:
        """Return its number."""
        return experiment_id(self.workspace, self.name)


@dataclass(frozen=True, slots=True)
class LoggedModel:
    """A model as MLflow 3 logs it: known from the moment at which its files begin to come."""

    workspace: str
    model_id: str
    experiment_name: str
    name: str
    created_at_ms: int
    changed_at_ms: int
    # `LOGGED_MODEL_PENDING`, `..._READY`, `..._UPLOAD_FAILED`.
    status: str
    # Where its files are below the artifacts of its run; without a run below a place of its own.
    path: str
    # "" for none.
    source_run: str = ""
    model_type: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelName:
    """What is said of all versions of a registered model together; the versions are assets."""

    workspace: str
    name: str
    created_at_ms: int
    changed_at_ms: int
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
