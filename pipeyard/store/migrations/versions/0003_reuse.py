"""
Results that may stand for later steps, and outputs that are another step's.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table of results, and let an output name the step that wrote it."""
    op.create_table(
        "results",
        sa.Column("job_name", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("root_name", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("step_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("ended_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("is_reusable", sa.Boolean(), nullable=False),
        sa.Column("source_job", sa.Text(), nullable=True),
        sa.Column("parts", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("job_name"),
    )
    is_candidate = sa.text("ended_at_ms IS NOT NULL AND is_reusable AND source_job IS NULL")
    op.create_index(
        "results_by_key",
        "results",
        ["workspace", "key", "ended_at_ms"],
        sqlite_where=is_candidate,
        postgresql_where=is_candidate,
    )
    op.create_index("results_by_step", "results", ["workspace", "step_sha256", "ended_at_ms"])
    op.create_index("results_by_root", "results", ["root_name"])
    op.add_column("outputs", sa.Column("source_job", sa.Text(), nullable=True))
    is_shared = sa.text("source_job IS NOT NULL")
    op.create_index("outputs_by_source", "outputs", ["source_job"], sqlite_where=is_shared, postgresql_where=is_shared)
