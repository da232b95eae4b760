"""Reading runs and curves; any number of readers beside the writer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sqlalchemy import Row, Select, String, cast, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from torchglass.ids import RunId
from torchglass.protocol.run import RunState
from torchglass.store import tables
from torchglass.store.branches import NOW
from torchglass.store.pyramid import BUCKET, FACTOR, Buckets, decode, of_points, reduce_to
from torchglass.store.records import Junk, RunRecord, Stretch

#: (steps, values)
Points = tuple[list[int], list[float]]


def record_of(row: Row[Any]) -> RunRecord:
    values = dict(row._mapping)
    return RunRecord(**values | {"id": RunId(values["id"]), "state": RunState(values["state"])})


def _matching(query: str, junk: Junk | None) -> Select[Any]:
    found, c = select(tables.runs), tables.runs.c
    if junk is not None:
        found = found.where(c.name.in_(junk.names) & (c.step < junk.steps) & c.id.not_in(junk.spared))
    for word in query.split()[:8]:
        found = found.where(c.name.icontains(word, autoescape=True))
    return found


async def find(
    connection: AsyncConnection, query: str, limit: int, offset: int, junk: Junk | None = None
) -> tuple[list[RunRecord], int]:
    """Runs whose name holds every word of ``query``, newest first, and how many there are in all."""
    matching = _matching(query, junk)
    total = (await connection.execute(select(func.count()).select_from(matching.subquery()))).scalar_one()
    newest = _newest(matching).limit(limit).offset(offset)
    return [record_of(row) for row in (await connection.execute(newest)).all()], total


def _newest(rows: Select[Any]) -> Select[Any]:
    return rows.order_by(tables.runs.c.created_at.desc(), literal_column("runs.rowid").desc())


async def mentioning(connection: AsyncConnection, text: str) -> list[str]:
    """Names of the runs whose experiment holds that text, newest first."""
    holds = cast(tables.runs.c.experiment, String).contains(text, autoescape=True)
    return list((await connection.execute(_newest(select(tables.runs.c.name).where(holds)))).scalars().all())


async def get(connection: AsyncConnection, run: str) -> RunRecord | None:
    row = (await connection.execute(select(tables.runs).where(tables.runs.c.id == run))).one_or_none()
    return None if row is None else record_of(row)


async def marks(connection: AsyncConnection, run: str, most: int, branch: int = NOW) -> list[dict[str, Any]]:
    """The newest marks of a branch of a run, oldest first."""
    m = tables.marks.c
    newest = select(m.mark).where((m.run == run) & (m.branch == branch)).order_by(m.id.desc()).limit(most)
    return list(reversed((await connection.execute(newest)).scalars().all()))


async def curves(
    connection: AsyncConnection,
    run: str,
    points: int,
    start: int,
    end: int,
    fresh: Mapping[str, Points],
    branch: int = NOW,
) -> dict[str, Stretch]:
    """Every curve between two steps, in at most ``points`` pieces each; exact where there are no more.

    ``fresh``: points that may not be on disk yet, (steps, values) by series."""
    c = tables.chunks.c
    inside = (c.run == run) & (c.branch == branch) & (c.last_step >= start) & (c.first_step <= end)
    overview = select(c.series, c.level, func.sum(c.entries)).where(inside).group_by(c.series, c.level)
    sizes: dict[str, dict[int, int]] = {}
    for series, level, entries in (await connection.execute(overview)).all():
        sizes.setdefault(series, {})[level] = entries
    newest = select(c.series, c.level, func.max(c.chunk)).where((c.run == run) & (c.branch == branch))
    ends: dict[str, dict[int, int]] = {}
    for series, level, chunk in (await connection.execute(newest.group_by(c.series, c.level))).all():
        ends.setdefault(series, {})[level] = chunk
    found = {}
    for series in sizes.keys() | fresh.keys():
        levels = sizes.get(series, {0: 0})
        level = min((n for n, entries in levels.items() if entries <= 4 * points), default=max(levels))
        wanted = (c.series == series) & (c.level == level)
        for below in range(level):
            wanted |= (c.series == series) & (c.level == below) & (c.chunk == ends[series][below])
        rows = select(c.level, c.data).where(inside & wanted).order_by(c.level.desc(), c.chunk)
        stored = [tuple(row) for row in (await connection.execute(rows)).all()]
        stretch = _stretch(stored, of_points(*fresh.get(series, ([], []))), points, start, end)
        if stretch is not None:
            found[series] = stretch
    return found


def _stretch(rows: list[tuple[int, bytes]], fresh: Buckets, points: int, start: int, end: int) -> Stretch | None:
    """Coarse entries first, then the finer ones that are not folded into them yet, then what is not stored yet."""
    pieces, weights = [np.empty(0, BUCKET)], [np.empty(0)]
    stored = [(level, decode(level, blob)) for level, blob in rows]
    newest = max((int(buckets["last"][-1]) for _, buckets in stored), default=-1)
    # The newest stored point may have been measured again since.
    fresh = fresh[fresh["last"] >= newest]
    known = int(fresh["last"][0]) if len(fresh) else 2**63 - 1
    for level, buckets in [*((level, kept[kept["last"] < known]) for level, kept in stored), (0, fresh)]:
        inside = buckets[(buckets["last"] >= start) & (buckets["first"] <= end)]
        pieces.append(inside)
        weights.append(np.full(len(inside), float(FACTOR**level)))
    buckets, weight = np.concatenate(pieces), np.concatenate(weights)
    if not len(buckets):
        return None
    measured = int(weight.sum())
    buckets = reduce_to(buckets, weight, points)
    return Stretch(
        steps=buckets["last"].tolist(),
        values=buckets["mean"].tolist(),
        low=buckets["low"].tolist(),
        high=buckets["high"].tolist(),
        low_steps=buckets["low_step"].tolist(),
        high_steps=buckets["high_step"].tolist(),
        measured=measured,
    )
