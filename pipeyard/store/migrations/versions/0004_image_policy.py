"""
What becomes of images in a workspace.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Let a workspace say whether its steps run in the images that they name; NULL: it says nothing."""
    op.add_column("workspaces", sa.Column("image_policy", sa.Text(), nullable=True))
