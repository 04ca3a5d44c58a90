"""
When an output's files were freed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Let an output say since when its files are gone; NULL: they are not."""
    op.add_column("outputs", sa.Column("removed_at_ms", sa.BigInteger(), nullable=True))
