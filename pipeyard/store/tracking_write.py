"""
What is logged, put into a transaction that somebody else ends.

In:       a transaction, `RunLog`s.
Out:      rows; or why one log was refused, and then nothing of it is written.
Not here: reading (`tracking.py`).

Everything that can be refused is looked at before the first row of a log is written, so that the logs of many
requests may share one transaction.
"""

from __future__ import annotations

import math
from typing import Any

from sqlalchemy import Dialect, Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pipeyard.model.errors import NotAllowed, NotFound, PipeyardError, UserError
from pipeyard.model.status import JobStatus
from pipeyard.model.tracking import RUN, SYSTEM_TAG, MetricPoint, MetricSummary, ModelMetric, RunLog
from pipeyard.store import tables
from pipeyard.store import tracking_tables as tt
from pipeyard.store.packing import pack_json, storable, unpack_json
from pipeyard.store.rows import Params, tag_params
from pipeyard.store.statement import Statement
from pipeyard.store.writer import Transaction

_ENDED = frozenset(status.value for status in JobStatus if status.is_terminal)


class TrackingStatements:
    """The statements of one dialect, made once."""

    def __init__(self, dialect: Dialect) -> None:
        """Compile them."""
        self._dialect = dialect
        jobs, metrics, params = tables.jobs, tt.metrics, tt.run_params
        by_name = jobs.c.name == bindparam("job")
        self.find_job = self._of(
            select(jobs.c.workspace, jobs.c.status, jobs.c.kind, jobs.c.is_archived).where(by_name), jobs
        )
        self.find_words = self._of(select(jobs.c.tags, jobs.c.properties).where(by_name), jobs)
        self.change_words = self._of(
            update(jobs).where(by_name).values(tags=bindparam("new_tags"), properties=bindparam("new_properties")), jobs
        )
        self.delete_tags = self._of(
            delete(tables.job_tags).where(tables.job_tags.c.job_name == bindparam("job")), tables.job_tags
        )
        self.insert_tag = self._of(insert(tables.job_tags), tables.job_tags)
        is_metric = (metrics.c.job_name == bindparam("job"), metrics.c.key == bindparam("metric"))
        columns = [column for column in metrics.c if column.name not in ("workspace", "job_name")]
        self.find_metric = self._of(select(*columns).where(*is_metric), metrics)
        self.insert_metric = self._of(insert(metrics).inline(), metrics, leave_out=("id",))
        self.change_metric = self._of(
            update(metrics)
            .where(metrics.c.id == bindparam("metric_id"))
            .values({name: bindparam(f"new_{name}") for name in _SUMMARY}),
            metrics,
        )
        self.insert_point = self._of(insert(tt.metric_points), tt.metric_points)
        self.find_param = self._of(
            select(params.c.value).where(params.c.job_name == bindparam("job"), params.c.key == bindparam("param")),
            params,
        )
        self.insert_param = self._of(self._insert(params).on_conflict_do_nothing(), params)
        self.save_link = self.upsert(tt.run_links)
        models = tt.model_metrics
        self.find_model_metric = self._of(
            select(models.c.value, models.c.step, models.c.timestamp_ms).where(
                models.c.model_id == bindparam("model"),
                models.c.key == bindparam("metric"),
                models.c.dataset_name == bindparam("dataset"),
                models.c.dataset_digest == bindparam("digest"),
            ),
            models,
        )
        self.save_model_metric = self.upsert(models)
        self.save_experiment = self.upsert(tt.experiments)
        self.save_model = self.upsert(tt.logged_models)
        self.save_model_name = self.upsert(tt.model_names)
        self.delete_model = self.delete(tt.logged_models, "workspace", "model_id")
        self.delete_metrics_of_model = self.delete(tt.model_metrics, "workspace", "model_id")
        self.delete_model_name = self.delete(tt.model_names, "workspace", "name")

    def delete(self, table: Table, *columns: str) -> Statement:
        """Return the removal of the rows in which these columns are what the parameters of their names say."""
        return self._of(delete(table).where(*(table.c[name] == bindparam(name) for name in columns)), table)

    def upsert(self, table: Table) -> Statement:
        """Return an insert that writes over the row with the same key."""
        statement = self._insert(table)
        keys = [column.name for column in table.primary_key]
        rest = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
        return self._of(statement.on_conflict_do_update(index_elements=keys, set_=rest), table)

    def _insert(self, table: Table) -> Any:
        return sqlite.insert(table) if self._dialect.name == "sqlite" else postgresql.insert(table)

    def _of(self, statement: Any, table: Table, leave_out: tuple[str, ...] = ()) -> Statement:
        names = None
        if statement.is_insert:
            names = [column.name for column in table.c if column.name not in leave_out]
        return Statement(str(statement.compile(dialect=self._dialect, column_keys=names)), table.name)


