"""
`ports.TrackingStore` over SQLite and PostgreSQL.

In:       the store's own connections.
Out:      `model/tracking.py`'s values.
Not here: what one log writes (`tracking_write.py`), tables (`tracking_tables.py`).

Invariant: what `log` stored when it returned survives a power cut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect, Row, and_, func, or_, select

from pipeyard.model.assets import AssetKind
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
from pipeyard.store import query, rows, tables
from pipeyard.store import tracking_tables as tt
from pipeyard.store.asset_tables import asset_labels
from pipeyard.store.packing import pack_json, storable, unpack_json
from pipeyard.store.reader import Reader
from pipeyard.store.tracking_write import TrackingStatements, TrackingWrites, point_of, summary_of
from pipeyard.store.writer import Writer

_POINT = (tt.metric_points.c.value, tt.metric_points.c.step, tt.metric_points.c.timestamp_ms, tt.metric_points.c.seq)
_SUMMARY = [column for column in tt.metrics.c if column.name not in ("id", "workspace", "job_name")]


class SqlTracking:
    """What steps and scripts log."""

    def __init__(self, reader: Reader, writer: Writer, dialect: Dialect) -> None:
        """Take the store's own connections."""
        self._reader = reader
        self._writer = writer
        self._write = TrackingStatements(dialect)
        self._delete_label = self._write.delete(asset_labels, "workspace", "kind", "name", "label")

    # --- runs --------------------------------------------------------------------------------

    def log(self, logs: Sequence[RunLog]) -> Sequence[PipeyardError | None]:
        """
        Store the logs of many requests in one transaction; say of each why it was refused, None for stored.

        It does not wait for the disk: whoever logs is a process that a power cut ends too, and its end is not
        stored without everything that it logged before.
        """
        with self._writer.transaction(waits_for_disk=False) as transaction:
            writes = TrackingWrites(transaction, self._write)
            return [writes.add(log) for log in logs]

    def metrics_of(self, runs: Sequence[str]) -> Mapping[str, Sequence[MetricSummary]]:
        """Return for each run that logged any what is known of its metrics, by key."""
        table = tt.metrics
        statement = select(table.c.job_name, *_SUMMARY).order_by(table.c.job_name, table.c.key)
        found = self._find(table.c.job_name, list(dict.fromkeys(runs)), statement)
        return _grouped((row[0], summary_of(row[1:])) for row in found)

    def metric_points(self, run: str, key: str, *, after_seq: int = 0, limit: int = 1000) -> Sequence[MetricPoint]:
        """Return points in the order in which they came."""
        points = tt.metric_points
        statement = _points_of(run, key).where(points.c.seq > after_seq).order_by(points.c.seq).limit(limit)
        return tuple(point_of(*row) for row in self._all(statement))

    def metric_sample(self, run: str, key: str, limit: int) -> Sequence[MetricPoint]:
        """Return at most about *limit* points, evenly spread over all of them, in the order in which they came."""
        points, metrics = tt.metric_points, tt.metrics
        row = self._reader.first(
            select(metrics.c.count).where(metrics.c.job_name == run, metrics.c.key == storable(key))
        )
        count = 0 if row is None else int(row[0])
        stride = -(-count // max(1, limit))
        statement = _points_of(run, key).order_by(points.c.seq)
        if stride > 1:
            # The last one too: it is what people look for.
            statement = statement.where(or_((points.c.seq - 1) % stride == 0, points.c.seq == count))
        return tuple(point_of(*row) for row in self._all(statement))

    def metric_history(self, runs: Sequence[str], key: str) -> Mapping[str, Sequence[MetricPoint]]:
        """Return all points of one key for each run that logged any, in the order in which they came."""
        points, metrics = tt.metric_points, tt.metrics
        statement = (
            select(metrics.c.job_name, *_POINT)
            .join_from(metrics, points, points.c.metric_id == metrics.c.id)
            .where(metrics.c.key == storable(key))
            .order_by(metrics.c.job_name, points.c.seq)
        )
        found = self._find(metrics.c.job_name, list(dict.fromkeys(runs)), statement)
        return _grouped((row[0], point_of(*row[1:])) for row in found)

    def params_of(self, runs: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """Return the params of each run that logged any."""
        table = tt.run_params
        statement = select(table.c.job_name, table.c.key, table.c.value).order_by(table.c.job_name, table.c.key)
        found: dict[str, dict[str, str]] = {}
        for name, key, value in self._find(table.c.job_name, list(dict.fromkeys(runs)), statement):
            found.setdefault(name, {})[key] = value
        return found

    def links_of(self, runs: Sequence[str]) -> Mapping[str, Sequence[RunLink]]:
        """Return the data sets and models of each run that has any, first said first."""
        table = tt.run_links
        statement = select(table.c.job_name, table.c.kind, table.c.key, table.c.body)
        statement = statement.order_by(table.c.job_name, table.c.kind, table.c.position, table.c.key)
        found = self._find(table.c.job_name, list(dict.fromkeys(runs)), statement)
        return _grouped((row[0], RunLink(row[1], row[2], unpack_json(row[3]))) for row in found)

    def find_runs(self, workspace: str, experiments: Sequence[str], *, archived: str) -> Sequence[JobRecord]:
        """Return the jobs, steps and runs of experiments, newest first."""
        jobs = tables.jobs
        statement = select(*query.COLUMNS).where(jobs.c.workspace == workspace)
        if archived != "all":
            statement = statement.where(jobs.c.is_archived == (archived == "archived"))
        names = [storable(name) for name in dict.fromkeys(experiments)]
        found = [rows.job_of(row) for row in self._find(jobs.c.experiment_name, names, statement)]
        return sorted(found, key=lambda job: (job.created_at_ms, job.name), reverse=True)

    # --- experiments -------------------------------------------------------------------------

    def list_experiments(self, workspace: str) -> Sequence[Experiment]:
        """Return every experiment that was named or in which there is a job, newest first."""
        jobs, table = tables.jobs, tt.experiments
        named = {
            row.name: Experiment(
                row.workspace, row.name, row.created_at_ms, row.changed_at_ms, unpack_json(row.tags), row.is_deleted
            )
            for row in self._all(select(table).where(table.c.workspace == workspace))
        }
        used = self._all(
            select(jobs.c.experiment_name, func.min(jobs.c.created_at_ms), func.max(jobs.c.created_at_ms))
            .where(jobs.c.workspace == workspace, jobs.c.parent_name.is_(None))
            .group_by(jobs.c.experiment_name)
        )
        for name, first, last in used:
            named.setdefault(name, Experiment(workspace, name, first, last))
        return sorted(named.values(), key=lambda one: (one.created_at_ms, one.name), reverse=True)

    def save_experiment(self, experiment: Experiment) -> None:
        """Create an experiment or change it."""
        self._run(
            self._write.save_experiment,
            {
                "workspace": experiment.workspace,
                "name": storable(experiment.name),
                "created_at_ms": experiment.created_at_ms,
                "changed_at_ms": experiment.changed_at_ms,
                "tags": pack_json(experiment.tags),
                "is_deleted": experiment.is_deleted,
            },
        )

    # --- models ------------------------------------------------------------------------------

    def list_models(
        self, workspace: str, *, model_ids: Sequence[str] | None = None, experiments: Sequence[str] | None = None
    ) -> Sequence[LoggedModel]:
        """Return logged models, newest first."""
        table = tt.logged_models
        statement = select(table).where(table.c.workspace == workspace)
        if model_ids is not None:
            found = self._find(table.c.model_id, list(dict.fromkeys(model_ids)), statement)
        elif experiments is not None:
            names = [storable(name) for name in dict.fromkeys(experiments)]
            found = self._find(table.c.experiment_name, names, statement)
        else:
            found = list(self._all(statement))
        return sorted(map(_model_of, found), key=lambda one: (one.created_at_ms, one.model_id), reverse=True)

    def save_model(self, model: LoggedModel) -> None:
        """Create a logged model or change it."""
        self._run(
            self._write.save_model,
            {
                **{column.name: getattr(model, column.name) for column in tt.logged_models.c},
                "experiment_name": storable(model.experiment_name),
                "name": storable(model.name),
                "model_type": storable(model.model_type),
                "tags": pack_json(model.tags),
                "params": pack_json(model.params),
            },
        )

    def delete_model(self, workspace: str, model_id: str) -> None:
        """Forget a logged model; its files stay with its run."""
        wanted = {"workspace": workspace, "model_id": model_id}
        with self._writer.transaction() as transaction:
            transaction.run(self._write.delete_model, [wanted])
            transaction.run(self._write.delete_metrics_of_model, [wanted])

    def model_metrics(self, model_ids: Sequence[str]) -> Mapping[str, Sequence[ModelMetric]]:
        """Return the latest metrics of logged models that have any."""
        table = tt.model_metrics
        found = self._find(table.c.model_id, list(dict.fromkeys(model_ids)), select(table))
        return _grouped(
            (
                row.model_id,
                ModelMetric(
                    row.model_id,
                    row.key,
                    point_of(row.value, row.step, row.timestamp_ms),
                    row.job_name,
                    row.dataset_name,
                    row.dataset_digest,
                ),
            )
            for row in sorted(found, key=lambda row: (row.key, row.dataset_name))
        )

    def list_model_names(self, workspace: str) -> Sequence[ModelName]:
        """Return what is said of registered models as a whole, by name."""
        table = tt.model_names
        found = self._all(select(table).where(table.c.workspace == workspace).order_by(table.c.name))
        return [
            ModelName(
                row.workspace, row.name, row.created_at_ms, row.changed_at_ms, row.description, unpack_json(row.tags)
            )
            for row in found
        ]

    def save_model_name(self, name: ModelName) -> None:
        """Say something of a registered model."""
        self._run(
            self._write.save_model_name,
            {
                "workspace": name.workspace,
                "name": name.name,
                "created_at_ms": name.created_at_ms,
                "changed_at_ms": name.changed_at_ms,
                "description": storable(name.description),
                "tags": pack_json(name.tags),
            },
        )

    def delete_model_name(self, workspace: str, name: str) -> None:
        """Forget what was said of a registered model."""
        self._run(self._write.delete_model_name, {"workspace": workspace, "name": name})

    def model_labels(self, workspace: str, names: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """Return the labels of registered models, each with its version."""
        table = asset_labels
        of_models = and_(table.c.workspace == workspace, table.c.kind == AssetKind.MODEL.value)
        statement = select(table.c.name, table.c.label, table.c.version).where(of_models)
        found: dict[str, dict[str, str]] = {}
        for name, label, version in self._find(table.c.name, list(dict.fromkeys(names)), statement):
            found.setdefault(name, {})[label] = version
        return found

    def delete_model_label(self, workspace: str, name: str, label: str) -> None:
        """Let a label of a registered model stand for nothing; none is there: nothing happens."""
        wanted = {"workspace": workspace, "kind": AssetKind.MODEL.value, "name": name, "label": label}
        self._run(self._delete_label, wanted)

    def _all(self, statement: Any) -> list[Any]:
        return list(self._reader.all(statement))

    def _find(self, column: Any, values: Sequence[str], statement: Any) -> list[Any]:
        return self._reader.find_in(column, values, statement)

    def _run(self, statement: Any, params: Mapping[str, Any]) -> None:
        with self._writer.transaction() as transaction:
            transaction.run(statement, [dict(params)])


def _points_of(run: str, key: str) -> Any:
    points, metrics = tt.metric_points, tt.metrics
    return (
        select(*_POINT)
        .join_from(metrics, points, points.c.metric_id == metrics.c.id)
        .where(metrics.c.job_name == run, metrics.c.key == storable(key))
    )


def _model_of(row: Row[Any]) -> LoggedModel:
    values = dict(row._mapping)  # noqa: SLF001 (SQLAlchemy's public name for it)
    return LoggedModel(**{**values, "tags": unpack_json(values["tags"]), "params": unpack_json(values["params"])})


def _grouped(pairs: Any) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
