"""
Which job reads what a step of another job wrote.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the table; of jobs that were there before it is not known."""
    op.create_table(
        "output_uses",
        sa.Column("job_name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("root_name", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False),
        sa.Column("maker_root", sa.Text(), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job_name", "role"),
    )
    op.create_index("output_uses_by_root", "output_uses", ["root_name"])
    op.create_index("output_uses_by_maker", "output_uses", ["maker_root", "at_ms", "job_name", "role"])
    op.create_index("output_uses_by_output", "output_uses", ["maker", "output", "at_ms", "job_name", "role"])
