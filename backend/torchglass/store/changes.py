"""What the writer is asked to do, and how each change reaches the tables."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from torchglass.ids import RunId
from torchglass.store import tables
from torchglass.store.pyramid import CHUNK, Open, Tail, decode, encode, kept_above
from torchglass.store.records import RunRecord

#: The one branch of a run so far; going back to an earlier step will open another.
BRANCH = 0
_MOST_TAILS = 512


@dataclass(frozen=True, slots=True)
class Save:
    """Insert or replace the row of a run."""

    record: RunRecord


@dataclass(slots=True)
class Points:
    """New points of the curves of a run: (steps, values) by series."""

    run: RunId
    series: dict[str, tuple[list[int], list[float]]]


@dataclass(frozen=True, slots=True)
class Cut:
    """Points and marks beyond ``step`` are void (0: all of them)."""

    run: RunId
    step: int


@dataclass(frozen=True, slots=True)
class AddMark:
    run: RunId
    step: int
    mark: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Note:
    """One line of a run's history: ``set``, ``edit`` or ``reset``."""

    run: RunId
    step: int
    kind: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Forget:
    runs: tuple[RunId, ...]


Change = Save | Points | Cut | AddMark | Note | Forget


class Applier:
    """Carries changes out within a transaction; remembers the open ends of the curves between them."""

    def __init__(self) -> None:
        self._tails: OrderedDict[tuple[str, str], Tail] = OrderedDict()

    def start_over(self) -> None:
        """After a rollback: nothing that is remembered is certain any more."""
        self._tails.clear()

    async def apply(self, connection: AsyncConnection, changes: Sequence[Change]) -> None:
        touched: dict[tuple[str, str], Tail] = {}
        newest = {change.record.id: change for change in changes if isinstance(change, Save)}
        known: set[RunId] = set()
        for change in changes:
            match change:
                case Save(record=record):
                    # Only the newest row of a run counts; its first place in the queue is kept for foreign keys.
                    if record.id not in known:
                        await _save(connection, newest[record.id].record)
                    known.add(record.id)
                case Points():
                    for name, (steps, values) in change.series.items():
                        tail = await self._tail(connection, change.run, name)
                        tail.add(steps, values)
                        touched[change.run, name] = tail
                case Cut():
                    await self._write(connection, touched)
                    self._drop({change.run})
                    await _cut(connection, change)
                case AddMark() | Note():
                    await _append(connection, change)
                case Forget(runs=gone):
                    await self._write(connection, touched)
                    self._drop(set(gone))
                    await connection.execute(delete(tables.runs).where(tables.runs.c.id.in_(gone)))
        await self._write(connection, touched)
        while len(self._tails) > _MOST_TAILS:
            self._tails.popitem(last=False)

    def _drop(self, runs: set[RunId]) -> None:
        for key in [key for key in self._tails if key[0] in runs]:
            del self._tails[key]

    async def _tail(self, connection: AsyncConnection, run: RunId, series: str) -> Tail:
        if (run, series) not in self._tails:
            self._tails[run, series] = Tail(await _open_chunks(connection, run, series))
        self._tails.move_to_end((run, series))
        return self._tails[run, series]

    @staticmethod
    async def _write(connection: AsyncConnection, touched: dict[tuple[str, str], Tail]) -> None:
        rows = [
            {
                "run": run,
                "branch": BRANCH,
                "series": series,
                "level": row.level,
                "chunk": row.chunk,
                "first_step": int(row.buckets["first"][0]),
                "last_step": int(row.buckets["last"][-1]),
                "entries": len(row.buckets),
                "data": encode(row.level, row.buckets),
            }
            for (run, series), tail in touched.items()
            for row in tail.take_rows()
            if len(row.buckets)
        ]
        touched.clear()
        if rows:
            await connection.execute(insert(tables.chunks).prefix_with("OR REPLACE"), rows)


