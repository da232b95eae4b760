"""Runs with their metrics, marks and events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _of_run() -> sa.Column[str]:
    return sa.Column("run", sa.String, sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False)


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "runs",
        sa.Column("id", sa.String, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in ("name", "state")),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("epoch", sa.Float, nullable=False),
        sa.Column("experiment", sa.JSON, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("created_at", "updated_at")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("steps_per_epoch", "parameters")),
        sa.Column("fresh", sa.Boolean, nullable=False),
        sa.Column("resolved", sa.JSON),
        sa.Column("problem", sa.JSON),
        sa.Column("metrics", sa.JSON, nullable=False),
    )
    op.create_index("runs_by_time", "runs", ["created_at"])
    _make_metrics()
    _make_history()


def _make_metrics() -> None:
    op.create_table(
        "metric_chunks",
        sa.Column("run", sa.String, sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("branch", sa.Integer, primary_key=True),
        sa.Column("series", sa.String, primary_key=True),
        sa.Column("level", sa.Integer, primary_key=True),
        sa.Column("chunk", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("first_step", "last_step", "entries")),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    found_by = ["run", "branch", "series", "level", "last_step", "first_step", "chunk", "entries"]
    op.create_index("metric_chunks_by_step", "metric_chunks", found_by)


def _make_history() -> None:
    op.create_table(
        "marks",
        sa.Column("id", sa.Integer, primary_key=True),
        _of_run(),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("mark", sa.JSON, nullable=False),
    )
    op.create_index("marks_of_run", "marks", ["run", "step"])
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True),
        _of_run(),
        sa.Column("step", sa.Integer, nullable=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("kind", "at")),
        sa.Column("data", sa.JSON, nullable=False),
    )
    op.create_index("events_of_run", "events", ["run", "step"])
