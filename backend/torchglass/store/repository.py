"""Every run on disk, behind the few calls that sessions know."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import case, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from torchglass.ids import RunId
from torchglass.protocol.run import RunState
from torchglass.store import reading, tables
from torchglass.store.bookmarks import Bookmarks
from torchglass.store.branches import NOW
from torchglass.store.changes import (
    AddMark,
    BringBack,
    Copy,
    Cut,
    DropBranch,
    Forget,
    Note,
    Points,
    Save,
    SetAside,
)
from torchglass.store.database import connect
from torchglass.store.errors import NotSavedError, StoreError, cannot_open, words
from torchglass.store.migrate import prepare
from torchglass.store.records import Junk, RunRecord, Stretch
from torchglass.store.writer import Writer

#: What a run that was at work becomes when the server ended under it.
_AFTER = {
    RunState.RUNNING: RunState.INTERRUPTED,
    **dict.fromkeys((RunState.QUEUED, RunState.STARTING, RunState.PAUSED), RunState.PARKED),
}


class DatabaseRepository:
    """SQLite in the data folder. Calls without ``async`` never wait: what they ask is on disk once ``committed``
    has returned, and within a second by itself."""

    def __init__(self, path: Path, writer: Writer, engine: AsyncEngine) -> None:
        self.path = path
        self._writer = writer
        self._engine = engine
        self.bookmarks = Bookmarks(engine)

    @classmethod
    async def open(cls, data_dir: Path, on_trouble: Callable[[str | None], None]) -> DatabaseRepository:
        """Migrate if need be, and say of every run that was at work that it no longer is. Raises StoreError."""
        path = await asyncio.to_thread(prepare, data_dir)
        engine = connect(path)
        state = tables.runs.c.state
        settle = update(tables.runs).values(
            state=case({before.value: after.value for before, after in _AFTER.items()}, value=state, else_=state)
        )
        try:
            async with engine.begin() as connection:
                await connection.execute(settle.where(state.in_([before.value for before in _AFTER])))
        except (SQLAlchemyError, OSError) as error:
            await engine.dispose()
            raise cannot_open(path, error) from error
        return cls(path, Writer(engine, on_trouble), engine)

    async def close(self) -> None:
        """Write what is left and let go of the file."""
        await self._writer.close()
        await self._engine.dispose()

    def save(self, record: RunRecord) -> None:
        self._writer.put(Save(record))

    def add_points(self, run: RunId, series: dict[str, tuple[list[int], list[float]]]) -> None:
        self._writer.put(Points(run, series))

    def cut(self, run: RunId, step: int) -> None:
        self._writer.put(Cut(run, step))

    def add_mark(self, run: RunId, step: int, mark: dict[str, Any]) -> None:
        self._writer.put(AddMark(run, step, mark))

    def set_aside(self, run: RunId, step: int, branch: int) -> None:
        self._writer.put(SetAside(run, step, branch))

    def bring_back(self, run: RunId, branch: int) -> None:
        self._writer.put(BringBack(run, branch))

    def drop_branch(self, run: RunId, branch: int) -> None:
        self._writer.put(DropBranch(run, branch))

    def copy(self, source: RunId, run: RunId, step: int) -> None:
        self._writer.put(Copy(source, run, step))

    def note(self, run: RunId, step: int, kind: str, data: dict[str, Any]) -> None:
        self._writer.put(Note(run, step, kind, data))

    def forget(self, runs: list[RunId]) -> None:
        self._writer.put(Forget(tuple(runs)))

    async def committed(self) -> None:
        """Raises NotSavedError where the disk does not take it for now; it is tried again until it does."""
        await self._writer.committed()

    async def find(
        self, query: str = "", limit: int = 200, offset: int = 0, junk: Junk | None = None
    ) -> tuple[list[RunRecord], int]:
        async with self._reading() as connection:
            return await reading.find(connection, query, limit, offset, junk)

    async def mentioning(self, text: str) -> list[str]:
        with contextlib.suppress(NotSavedError):
            await self.committed()
        async with self._reading() as connection:
            return await reading.mentioning(connection, text)

    async def get(self, run: str) -> RunRecord | None:
        async with self._reading() as connection:
            return await reading.get(connection, run)

    async def marks(self, run: str, most: int, branch: int = NOW) -> list[dict[str, Any]]:
        async with self._reading() as connection:
            return await reading.marks(connection, run, most, branch)

    async def curves(
        self, run: str, points: int, start: int = 0, end: int = 2**53, branch: int = NOW
    ) -> dict[str, Stretch]:
        """Points on their way to the disk are part of it: a busy disk keeps nobody waiting."""
        fresh = self._writer.unsaved(run) if branch == NOW else None
        if fresh is None:
            with contextlib.suppress(NotSavedError):
                await self.committed()
        async with self._reading() as connection:
            return await reading.curves(connection, run, points, start, end, fresh or {}, branch)

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._engine.connect() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(f"The stored runs cannot be read: {words(error)}.") from error
