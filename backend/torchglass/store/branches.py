"""Stretches of stored curves: cut off, set aside as a branch, brought back, copied to another run.

Every branch has chunks and a pyramid of its own; ``NOW`` is the one that the run is on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from torchglass.store import tables
from torchglass.store.pyramid import BUCKET, CHUNK, Buckets, Open, Tail, decode, encode, kept_above

NOW = 0


def rows_of(tail: Tail, run: str, branch: int, series: str) -> Iterator[dict[str, Any]]:
    """The rows of every chunk that changed."""
    for row in tail.take_rows():
        if len(row.buckets):
            yield {
                "run": run,
                "branch": branch,
                "series": series,
                "level": row.level,
                "chunk": row.chunk,
                "first_step": int(row.buckets["first"][0]),
                "last_step": int(row.buckets["last"][-1]),
                "entries": len(row.buckets),
                "data": encode(row.level, row.buckets),
            }


async def set_aside(connection: AsyncConnection, run: str, step: int, branch: int) -> None:
    """Points and marks of now beyond a step (0: all of them), and the changes made at it, become another branch."""
    m, beyond = tables.marks.c, step or -1
    await drop(connection, run, branch)
    await _copy_points(connection, (run, NOW), (run, branch), beyond + 1, 2**62)
    changed = (m.step == step) & m.mark["kind"].as_string().in_(("set", "edit"))
    beyond_it = (m.run == run) & (m.branch == NOW) & ((m.step > beyond) | changed)
    await connection.execute(update(tables.marks).where(beyond_it).values(branch=branch))
    await cut(connection, run, step)


async def bring_back(connection: AsyncConnection, run: str, branch: int) -> None:
    """A branch goes on the curves of now, which end before it; the mark that told of it goes."""
    m = tables.marks.c
    told = (m.mark["kind"].as_string() == "rewind") & (m.mark["after"].as_integer() == branch)
    await connection.execute(delete(tables.marks).where((m.run == run) & (m.branch == NOW) & told))
    await _copy_points(connection, (run, branch), (run, NOW), 0, 2**62)
    await connection.execute(update(tables.marks).where((m.run == run) & (m.branch == branch)).values(branch=NOW))
    await drop(connection, run, branch)


async def drop(connection: AsyncConnection, run: str, branch: int) -> None:
    """Forget a branch."""
    for table in (tables.chunks, tables.marks):
        await connection.execute(delete(table).where((table.c.run == run) & (table.c.branch == branch)))


async def copy(connection: AsyncConnection, source: str, run: str, step: int) -> None:
    """What another run measured up to a step, and the marks on it."""
    m = tables.marks.c
    await _copy_points(connection, (source, NOW), (run, NOW), 0, step)
    known = select(m.step, m.mark).where((m.run == source) & (m.branch == NOW) & (m.step <= step)).order_by(m.id)
    rows = [{"run": run, "step": row.step, "mark": row.mark} for row in (await connection.execute(known)).all()]
    if rows:
        await connection.execute(insert(tables.marks), rows)


async def _copy_points(
    connection: AsyncConnection, source: tuple[str, int], target: tuple[str, int], first: int, last: int
) -> None:
    """Every curve between two steps, appended to those of the target."""
    c = tables.chunks.c
    inside = (c.run == source[0]) & (c.branch == source[1]) & (c.level == 0)
    inside &= (c.last_step >= first) & (c.first_step <= last)
    listed = select(c.series).where(inside).distinct()
    for series in (await connection.execute(listed)).scalars().all():
        blobs = select(c.data).where(inside & (c.series == series)).order_by(c.chunk)
        pieces = [decode(0, blob) for blob in (await connection.execute(blobs)).scalars().all()]
        points: Buckets = np.concatenate([np.empty(0, BUCKET), *pieces])
        points = points[(points["last"] >= first) & (points["last"] <= last)]
        tail = Tail(await open_chunks(connection, target[0], series, target[1]))
        tail.add(points["last"].tolist(), points["mean"].tolist())
        if rows := list(rows_of(tail, *target, series)):
            await connection.execute(insert(tables.chunks).prefix_with("OR REPLACE"), rows)


async def open_chunks(connection: AsyncConnection, run: str, series: str, branch: int = NOW) -> list[Open]:
    """The last chunk of every level."""
    c = tables.chunks.c
    of_series = (c.run == run) & (c.branch == branch) & (c.series == series)
    newest = select(c.level, func.max(c.chunk)).where(of_series).group_by(c.level).order_by(c.level)
    found = []
    for level, chunk in (await connection.execute(newest)).all():
        at = of_series & (c.level == level) & (c.chunk == chunk)
        blob = (await connection.execute(select(c.data).where(at))).scalar_one()
        found.append(Open(chunk, decode(level, blob)))
    return found


async def cut(connection: AsyncConnection, run: str, step: int) -> None:
    """Points and marks of now beyond a step are void (0: all of them)."""
    c, m, beyond = tables.chunks.c, tables.marks.c, step or -1
    await connection.execute(delete(tables.marks).where((m.run == run) & (m.branch == NOW) & (m.step > beyond)))
    of_run = (c.run == run) & (c.branch == NOW)
    if beyond < 0:
        await connection.execute(delete(tables.chunks).where(of_run))
        return
    touched = select(c.series).where(of_run & (c.level == 0) & (c.last_step > beyond)).distinct()
    for series in (await connection.execute(touched)).scalars().all():
        await _cut_series(connection, run, step, series)


async def _cut_series(connection: AsyncConnection, run: str, step: int, series: str) -> None:
    """Shorten every level to what stands for the points that are left."""
    c = tables.chunks.c
    of_series = (c.run == run) & (c.branch == NOW) & (c.series == series)
    rows = (await connection.execute(select(c.level, c.chunk, c.last_step).where(of_series))).all()
    levels = 1 + max(row.level for row in rows)
    ground = of_series & (c.level == 0) & (c.first_step <= step)
    number = (await connection.execute(select(func.max(c.chunk)).where(ground))).scalar()
    entries = 0
    if number is not None:
        at = of_series & (c.level == 0) & (c.chunk == number)
        kept = decode(0, (await connection.execute(select(c.data).where(at))).scalar_one())
        entries = number * CHUNK + int((kept["last"] <= step).sum())
    for level in range(levels):
        await _shorten(connection, run, series, level, entries)
        entries = kept_above(entries)


async def _shorten(connection: AsyncConnection, run: str, series: str, level: int, entries: int) -> None:
    """Keep the first ``entries`` of one level; the last chunk is left open, even when it is full."""
    c = tables.chunks.c
    of_level = (c.run == run) & (c.branch == NOW) & (c.series == series) & (c.level == level)
    last = (entries - 1) // CHUNK if entries else -1
    blob = (await connection.execute(select(c.data).where(of_level & (c.chunk == last)))).scalar()
    await connection.execute(delete(tables.chunks).where(of_level & (c.chunk >= last)))
    if blob is None:
        return
    left = decode(level, blob)[: entries - last * CHUNK]
    row = {"run": run, "branch": NOW, "series": series, "level": level, "chunk": last, "entries": len(left)}
    row |= {"first_step": int(left["first"][0]), "last_step": int(left["last"][-1]), "data": encode(level, left)}
    await connection.execute(insert(tables.chunks).values(row))
