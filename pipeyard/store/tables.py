"""
The tables, as they are after the newest migration.

In:       nothing.
Out:      SQLAlchemy tables, read by `sql.py` and `query.py`.
Not here: assets and the history (`asset_tables.py`); how an older database becomes this one
          (`migrations/`); a test holds the two together.

Invariant: every row has a workspace. Times are UTC milliseconds. What no query
asks for is JSON text; the same schema serves SQLite and PostgreSQL.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    and_,
)

METADATA = MetaData()

# Workspaces, and registries under the names that `model.asset_record.registry_workspace` gives them.
workspaces = Table(
    "workspaces",
    METADATA,
    Column("name", Text, primary_key=True),
    # 0: it came with the home.
    Column("created_at_ms", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("display_name", Text),
    Column("description", Text),
    Column("tags", Text, nullable=False),
    Column("image_policy", Text),
)

jobs = Table(
    "jobs",
    METADATA,
    # Unique among the jobs of all workspaces, steps included: it is in paths and in links.
    Column("name", Text, primary_key=True),
    Column("workspace", Text, nullable=False),
    Column("root_name", Text, nullable=False),
    Column("parent_name", Text),
    Column("kind", Text, nullable=False),
    Column("node_id", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("experiment_name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("started_at_ms", BigInteger),
    Column("ended_at_ms", BigInteger),
    Column("is_archived", Boolean, nullable=False),
    Column("compute", Text),
    Column("description", Text),
    Column("tags", Text, nullable=False),
    Column("properties", Text, nullable=False),
    Column("error", Text),
    Column("detail", Text, nullable=False),
)

# Each list of root jobs reads one of these from its end, so that a page costs the same
# however many jobs there are. Steps are not in them: their status changes cost no index.
_is_root = jobs.c.parent_name.is_(None)
for _name, _columns in {
    "jobs_roots": ("workspace", "is_archived"),
    "jobs_roots_by_status": ("status", "workspace", "is_archived"),
    "jobs_roots_by_experiment": ("workspace", "experiment_name", "is_archived"),
}.items():
    Index(
        _name,
        *(jobs.c[column] for column in (*_columns, "created_at_ms", "name")),
        sqlite_where=_is_root,
        postgresql_where=_is_root,
    )
Index("jobs_by_time", jobs.c.workspace, jobs.c.created_at_ms, jobs.c.name)
Index("jobs_by_parent", jobs.c.parent_name, jobs.c.position, jobs.c.name)
Index("jobs_by_root", jobs.c.root_name)
# What an experiment holds, steps included: only a new job is entered here, no change of its status.
Index("jobs_by_experiment", jobs.c.workspace, jobs.c.experiment_name, jobs.c.created_at_ms, jobs.c.name)

# The tags of `jobs`, once more, for looking jobs up by them.
job_tags = Table(
    "job_tags",
    METADATA,
    Column("job_name", Text, nullable=False),
    Column("key", Text, nullable=False),
    # As `rows.tag_value` shortens it.
    Column("value", Text, nullable=False),
    Column("workspace", Text, nullable=False),
    PrimaryKeyConstraint("job_name", "key"),
    sqlite_with_rowid=False,
)
Index("job_tags_by_key", job_tags.c.workspace, job_tags.c.key, job_tags.c.value, job_tags.c.job_name)

submissions = Table(
    "submissions",
    METADATA,
    Column("root_name", Text, primary_key=True),
    Column("workspace", Text, nullable=False),
    # Document and components, packed (`packing.py`).
    Column("body", LargeBinary, nullable=False),
)

# Append-only. Without a row id the facts of one job lie side by side.
events = Table(
    "events",
    METADATA,
    Column("root_name", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("workspace", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("node_id", Text),
    Column("attempt", Integer),
    Column("data", Text, nullable=False),
    PrimaryKeyConstraint("root_name", "seq"),
    sqlite_with_rowid=False,
)

outputs = Table(
    "outputs",
    METADATA,
    Column("job_name", Text, nullable=False),
    Column("output", Text, nullable=False),
    Column("workspace", Text, nullable=False),
    Column("datastore", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("file_count", Integer, nullable=False),
    Column("is_file", Boolean, nullable=False),
    # Packed; behind what a list of outputs reads. Empty: the manifest of `source_job`'s output of that name.
    Column("manifest", LargeBinary, nullable=False),
    # The step that wrote it, where its result was reused; None: the step itself.
    Column("source_job", Text),
    # Of the state `removed`: since when the files are gone.
    Column("removed_at_ms", BigInteger),
    # JSON of the value of an output that is no data; NULL: it is data.
    Column("value", Text),
    PrimaryKeyConstraint("job_name", "output"),
)
_is_shared = outputs.c.source_job.is_not(None)
Index("outputs_by_source", outputs.c.source_job, sqlite_where=_is_shared, postgresql_where=_is_shared)

# What reuse knows of a step: from the moment at which it is decided that it runs, or that it need not.
results = Table(
    "results",
    METADATA,
    Column("job_name", Text, primary_key=True),
    Column("workspace", Text, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("root_name", Text, nullable=False),
    Column("node_id", Text, nullable=False),
    # What "the same step, earlier" is looked up by: PostgreSQL indexes no text of several kilobytes.
    Column("step_sha256", LargeBinary, nullable=False),
    Column("step", Text, nullable=False),
    # None: it has not completed, and perhaps never will.
    Column("ended_at_ms", BigInteger),
    Column("is_reusable", Boolean, nullable=False),
    # The step whose result stands for this one, which has the parts too.
    Column("source_job", Text),
    # Packed.
    Column("parts", LargeBinary, nullable=False),
)
_is_candidate = and_(results.c.ended_at_ms.is_not(None), results.c.is_reusable, results.c.source_job.is_(None))
Index(
    "results_by_key",
    results.c.workspace,
    results.c.key,
    results.c.ended_at_ms,
    sqlite_where=_is_candidate,
    postgresql_where=_is_candidate,
)
Index("results_by_step", results.c.workspace, results.c.step_sha256, results.c.ended_at_ms)
Index("results_by_root", results.c.root_name)

uploads = Table(
    "uploads",
    METADATA,
    Column("workspace", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("datastore", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("file_count", Integer, nullable=False),
    Column("is_file", Boolean, nullable=False),
    Column("manifest", LargeBinary, nullable=False),
    PrimaryKeyConstraint("workspace", "digest", "name"),
)

# One place for each file content that any upload holds, so that it need not be sent again.
upload_files = Table(
    "upload_files",
    METADATA,
    Column("workspace", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("datastore", Text, nullable=False),
    Column("path", Text, nullable=False),
    PrimaryKeyConstraint("workspace", "sha256"),
    sqlite_with_rowid=False,
)

computes = Table(
    "computes",
    METADATA,
    Column("workspace", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("min_instances", Integer, nullable=False),
    Column("max_instances", Integer, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("spec", Text, nullable=False),
    PrimaryKeyConstraint("workspace", "name"),
)

datastores = Table(
    "datastores",
    METADATA,
    Column("workspace", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("spec", Text, nullable=False),
    PrimaryKeyConstraint("workspace", "name"),
)

web_copies = Table(
    "web_copies",
    METADATA,
    Column("workspace", Text, nullable=False),
    # The digest of the address is the key: PostgreSQL indexes no text of several kilobytes.
    Column("url_sha256", LargeBinary, nullable=False),
    Column("url", Text, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("datastore", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("checked_at_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("workspace", "url_sha256"),
)
