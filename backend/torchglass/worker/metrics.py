"""Gathers training metrics and sends them a few times a second, as means over short stretches of steps."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from torchglass.protocol.run import Series
from torchglass.protocol.worker import Metrics
from torchglass.training.trainer import Chunk

FLUSH_EVERY = 0.05  # seconds
POINTS_PER_FLUSH = 8


class MetricsOut:
    """``add`` chunks, ``flush`` when due. Values that are not finite are left out: the state says so in words."""

    def __init__(self, send: Callable[[Metrics], None]) -> None:
        self._send = send
        self._chunks: list[Chunk] = []
        self._flushed = 0.0
        self.latest: dict[str, float] = {}

    def add(self, chunk: Chunk) -> None:
        if len(chunk.steps):
            self._chunks.append(chunk)

    def flush(self, now: bool = False) -> None:
        clock = time.perf_counter()
        if not self._chunks or (not now and clock - self._flushed < FLUSH_EVERY):
            return
        self._flushed = clock
        steps = np.concatenate([chunk.steps for chunk in self._chunks])
        series = {}
        for name in self._chunks[-1].metrics:
            absent = [np.full(len(chunk.steps), np.nan) for chunk in self._chunks]
            values = np.concatenate([c.metrics.get(name, a) for c, a in zip(self._chunks, absent, strict=True)])
            series[f"train.{name}"] = _condensed(steps, values)
        self._chunks.clear()
        self.send(series)

    def hurry(self) -> None:
        """What is pending leaves now, and the next points as soon as there are some."""
        self.flush(now=True)
        self._flushed = 0.0

    def send(self, series: dict[str, Series]) -> None:
        series = {name: points for name, points in series.items() if points.steps}
        self.latest.update({name: points.values[-1] for name, points in series.items()})
        if series:
            self._send(Metrics(series=series))

    def clear(self) -> None:
        self._chunks.clear()
        self.latest.clear()


def _condensed(steps: np.ndarray, values: np.ndarray) -> Series:
    """At most POINTS_PER_FLUSH points: means over equal stretches, each at its last step."""
    finite = np.isfinite(values)
    steps, values = steps[finite], values[finite]
    pieces = min(POINTS_PER_FLUSH, len(steps))
    if not pieces:
        return Series(steps=[], values=[])
    cut = zip(np.array_split(steps, pieces), np.array_split(values, pieces), strict=True)
    points = [(int(s[-1]), float(f"{v.mean():.7g}")) for s, v in cut]
    return Series(steps=[step for step, _ in points], values=[value for _, value in points])
