"""
The tables of drafts, as they are after the newest migration.

In:       nothing.
Out:      SQLAlchemy tables, in the same `METADATA` as `tables.py`.

What is in a draft stands in its revisions only, packed; the bytes of files are kept once,
however many revisions and drafts have them.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text

from pipeyard.store.tables import METADATA

drafts = Table(
    "drafts",
    METADATA,
    Column("workspace", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("modified_at_ms", BigInteger, nullable=False),
    Column("modified_by", Text, nullable=False),
    Column("main", Text, nullable=False),
    Column("file_count", Integer, nullable=False),
    Column("origin", Text, nullable=False),
    Column("origin_name", Text),
    Column("is_archived", Boolean, nullable=False),
    Column("holder", Text),
    Column("held_by", Text),
    Column("held_at_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("workspace", "id"),
)
Index("drafts_by_time", drafts.c.workspace, drafts.c.is_archived, drafts.c.modified_at_ms, drafts.c.id)

draft_revisions = Table(
    "draft_revisions",
    METADATA,
    Column("workspace", Text, nullable=False),
    Column("draft_id", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("saved_at_ms", BigInteger, nullable=False),
    Column("saved_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("job", Text),
    # Packed; last, so that a list need not read past it.
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("workspace", "draft_id", "revision"),
)

draft_contents = Table(
    "draft_contents",
    METADATA,
    Column("workspace", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("workspace", "sha256"),
)

# Which drafts have, or had in some revision, which contents.
draft_uses = Table(
    "draft_uses",
    METADATA,
    Column("workspace", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("draft_id", Text, nullable=False),
    PrimaryKeyConstraint("workspace", "sha256", "draft_id"),
    sqlite_with_rowid=False,
)
Index("draft_uses_by_draft", draft_uses.c.workspace, draft_uses.c.draft_id)

OF_A_WORKSPACE = (drafts, draft_revisions, draft_contents, draft_uses)
