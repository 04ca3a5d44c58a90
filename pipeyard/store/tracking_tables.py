"""
The tables of what is logged, as they are after the newest migration.

Not here: jobs and runs (`tables.py`).

A history is kept beside the number of its metric, so that a point costs a few bytes and the points of a key lie side by side.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from pipeyard.store.tables import METADATA

# One row for each key of a job: what is known of its points.
metrics = Table(
    "metrics",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("workspace", Text, nullable=False),
    Column("job_name", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("count", Integer, nullable=False),
    # NULL: not a number.
    Column("value", Double),
    Column("step", BigInteger, nullable=False),
    Column("timestamp_ms", BigInteger, nullable=False),
    # NULL: no value was a number.
    Column("minimum", Double),
    Column("maximum", Double),
)
Index("metrics_by_job", metrics.c.job_name, metrics.c.key, unique=True)

metric_points = Table(
    "metric_points",
    METADATA,
    Column("metric_id", BigInteger, nullable=False),
    Column("seq", Integer, nullable=False),
    # NULL: not a number.
    Column("value", Double),
    Column("step", BigInteger, nullable=False),
    Column("timestamp_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("metric_id", "seq"),
    sqlite_with_rowid=False,
)

run_params = Table(
    "run_params",
    METADATA,
    Column("job_name", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("workspace", Text, nullable=False),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("job_name", "key"),
    sqlite_with_rowid=False,
)

# Data sets and models of a run.
run_links = Table(
    "run_links",
    METADATA,
    Column("job_name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("workspace", Text, nullable=False),
    # Order in which they were said.
    Column("position", Integer, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("job_name", "kind", "key"),
)

# Those about which something was said; others are known by their jobs.
experiments = Table(
    "experiments",
    METADATA,
    Column("workspace", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
    Column("tags", Text, nullable=False),
    Column("is_deleted", Boolean, nullable=False),
    PrimaryKeyConstraint("workspace", "name"),
)

logged_models = Table(
    "logged_models",
    METADATA,
    Column("model_id", Text, primary_key=True),
    Column("workspace", Text, nullable=False),
    Column("experiment_name", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("source_run", Text, nullable=False),
    Column("model_type", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("params", Text, nullable=False),
)
Index("logged_models_by_experiment", logged_models.c.workspace, logged_models.c.experiment_name)

model_metrics = Table(
    "model_metrics",
    METADATA,
    Column("model_id", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("dataset_name", Text, nullable=False),
    Column("dataset_digest", Text, nullable=False),
    Column("workspace", Text, nullable=False),
    Column("job_name", Text, nullable=False),
    Column("value", Double),
    Column("step", BigInteger, nullable=False),
    Column("timestamp_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("model_id", "key", "dataset_name", "dataset_digest"),
)

# What is said of a registered model as a whole; its versions are in `asset_versions`.
model_names = Table(
    "model_names",
    METADATA,
    Column("workspace", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
    Column("description", Text, nullable=False),
    Column("tags", Text, nullable=False),
    PrimaryKeyConstraint("workspace", "name"),
)

# Every row but the points has a workspace, with which it goes.
OF_A_WORKSPACE = (
    metrics,
    run_params,
    run_links,
    experiments,
    logged_models,
    model_metrics,
    model_names,
)
