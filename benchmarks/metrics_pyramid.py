"""A run of a million steps: how long listing, opening and zooming take, beside reading every point.

.venv/bin/python benchmarks/metrics_pyramid.py
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np

from figures import Row, row, written
from torchglass.ids import RunId
from torchglass.presets import presets
from torchglass.protocol.run import RunState
from torchglass.store.records import RunRecord
from torchglass.store.repository import DatabaseRepository

STEPS = 1_000_000
SERIES = ("train.loss", "train.accuracy", "test.loss", "test.accuracy")
POINTS = 2000
#: Milliseconds.
BOUND = 200


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


async def timed(action: Callable[[], Awaitable[object]], times: int = 9) -> list[float]:
    """Milliseconds of each time."""
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        await action()
        took.append(1e3 * (time.perf_counter() - begun))
    return took


async def measure(folder: Path) -> list[Row]:
    repository = await DatabaseRepository.open(folder, lambda reason: None)
    begun = time.perf_counter()
    run = await fill(repository)
    rows = [row(f"{len(SERIES)} curves of {STEPS:,} points: writing", time.perf_counter() - begun, "s")]
    actions: dict[str, Callable[[], Awaitable[object]]] = {
        "list, 101 runs": repository.find,
        f"a run of {STEPS:,} steps, opening": lambda: repository.curves(run, POINTS),
        f"a run of {STEPS:,} steps, zoom to a tenth": lambda: repository.curves(run, POINTS, 400_000, 500_000),
        f"a run of {STEPS:,} steps, zoom to 500 steps": lambda: repository.curves(run, POINTS, 700_000, 700_500),
    }
    for name, action in actions.items():
        rows.append(row(name, await timed(action), "ms", bar=f"<= {BOUND}"))
    whole = await timed(lambda: repository.curves(run, STEPS), times=1)
    rows.append(row(f"a run of {STEPS:,} steps, every point", whole, "ms"))
    await repository.close()
    return rows


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        sys.exit(written("metrics_pyramid", asyncio.run(measure(Path(place)))))