async def _save(connection: AsyncConnection, record: RunRecord) -> None:
    row = asdict(record)
    statement = insert(tables.runs).values(row)
    rest = {name: value for name, value in row.items() if name != "id"}
    await connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=rest))


async def _append(connection: AsyncConnection, change: AddMark | Note) -> None:
    row: dict[str, Any] = {"run": change.run, "step": change.step}
    if isinstance(change, AddMark):
        await connection.execute(insert(tables.marks).values(row | {"mark": change.mark}))
        return
    row |= {"kind": change.kind, "at": datetime.now(UTC).isoformat(timespec="seconds"), "data": change.data}
    await connection.execute(insert(tables.events).values(row))


async def _open_chunks(connection: AsyncConnection, run: str, series: str) -> list[Open]:
    """The last chunk of every level."""
    c = tables.chunks.c
    of_series = (c.run == run) & (c.branch == BRANCH) & (c.series == series)
    newest = select(c.level, func.max(c.chunk)).where(of_series).group_by(c.level).order_by(c.level)
    found = []
    for level, chunk in (await connection.execute(newest)).all():
        at = of_series & (c.level == level) & (c.chunk == chunk)
        blob = (await connection.execute(select(c.data).where(at))).scalar_one()
        found.append(Open(chunk, decode(level, blob)))
    return found


async def _cut(connection: AsyncConnection, cut: Cut) -> None:
    c, marks = tables.chunks.c, tables.marks
    beyond = cut.step if cut.step > 0 else -1
    await connection.execute(delete(marks).where((marks.c.run == cut.run) & (marks.c.step > beyond)))
    of_run = (c.run == cut.run) & (c.branch == BRANCH)
    if beyond < 0:
        await connection.execute(delete(tables.chunks).where(of_run))
        return
    touched = select(c.series).where(of_run & (c.level == 0) & (c.last_step > beyond)).distinct()
    for series in (await connection.execute(touched)).scalars().all():
        await _cut_series(connection, cut, series)


async def _cut_series(connection: AsyncConnection, cut: Cut, series: str) -> None:
    """Shorten every level to what stands for the points that are left."""
    c = tables.chunks.c
    of_series = (c.run == cut.run) & (c.branch == BRANCH) & (c.series == series)
    rows = (await connection.execute(select(c.level, c.chunk, c.last_step).where(of_series))).all()
    levels = 1 + max(row.level for row in rows)
    ground = of_series & (c.level == 0) & (c.first_step <= cut.step)
    number = (await connection.execute(select(func.max(c.chunk)).where(ground))).scalar()
    entries = 0
    if number is not None:
        at = of_series & (c.level == 0) & (c.chunk == number)
        kept = decode(0, (await connection.execute(select(c.data).where(at))).scalar_one())
        entries = number * CHUNK + int((kept["last"] <= cut.step).sum())
    for level in range(levels):
        await _shorten(connection, cut.run, series, level, entries)
        entries = kept_above(entries)


async def _shorten(connection: AsyncConnection, run: str, series: str, level: int, entries: int) -> None:
    """Keep the first ``entries`` of one level; the last chunk is left open, even when it is full."""
    c = tables.chunks.c
    of_level = (c.run == run) & (c.branch == BRANCH) & (c.series == series) & (c.level == level)
    last = (entries - 1) // CHUNK if entries else -1
    blob = (await connection.execute(select(c.data).where(of_level & (c.chunk == last)))).scalar()
    await connection.execute(delete(tables.chunks).where(of_level & (c.chunk >= last)))
    if blob is None:
        return
    left = decode(level, blob)[: entries - last * CHUNK]
    row = {"run": run, "branch": BRANCH, "series": series, "level": level, "chunk": last, "entries": len(left)}
    row |= {"first_step": int(left["first"][0]), "last_step": int(left["last"][-1]), "data": encode(level, left)}
    await connection.execute(insert(tables.chunks).values(row))
