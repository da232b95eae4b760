"""The library of people's own experiments: rows that are read and written at once, each change a transaction."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Executable, Row, delete, func, insert, literal_column, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from torchglass.ids import new_bookmark_id
from torchglass.store import tables
from torchglass.store.bookmark import (
    MOST_BOOKMARKS,
    MOST_BYTES,
    Bookmark,
    BookmarkChangedError,
    BookmarkRecord,
    LibraryFullError,
)
from torchglass.store.errors import NotSavedError, StoreError, passing, words

#: Seconds between two tries where another program holds the database.
_RETRY = 0.2
_PLAIN = [column for column in tables.bookmarks.c if column.name != "experiment"]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _record(row: Row[Any]) -> BookmarkRecord:
    return BookmarkRecord(**{name: value for name, value in row._mapping.items() if name != "experiment"})


def _columns(experiment: dict[str, Any]) -> dict[str, Any]:
    """What stands beside the document, so that a list need not read it."""
    return {
        "name": experiment["name"],
        "data": experiment["data"]["kind"],
        "layers": len(experiment["network"]["nodes"]),
        "bytes": len(json.dumps(experiment, ensure_ascii=False).encode()),
        "experiment": experiment,
    }


class Bookmarks:
    """Acknowledged means on disk. One server writes to a data folder (``store/lock.py``), so a lock of this process
    makes looking and writing one act."""

    def __init__(self, engine: AsyncEngine, patience: float = 15.0) -> None:
        self._engine = engine
        self._patience = patience
        self._writing = asyncio.Lock()

    async def find(self, query: str = "", limit: int = 200, offset: int = 0) -> tuple[list[BookmarkRecord], int]:
        """Those whose name holds every word of ``query``, last changed first, and how many there are in all."""
        table = tables.bookmarks
        matching = select(*_PLAIN)
        for word in query.split()[:8]:
            matching = matching.where(table.c.name.icontains(word, autoescape=True))
        newest = matching.order_by(table.c.updated_at.desc(), literal_column("bookmarks.rowid").desc())
        async with self._reading() as connection:
            total = (await connection.execute(select(func.count()).select_from(matching.subquery()))).scalar_one()
            rows = (await connection.execute(newest.limit(limit).offset(offset))).all()
        return [_record(row) for row in rows], total

    async def get(self, bookmark: str) -> Bookmark | None:
        table = tables.bookmarks
        async with self._reading() as connection:
            row = (await connection.execute(select(table).where(table.c.id == bookmark))).one_or_none()
        return None if row is None else Bookmark(_record(row), row._mapping["experiment"])

    async def add(self, experiment: dict[str, Any]) -> BookmarkRecord:
        """Keep a document. Raises LibraryFullError, or NotSavedError where the disk does not take it."""
        now = _now()
        row = _columns(experiment) | {"id": new_bookmark_id(), "revision": 1, "created_at": now, "updated_at": now}
        async with self._writing:
            await self._require_room(1, row["bytes"])
            await self._write(insert(tables.bookmarks).values(row))
        return BookmarkRecord(**{name: value for name, value in row.items() if name != "experiment"})

    async def copy(self, bookmark: str) -> BookmarkRecord | None:
        """The same once more, under a name of its own; None where there is none. Raises as ``add`` does."""
        found = await self.get(bookmark)
        if found is None:
            return None
        names = {record.name for record in (await self.find(limit=MOST_BOOKMARKS))[0]}
        stem = found.record.name[:180]
        name = next(
            name
            for number in range(1, MOST_BOOKMARKS + 2)
            if (name := f"{stem} (copy{f' {number}' if number > 1 else ''})") not in names
        )
        return await self.add(found.experiment | {"name": name})

    async def replace(self, bookmark: str, revision: int, experiment: dict[str, Any]) -> BookmarkRecord | None:
        """Put a document in the place of another; None where there is none. Raises BookmarkChangedError where it is
        not at ``revision``, and as ``add`` does."""
        table = tables.bookmarks
        async with self._writing:
            found = await self.get(bookmark)
            if found is None:
                return None
            before = found.record
            if before.revision != revision:
                raise BookmarkChangedError(before)
            row = _columns(experiment) | {"revision": revision + 1, "updated_at": _now()}
            await self._require_room(0, row["bytes"] - before.bytes)
            await self._write(update(table).where(table.c.id == bookmark).values(row))
        row |= {"id": before.id, "created_at": before.created_at}
        return BookmarkRecord(**{name: value for name, value in row.items() if name != "experiment"})

    async def remove(self, bookmark: str, revision: int | None = None) -> bool:
        """Forget one; False where there is none. Raises BookmarkChangedError where a revision is given and it is at
        another one, and NotSavedError."""
        table = tables.bookmarks
        async with self._writing:
            found = await self.get(bookmark)
            if found is None:
                return False
            if revision is not None and found.record.revision != revision:
                raise BookmarkChangedError(found.record)
            await self._write(delete(table).where(table.c.id == bookmark))
        return True

    async def _require_room(self, more: int, more_bytes: int) -> None:
        table = tables.bookmarks
        async with self._reading() as connection:
            row = (await connection.execute(select(func.count(), func.coalesce(func.sum(table.c.bytes), 0)))).one()
        if row[0] + more > MOST_BOOKMARKS:
            raise LibraryFullError(f"The library holds {MOST_BOOKMARKS:,} experiments, its most: delete some first.")
        if more_bytes > 0 and row[1] + more_bytes > MOST_BYTES:
            raise LibraryFullError(
                f"The experiments of the library may have {MOST_BYTES // 2**20} MB together: delete some first."
            )

    async def _write(self, statement: Executable) -> None:
        """One transaction; where another program holds the file it is tried again for a while."""
        until = time.monotonic() + self._patience
        while True:
            try:
                async with self._engine.begin() as connection:
                    await connection.execute(statement)
                return
            except (SQLAlchemyError, OSError) as error:
                if not passing(error) or time.monotonic() > until:
                    raise NotSavedError(words(error)) from error
            await asyncio.sleep(_RETRY)

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._engine.connect() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(f"The library cannot be read: {words(error)}.") from error
