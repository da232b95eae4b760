"""The tables. Changing one means a migration in ``migrations/versions`` and a new ``LATEST`` in ``migrate.py``."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table

metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("state", String, nullable=False),
    Column("step", Integer, nullable=False),
    Column("epoch", Float, nullable=False),
    Column("experiment", JSON, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", String, nullable=False),
    Column("updated_at", String, nullable=False),
    Column("steps_per_epoch", Integer, nullable=False),
    Column("parameters", Integer, nullable=False),
    Column("fresh", Boolean, nullable=False),
    Column("resolved", JSON),
    Column("problem", JSON),
    Column("metrics", JSON, nullable=False),
    Column("parent", JSON),
    Column("asides", JSON, nullable=False, server_default="[]"),
    Column("speed", Float),
    Index("runs_by_time", "created_at"),
)


def _of_run() -> Column[str]:
    return Column("run", String, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False)


chunks = Table(
    "metric_chunks",
    metadata,
    Column("run", String, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("branch", Integer, primary_key=True),
    Column("series", String, primary_key=True),
    Column("level", Integer, primary_key=True),
    Column("chunk", Integer, primary_key=True),
    Column("first_step", Integer, nullable=False),
    Column("last_step", Integer, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Index("metric_chunks_by_step", "run", "branch", "series", "level", "last_step", "first_step", "chunk", "entries"),
)

marks = Table(
    "marks",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_run(),
    Column("step", Integer, nullable=False),
    Column("mark", JSON, nullable=False),
    Column("branch", Integer, nullable=False, server_default="0"),
    Index("marks_of_run", "run", "step"),
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_run(),
    Column("step", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("at", String, nullable=False),
    Column("data", JSON, nullable=False),
    Index("events_of_run", "run", "step"),
)

bookmarks = Table(
    "bookmarks",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("data", String, nullable=False),
    Column("layers", Integer, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", String, nullable=False),
    Column("updated_at", String, nullable=False),
    Column("experiment", JSON, nullable=False),
    Index("bookmarks_by_time", "updated_at"),
)
