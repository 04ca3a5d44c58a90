"""
Versioned assets, their lineage, the history of changes, and more than one workspace.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Say more of workspaces, then make the tables."""
    op.add_column("workspaces", sa.Column("created_at_ms", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("workspaces", sa.Column("created_by", sa.Text(), nullable=False, server_default=""))
    op.add_column("workspaces", sa.Column("display_name", sa.Text(), nullable=True))
    op.add_column("workspaces", sa.Column("description", sa.Text(), nullable=True))
    op.add_column("workspaces", sa.Column("tags", sa.Text(), nullable=False, server_default="{}"))
    _make_assets()
    _make_lineage()
    _make_audit()


def _make_assets() -> None:
    op.create_table(
        "asset_containers",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("is_archived", sa.Boolean(), nullable=False),
        sa.Column("highest_number", sa.BigInteger(), nullable=False),
        sa.Column("last_serial", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "kind", "name"),
    )
    op.create_table(
        "asset_versions",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("is_archived", sa.Boolean(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("changed_by", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("datastore", sa.Text(), nullable=True),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("display_name", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("properties", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("produced_by", sa.Text(), nullable=True),
        sa.Column("produced_output", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "kind", "name", "version"),
    )
    op.create_index("asset_versions_by_serial", "asset_versions", ["workspace", "kind", "name", "serial"], unique=False)
    op.create_index(
        "asset_versions_by_job",
        "asset_versions",
        ["produced_by"],
        unique=False,
        sqlite_where=sa.text("produced_by IS NOT NULL"),
        postgresql_where=sa.text("produced_by IS NOT NULL"),
    )
    op.create_table(
        "asset_tombstones",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "kind", "name", "version"),
    )
    op.create_table(
        "asset_labels",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "kind", "name", "label"),
    )


def _make_lineage() -> None:
    op.create_table(
        "asset_needs",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("needed_workspace", sa.Text(), nullable=False),
        sa.Column("needed_kind", sa.Text(), nullable=False),
        sa.Column("needed_name", sa.Text(), nullable=False),
        sa.Column("needed_version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "kind", "name", "version", "role"),
    )
    op.create_index(
        "asset_needs_by_needed",
        "asset_needs",
        ["needed_workspace", "needed_kind", "needed_name", "needed_version"],
        unique=False,
    )
    op.create_table(
        "asset_uses",
        sa.Column("job_name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("root_name", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("asset_workspace", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job_name", "role"),
    )
    op.create_index(
        "asset_uses_by_asset",
        "asset_uses",
        ["asset_workspace", "kind", "name", "version", "at_ms", "job_name", "role"],
        unique=False,
    )
    op.create_index("asset_uses_by_root", "asset_uses", ["root_name"], unique=False)


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index("audit_by_workspace", "audit", ["workspace", "seq"], unique=False)
    op.create_index("audit_by_name", "audit", ["workspace", "kind", "name", "seq"], unique=False)
