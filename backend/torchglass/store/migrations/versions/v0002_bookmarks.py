"""The library of people's own experiments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the table of kept experiments."""
    op.create_table(
        "bookmarks",
        sa.Column("id", sa.String, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in ("name", "data")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("layers", "bytes", "revision")),
        *(sa.Column(name, sa.String, nullable=False) for name in ("created_at", "updated_at")),
        sa.Column("experiment", sa.JSON, nullable=False),
    )
    op.create_index("bookmarks_by_time", "bookmarks", ["updated_at"])
