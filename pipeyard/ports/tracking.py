"""The database, as far as metrics, params and runs go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from pipeyard.model.errors import PipeyardError
from pipeyard.model.record import JobRecord
from pipeyard.model.tracking import (
    Experiment,
    LoggedModel,
    MetricPoint,
    MetricSummary,
    ModelMetric,
    ModelName,
    RunLink,
    RunLog,
)


class TrackingStore(Protocol):
    """What steps and scripts log. Runs are jobs, so most of what is known of one is in `Store`."""

    def log(self, logs: Sequence[RunLog]) -> Sequence[PipeyardError | None]:
        """
        Store the logs of many requests durably in one transaction; say of each why it was refused, None for stored.

        Raises `StoreError`, and then nothing is stored.
        """

    def metrics_of(self, runs: Sequence[str]) -> Mapping[str, Sequence[MetricSummary]]:
        """Return for each run (a job's name) that logged any what is known of its metrics, by key."""

    def metric_points(self, run: str, key: str, *, after_seq: int = 0, limit: int = 1000) -> Sequence[MetricPoint]:
        """Return points in the order in which they came."""

    def metric_sample(self, run: str, key: str, limit: int) -> Sequence[MetricPoint]:
        """Return at most about *limit* points, evenly spread over all of them, in the order in which they came."""

    def metric_history(self, runs: Sequence[str], key: str) -> Mapping[str, Sequence[MetricPoint]]:
        """Return all points of one key for each run that logged any, in the order in which they came."""

    def params_of(self, runs: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """Return the params of each run that logged any."""

    def links_of(self, runs: Sequence[str]) -> Mapping[str, Sequence[RunLink]]:
        """Return the data sets and models of each run that has any, first said first."""

    def find_runs(self, workspace: str, experiments: Sequence[str], *, archived: str) -> Sequence[JobRecord]:
        """Return the jobs, steps and runs of experiments, newest first; *archived*: `active`, `archived` or `all`."""

    def list_experiments(self, workspace: str) -> Sequence[Experiment]:
        """Return every experiment that was named or in which there is a job, newest first."""

    def save_experiment(self, experiment: Experiment) -> None:
        """Create an experiment or change it."""

    def list_models(
        self, workspace: str, *, model_ids: Sequence[str] | None = None, experiments: Sequence[str] | None = None
    ) -> Sequence[LoggedModel]:
        """Return logged models, newest first."""

    def save_model(self, model: LoggedModel) -> None:
        """Create a logged model or change it."""

    def delete_model(self, workspace: str, model_id: str) -> None:
        """Forget a logged model; its files stay with its run."""

    def model_metrics(self, model_ids: Sequence[str]) -> Mapping[str, Sequence[ModelMetric]]:
        """Return the latest metrics of logged models that have any."""

    def list_model_names(self, workspace: str) -> Sequence[ModelName]:
        """Return what is said of registered models as a whole, by name."""

    def save_model_name(self, name: ModelName) -> None:
        """Say something of a registered model."""

    def delete_model_name(self, workspace: str, name: str) -> None:
        """Forget what was said of a registered model."""

    def model_labels(self, workspace: str, names: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """Return the labels of registered models, each with its version."""

    def delete_model_label(self, workspace: str, name: str, label: str) -> None:
        """Let a label of a registered model stand for nothing; none is there: nothing happens."""