_SUMMARY = ("count", "value", "step", "timestamp_ms", "minimum", "maximum")


class TrackingWrites:
    """Writes logs into one transaction."""

    def __init__(self, transaction: Transaction, statements: TrackingStatements) -> None:
        """Take a transaction that has begun."""
        self._transaction = transaction
        self._write = statements

    def add(self, log: RunLog) -> PipeyardError | None:
        """Write one log, or say why not."""
        words = self._words(log) if log.tags or log.removed_tags else None
        refused = self._refused(log, words)
        if refused is not None:
            return refused
        if words is not None:
            self._change_words(log, *words)
        self._add_params(log)
        self._add_metrics(log)
        self._add_model_metrics(log)
        self._add_links(log)
        return None

    # --- what may be refused -----------------------------------------------------------------

    def _refused(self, log: RunLog, words: tuple[dict[str, Any], dict[str, Any]] | None) -> PipeyardError | None:
        found = self._transaction.rows(self._write.find_job, {"job": log.run})
        if not found or found[0][0] != log.workspace:
            return NotFound(f"Run with id={log.run} not found", code="no-run")
        _, status, kind, is_archived = found[0]
        if kind == RUN and is_archived:
            return UserError(
                f"The run {log.run} must be in the 'active' state. Current state is deleted.", code="run-deleted"
            )
        if log.asked_by is not None and self._has_ended(log, status):
            return NotAllowed(f"the token of job `{log.asked_by}` was valid until the job ended", code="job-ended")
        for key in log.removed_tags:
            if words is None or not any(key in held for held in words):
                return NotFound(f"No tag with name: {key} in run with id {log.run}", code="no-tag")
        return self._refused_param(log)

    def _has_ended(self, log: RunLog, own_status: str) -> bool:
        if log.asked_by == log.run:
            return own_status in _ENDED
        found = self._transaction.rows(self._write.find_job, {"job": log.asked_by})
        return not found or found[0][1] in _ENDED

    def _refused_param(self, log: RunLog) -> PipeyardError | None:
        for key, value in log.params.items():
            found = self._transaction.rows(self._write.find_param, {"job": log.run, "param": storable(key)})
            if found and found[0][0] != storable(value):
                return UserError(
                    "Changing param values is not allowed. "
                    f"Param with key='{key}' was already logged with value='{found[0][0]}' for run ID='{log.run}'. "
                    f"Attempted logging new value '{value}'.",
                    code="param-changed",
                )
        return None

    # --- what is written ---------------------------------------------------------------------

    def _words(self, log: RunLog) -> tuple[dict[str, Any], dict[str, Any]]:
        found = self._transaction.rows(self._write.find_words, {"job": log.run})
        tags, properties = found[0] if found else ("{}", "{}")
        return dict(unpack_json(tags)), dict(unpack_json(properties))

    def _change_words(self, log: RunLog, tags: dict[str, Any], properties: dict[str, Any]) -> None:
        for key in log.removed_tags:
            tags.pop(key, None)
            properties.pop(key, None)
        for key, value in log.tags.items():
            (properties if key.startswith(SYSTEM_TAG) else tags)[key] = value
        new = {"job": log.run, "new_tags": pack_json(tags), "new_properties": pack_json(properties)}
        self._transaction.run(self._write.change_words, [new])
        self._transaction.run(self._write.delete_tags, [{"job": log.run}])
        rows = [{**row, "workspace": log.workspace} for row in tag_params(log.run, tags)]
        self._transaction.run(self._write.insert_tag, rows)

    def _add_params(self, log: RunLog) -> None:
        self._transaction.run(
            self._write.insert_param,
            [
                {"job_name": log.run, "key": storable(key), "workspace": log.workspace, "value": storable(value)}
                for key, value in log.params.items()
            ],
        )

    def _add_metrics(self, log: RunLog) -> None:
        rows: list[Params] = []
        for key, points in log.metrics.items():
            if points:
                rows += self._add_points(log, storable(key), points)
        self._transaction.run(self._write.insert_point, rows)

    def _add_points(self, log: RunLog, key: str, points: tuple[MetricPoint, ...]) -> list[Params]:
        wanted = {"job": log.run, "metric": key}
        found = self._transaction.rows(self._write.find_metric, wanted)
        if found:
            number, before = found[0][0], summary_of(found[0][1:])
            self._transaction.run(
                self._write.change_metric,
                [
                    {
                        "metric_id": number,
                        **{f"new_{name}": value for name, value in _params(before.plus(points)).items()},
                    }
                ],
            )
            first = before.count
        else:
            first = 0
            summary = MetricSummary(key, 0, points[0], None, None).plus(points)
            own = {"workspace": log.workspace, "job_name": log.run, "key": key}
            self._transaction.run(self._write.insert_metric, [{**own, **_params(summary)}])
            number = self._transaction.rows(self._write.find_metric, wanted)[0][0]
        return [
            {
                "metric_id": number,
                "seq": seq,
                "value": number_or_none(point.value),
                "step": point.step,
                "timestamp_ms": point.timestamp_ms,
            }
            for seq, point in enumerate(points, first + 1)
        ]

    def _add_model_metrics(self, log: RunLog) -> None:
        for metric in log.model_metrics:
            wanted = {
                "model": metric.model_id,
                "metric": storable(metric.key),
                "dataset": storable(metric.dataset_name),
                "digest": storable(metric.dataset_digest),
            }
            found = self._transaction.rows(self._write.find_model_metric, wanted)
            if not found or point_of(*found[0]).order <= metric.point.order:
                self._transaction.run(self._write.save_model_metric, [_model_metric_params(log.workspace, metric)])

    def _add_links(self, log: RunLog) -> None:
        self._transaction.run(
            self._write.save_link,
            [
                {
                    "job_name": log.run,
                    "kind": link.kind,
                    "key": storable(link.key),
                    "workspace": log.workspace,
                    "position": position,
                    "body": pack_json(link.body),
                }
                for position, link in enumerate(log.links)
            ],
        )


