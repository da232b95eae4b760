"""Forks know where they come from; what going back sets aside is kept, marks included."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns; runs of before have neither parents nor branches."""
    op.add_column("runs", sa.Column("parent", sa.JSON))
    op.add_column("runs", sa.Column("asides", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("marks", sa.Column("branch", sa.Integer, nullable=False, server_default="0"))
