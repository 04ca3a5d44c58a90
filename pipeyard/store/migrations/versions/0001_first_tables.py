"""
The first tables, the workspace `default` and its five datastores.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Written out, not imported: a revision says for ever what it said when it was released.
_WORKSPACE = "default"
_DATASTORES = (
    "workspaceblobstore",
    "workspaceartifactstore",
    "workspacefilestore",
    "workspaceworkingdirectory",
    "workspacemanageddatastore",
)


def upgrade() -> None:
    """Make the tables, then what every home starts with."""
    _make_tables()
    workspaces = sa.table("workspaces", sa.column("name"))
    op.bulk_insert(workspaces, [{"name": _WORKSPACE}])
    datastores = sa.table("datastores", *(sa.column(name) for name in ("workspace", "name", "type", "spec")))
    folder = f"workspaces/{_WORKSPACE}"
    op.bulk_insert(
        datastores,
        [
            {"workspace": _WORKSPACE, "name": name, "type": "local", "spec": f'{{"path":"{folder}/{name}"}}'}
            for name in _DATASTORES
        ],
    )


def _make_tables() -> None:
    op.create_table(
        "computes",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("min_instances", sa.Integer(), nullable=False),
        sa.Column("max_instances", sa.Integer(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "name"),
    )
    op.create_table(
        "datastores",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "name"),
    )
    op.create_table(
        "events",
        sa.Column("root_name", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("root_name", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "job_tags",
        sa.Column("job_name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job_name", "key"),
        sqlite_with_rowid=False,
    )
    op.create_index("job_tags_by_key", "job_tags", ["workspace", "key", "value", "job_name"], unique=False)
    op.create_table(
        "jobs",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("root_name", sa.Text(), nullable=False),
        sa.Column("parent_name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("experiment_name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("started_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("is_archived", sa.Boolean(), nullable=False),
        sa.Column("compute", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("properties", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_index("jobs_by_parent", "jobs", ["parent_name", "position", "name"], unique=False)
    op.create_index("jobs_by_root", "jobs", ["root_name"], unique=False)
    op.create_index("jobs_by_time", "jobs", ["workspace", "created_at_ms", "name"], unique=False)
    op.create_index(
        "jobs_roots",
        "jobs",
        ["workspace", "is_archived", "created_at_ms", "name"],
        unique=False,
        sqlite_where=sa.text("parent_name IS NULL"),
        postgresql_where=sa.text("parent_name IS NULL"),
    )
    op.create_index(
        "jobs_roots_by_experiment",
        "jobs",
        ["workspace", "experiment_name", "is_archived", "created_at_ms", "name"],
        unique=False,
        sqlite_where=sa.text("parent_name IS NULL"),
        postgresql_where=sa.text("parent_name IS NULL"),
    )
    op.create_index(
        "jobs_roots_by_status",
        "jobs",
        ["status", "workspace", "is_archived", "created_at_ms", "name"],
        unique=False,
        sqlite_where=sa.text("parent_name IS NULL"),
        postgresql_where=sa.text("parent_name IS NULL"),
    )
    op.create_table(
        "outputs",
        sa.Column("job_name", sa.Text(), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("datastore", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("file_count", sa.Integer(), nullable=False),
        sa.Column("is_file", sa.Boolean(), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("job_name", "output"),
    )
    op.create_table(
        "submissions",
        sa.Column("root_name", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("root_name"),
    )
    op.create_table(
        "upload_files",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("datastore", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "sha256"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "uploads",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("datastore", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("file_count", sa.Integer(), nullable=False),
        sa.Column("is_file", sa.Boolean(), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "digest", "name"),
    )
    op.create_table(
        "web_copies",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("url_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("datastore", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("checked_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "url_sha256"),
    )
    op.create_table("workspaces", sa.Column("name", sa.Text(), nullable=False), sa.PrimaryKeyConstraint("name"))
