"""The speed limit of a run is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column; runs of before have no limit."""
    op.add_column("runs", sa.Column("speed", sa.Float))
