"""One curve as chunks with a pyramid over them, so that a million points open as quickly as a thousand.

Level 0 holds the points, level n a bucket for every 8 entries of the level below: first and last step, lowest and
highest value with their steps, mean. Each level is cut into chunks of 1,024 entries. A full chunk is closed and
folded into the level above; only the open chunk of each level is ever written again.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

CHUNK = 1024
FACTOR = 8
_STEPS, _VALUES = ("first", "last", "low_step", "high_step"), ("low", "high", "mean")
BUCKET = np.dtype([*((name, "<i8") for name in _STEPS), *((name, "<f8") for name in _VALUES)])
Buckets = NDArray[np.void]


def of_points(steps: list[int], values: list[float]) -> Buckets:
    """Points as buckets of one."""
    buckets = np.empty(len(steps), BUCKET)
    for name in _STEPS:
        buckets[name] = steps
    for name in _VALUES:
        buckets[name] = values
    return buckets


def encode(level: int, buckets: Buckets) -> bytes:
    """Compact bytes, column by column; steps as differences."""
    columns = ("first", "mean") if level == 0 else BUCKET.names or ()
    parts = []
    for name in columns:
        column = buckets[name]
        parts.append((np.diff(column, prepend=0) if column.dtype.kind == "i" else column).tobytes())
    return zlib.compress(b"".join(parts), 1)


def decode(level: int, blob: bytes) -> Buckets:
    """The other way round."""
    columns = ("first", "mean") if level == 0 else BUCKET.names or ()
    raw = zlib.decompress(blob)
    size = len(raw) // 8 // len(columns)
    found = {}
    for index, name in enumerate(columns):
        column = np.frombuffer(raw, BUCKET[name], size, index * size * 8)
        found[name] = np.cumsum(column) if column.dtype.kind == "i" else column
    buckets = np.empty(size, BUCKET)
    for name in BUCKET.names or ():
        plain = "first" if BUCKET[name].kind == "i" else "mean"
        buckets[name] = found.get(name, found[plain])
    return buckets


def fold(buckets: Buckets, weights: NDArray[np.float64], starts: NDArray[np.int64]) -> Buckets:
    """One bucket for each stretch that begins at ``starts``."""
    folded = np.empty(len(starts), BUCKET)
    ends = np.append(starts[1:], len(buckets))
    folded["first"], folded["last"] = buckets["first"][starts], buckets["last"][ends - 1]
    folded["low"] = np.minimum.reduceat(buckets["low"], starts)
    folded["high"] = np.maximum.reduceat(buckets["high"], starts)
    folded["mean"] = np.add.reduceat(buckets["mean"] * weights, starts) / np.add.reduceat(weights, starts)
    stretch = np.repeat(np.arange(len(starts)), ends - starts)
    for side in ("low", "high"):
        hits = np.flatnonzero(buckets[side] == folded[side][stretch])
        _, first = np.unique(stretch[hits], return_index=True)
        folded[f"{side}_step"] = buckets[f"{side}_step"][hits[first]]
    return folded


def reduce_to(buckets: Buckets, weights: NDArray[np.float64], points: int) -> Buckets:
    """At most ``points`` buckets, about equally many measured points in each."""
    if len(buckets) <= points:
        return buckets
    place = (np.cumsum(weights) - weights) * points / weights.sum()
    _, starts = np.unique(place.astype(np.int64), return_index=True)
    return fold(buckets, weights, starts.astype(np.int64))


@dataclass(slots=True)
class Open:
    """The open chunk of one level."""

    chunk: int = 0
    buckets: Buckets = field(default_factory=lambda: np.empty(0, BUCKET))
    dirty: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One chunk to be written."""

    level: int
    chunk: int
    buckets: Buckets


class Tail:
    """The open ends of one curve: takes new points, says which chunks to write."""

    def __init__(self, levels: list[Open] | None = None) -> None:
        self.levels = levels or [Open()]
        self._closed: list[Row] = []

    @property
    def last(self) -> int | None:
        """The step of the newest point."""
        newest = self.levels[0].buckets
        return int(newest["last"][-1]) if len(newest) else None

    def add(self, steps: list[int], values: list[float]) -> None:
        """Append points; the newest known one may come again and is then replaced."""
        if not steps:
            return
        ground = self.levels[0]
        if self.last is not None and steps[0] <= self.last:
            ground.buckets = ground.buckets[ground.buckets["last"] < steps[0]]
        self._append(0, of_points(steps, values))

    def _append(self, level: int, buckets: Buckets) -> None:
        if level == len(self.levels):
            self.levels.append(Open())
        open_ = self.levels[level]
        open_.buckets, open_.dirty = np.concatenate([open_.buckets, buckets]), True
        # A full chunk closes when the next entry comes, so that the newest point is always in an open one.
        while len(open_.buckets) > CHUNK:
            full, open_.buckets = open_.buckets[:CHUNK], open_.buckets[CHUNK:]
            self._closed.append(Row(level, open_.chunk, full))
            open_.chunk += 1
            self._append(level + 1, fold(full, np.ones(CHUNK), np.arange(0, CHUNK, FACTOR)))

    def take_rows(self) -> Iterator[Row]:
        """Every chunk that changed since the last call."""
        closed, self._closed = self._closed, []
        yield from closed
        for level, open_ in enumerate(self.levels):
            if open_.dirty:
                open_.dirty = False
                yield Row(level, open_.chunk, open_.buckets)


def kept_above(entries: int) -> int:
    """How many entries the next level has when this one has ``entries``."""
    return (entries - 1) // CHUNK * (CHUNK // FACTOR) if entries else 0
