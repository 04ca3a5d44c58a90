"""
The tables of versioned assets, their lineage, and the history of changes.

In:       nothing.
Out:      SQLAlchemy tables, in the same `METADATA` as `tables.py`.

Invariant: a row of `audit` is never changed. A number of a deleted version is in
`asset_tombstones`, so that no other body is ever stored under it.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text

from pipeyard.store.tables import METADATA

# One row for each name: here the next number is taken, one writer after the other.
asset_containers = Table(
    "asset_containers",
    METADATA,
    Column("workspace", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("is_archived", Boolean, nullable=False),
    # The highest version that is a whole number; deleted ones count.
    Column("highest_number", BigInteger, nullable=False),
    # The serial of the version created last; deleted ones count.
    Column("last_serial", BigInteger, nullable=False),
    PrimaryKeyConstraint("workspace", "kind", "name"),
)

asset_versions = Table(
    "asset_versions",
    METADATA,
    Column("workspace", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("serial", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("is_archived", Boolean, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("changed_at_ms", BigInteger),
    Column("changed_by", Text),
    Column("digest", Text, nullable=False),
    Column("datastore", Text),
    Column("path", Text),
    Column("content", Text),
    Column("display_name", Text),
    Column("description", Text),
    Column("tags", Text, nullable=False),
    Column("properties", Text, nullable=False),
    Column("stage", Text),
    Column("produced_by", Text),
    Column("produced_output", Text),
    # Packed; last, so that a list need not read past it.
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("workspace", "kind", "name", "version"),
)
# A page of versions, and the newest one, are read from its end.
Index(
    "asset_versions_by_serial",
    asset_versions.c.workspace,
    asset_versions.c.kind,
    asset_versions.c.name,
    asset_versions.c.serial,
)
_is_produced = asset_versions.c.produced_by.is_not(None)
Index("asset_versions_by_job", asset_versions.c.produced_by, sqlite_where=_is_produced, postgresql_where=_is_produced)

asset_tombstones = Table(
    "asset_tombstones",
    METADATA,
    Column("workspace", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Text, nullable=False),
    PrimaryKeyConstraint("workspace", "kind", "name", "version"),
)

asset_labels = Table(
    "asset_labels",
    METADATA,
    Column("workspace", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("version", Text, nullable=False),
    PrimaryKeyConstraint("workspace", "kind", "name", "label"),
)

# What a version needs: components inside it, its environment.
asset_needs = Table(
    "asset_needs",
    METADATA,
    Column("workspace", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("needed_workspace", Text, nullable=False),
    Column("needed_kind", Text, nullable=False),
    Column("needed_name", Text, nullable=False),
    Column("needed_version", Text, nullable=False),
    PrimaryKeyConstraint("workspace", "kind", "name", "version", "role"),
)
Index(
    "asset_needs_by_needed",
    asset_needs.c.needed_workspace,
    asset_needs.c.needed_kind,
    asset_needs.c.needed_name,
    asset_needs.c.needed_version,
)

# What a job uses.
asset_uses = Table(
    "asset_uses",
    METADATA,
    Column("job_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    # Of the job.
    Column("workspace", Text, nullable=False),
    Column("root_name", Text, nullable=False),
    # When the job was created: the order of "who uses this".
    Column("at_ms", BigInteger, nullable=False),
    Column("asset_workspace", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Text, nullable=False),
    PrimaryKeyConstraint("job_name", "role"),
)
Index(
    "asset_uses_by_asset",
    asset_uses.c.asset_workspace,
    asset_uses.c.kind,
    asset_uses.c.name,
    asset_uses.c.version,
    asset_uses.c.at_ms,
    asset_uses.c.job_name,
    asset_uses.c.role,
)
Index("asset_uses_by_root", asset_uses.c.root_name)

# What a job reads that a step of another job wrote, and that is no version of anything.
output_uses = Table(
    "output_uses",
    METADATA,
    Column("job_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    # Of the job.
    Column("workspace", Text, nullable=False),
    Column("root_name", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    # Who wrote it, and the submitted job which that belongs to.
    Column("maker", Text, nullable=False),
    Column("maker_root", Text, nullable=False),
    Column("output", Text, nullable=False),
    PrimaryKeyConstraint("job_name", "role"),
)
Index("output_uses_by_root", output_uses.c.root_name)
Index(
    "output_uses_by_maker",
    output_uses.c.maker_root,
    output_uses.c.at_ms,
    output_uses.c.job_name,
    output_uses.c.role,
)
Index(
    "output_uses_by_output",
    output_uses.c.maker,
    output_uses.c.output,
    output_uses.c.at_ms,
    output_uses.c.job_name,
    output_uses.c.role,
)

audit = Table(
    "audit",
    METADATA,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("workspace", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Text),
    Column("detail", Text, nullable=False),
    # Without it SQLite would give the number of a row that is gone to another; none ever is, but a promise is cheap.
    sqlite_autoincrement=True,
)
Index("audit_by_workspace", audit.c.workspace, audit.c.seq)
Index("audit_by_name", audit.c.workspace, audit.c.kind, audit.c.name, audit.c.seq)
