"""What the writer is asked to do, and how each change reaches the tables."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from torchglass.ids import RunId
from torchglass.store import branches, tables
from torchglass.store.pyramid import Tail
from torchglass.store.records import RunRecord

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
class SetAside:
    """Points and marks beyond ``step`` (0: all of them) become another branch."""

    run: RunId
    step: int
    branch: int


@dataclass(frozen=True, slots=True)
class BringBack:
    """A branch goes on the curves of now."""

    run: RunId
    branch: int


@dataclass(frozen=True, slots=True)
class DropBranch:
    """A branch is void."""

    run: RunId
    branch: int


@dataclass(frozen=True, slots=True)
class Copy:
    """Points and marks up to ``step`` also belong to another run, which is stored before."""

    source: RunId
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


#: What must be on the disk before the stored curves of its run can be read.
RESTRUCTURING = (Cut, SetAside, BringBack, DropBranch, Copy)
Change = Save | Points | Cut | SetAside | BringBack | DropBranch | Copy | AddMark | Note | Forget


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
                case Cut() | SetAside() | BringBack() | DropBranch() | Copy():
                    await self._write(connection, touched)
                    self._drop({change.run})
                    await _restructure(connection, change)
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
            self._tails[run, series] = Tail(await branches.open_chunks(connection, run, series))
        self._tails.move_to_end((run, series))
        return self._tails[run, series]

    @staticmethod
    async def _write(connection: AsyncConnection, touched: dict[tuple[str, str], Tail]) -> None:
        rows = [
            row for (run, series), tail in touched.items() for row in branches.rows_of(tail, run, branches.NOW, series)
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


async def _restructure(connection: AsyncConnection, change: Cut | SetAside | BringBack | DropBranch | Copy) -> None:
    """Changes of whole stretches of the curves."""
    match change:
        case Cut(run=run, step=step):
            await branches.cut(connection, run, step)
        case SetAside(run=run, step=step, branch=branch):
            await branches.set_aside(connection, run, step, branch)
        case BringBack(run=run, branch=branch):
            await branches.bring_back(connection, run, branch)
        case DropBranch(run=run, branch=branch):
            await branches.drop(connection, run, branch)
        case Copy(source=source, run=run, step=step):
            await branches.copy(connection, source, run, step)