def number_or_none(value: float) -> float | None:
    """Return a value as it is kept: SQLite has no NaN, so both databases keep NULL for it."""
    return None if math.isnan(value) else value


def point_of(value: float | None, step: int, timestamp_ms: int, seq: int = 0) -> MetricPoint:
    """Return a point from its columns."""
    return MetricPoint(math.nan if value is None else value, step, timestamp_ms, seq)


def summary_of(row: Any) -> MetricSummary:
    """Return what is known of a metric from the columns key, count, value, step, timestamp, minimum, maximum."""
    key, count, value, step, timestamp_ms, minimum, maximum = row
    return MetricSummary(key, count, point_of(value, step, timestamp_ms), minimum, maximum)


def _params(summary: MetricSummary) -> Params:
    latest = summary.latest
    return {
        "count": summary.count,
        "value": number_or_none(latest.value),
        "step": latest.step,
        "timestamp_ms": latest.timestamp_ms,
        "minimum": summary.minimum,
        "maximum": summary.maximum,
    }


def _model_metric_params(workspace: str, metric: ModelMetric) -> Params:
    return {
        "model_id": metric.model_id,
        "key": storable(metric.key),
        "dataset_name": storable(metric.dataset_name),
        "dataset_digest": storable(metric.dataset_digest),
        "workspace": workspace,
        "job_name": metric.run,
        "value": number_or_none(metric.point.value),
        "step": metric.point.step,
        "timestamp_ms": metric.point.timestamp_ms,
    }
