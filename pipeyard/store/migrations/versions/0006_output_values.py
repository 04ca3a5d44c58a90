"""
The values of outputs that are numbers, texts or truth values.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Let an output keep its value beside the file that it was written to; NULL: it is data."""
    op.add_column("outputs", sa.Column("value", sa.Text(), nullable=True))
