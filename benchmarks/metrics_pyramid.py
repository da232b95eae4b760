"""A run of a million steps: how long listing, opening and zooming take, beside reading every point.

.venv/bin/python benchmarks/metrics_pyramid.py
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np

from torchglass.ids import RunId
from torchglass.presets import presets
from torchglass.protocol.run import RunState
from torchglass.store.records import RunRecord
from torchglass.store.repository import DatabaseRepository

STEPS = 1_000_000
SERIES = ("train.loss", "train.accuracy", "test.loss", "test.accuracy")
POINTS = 2000
BOUND = 0.2


async def fill(repository: DatabaseRepository) -> RunId:
    """One long run among a hundred others."""
    experiment = presets()["mnist-cnn"].experiment.model_dump(mode="json")
    for number in range(101):
        stamp = f"2026-01-01T00:{number // 60:02}:{number % 60:02}+00:00"
        repository.save(
            RunRecord(RunId(f"r{number}"), f"Run {number}", RunState.PARKED, STEPS, 1.0, experiment, 0, stamp, stamp)
        )
    values = np.random.default_rng(0).normal(size=STEPS).tolist()
    for begin in range(0, STEPS, 100_000):
        steps = list(range(begin + 1, begin + 100_001))
        part = values[begin : begin + 100_000]
        repository.add_points(RunId("r100"), {name: (list(steps), list(part)) for name in SERIES})
        await repository.committed()
    return RunId("r100")


async def timed(action: Callable[[], Awaitable[object]], times: int = 9) -> float:
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        await action()
        took.append(time.perf_counter() - begun)
    return statistics.median(took)


async def measure(folder: Path) -> None:
    repository = await DatabaseRepository.open(folder, lambda reason: None)
    begun = time.perf_counter()
    run = await fill(repository)
    print(f"written: {len(SERIES)} curves of {STEPS:,} points in {time.perf_counter() - begun:.1f} s")
    whole = await timed(lambda: repository.curves(run, STEPS), times=1)
    actions: dict[str, Callable[[], Awaitable[object]]] = {
        "list": repository.find,
        "open": lambda: repository.curves(run, POINTS),
        "zoom to a tenth": lambda: repository.curves(run, POINTS, 400_000, 500_000),
        "zoom to 500 steps": lambda: repository.curves(run, POINTS, 700_000, 700_500),
    }
    for name, action in actions.items():
        took = await timed(action)
        ratio = f", {whole / took:.0f} times as fast as every point" if name != "list" else " for 101 runs"
        print(f"{name}: {took * 1e3:.1f} ms{ratio}")
        assert took <= BOUND, f"{name} took {took:.3f} s; the bound is {BOUND} s"
    print(f"every point: {whole * 1e3:.0f} ms")
    await repository.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        asyncio.run(measure(Path(place)))
