"""The connections to the SQLite file: write-ahead log, foreign keys, a short patience with locks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

#: Milliseconds that one statement waits for a lock; the writer tries again by itself.
BUSY = 1000
#: Kilobytes of pages that each connection keeps for itself; the system has the file in memory anyway, once for all.
CACHE = 512


def connect(path: Path) -> AsyncEngine:
    """An engine whose connections are set up alike."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}", pool_size=4, max_overflow=4)

    @event.listens_for(engine.sync_engine, "connect")
    def _settle(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        fixed = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
        for pragma in (*fixed, f"busy_timeout={BUSY}", f"cache_size=-{CACHE}"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine
