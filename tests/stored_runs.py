"""Runs as a server finds them when it starts: written straight into the store, however long they trained."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from torchglass.ids import RunId
from torchglass.presets import presets
from torchglass.protocol.run import RunState
from torchglass.store.migrate import FILE, migrate
from torchglass.store.records import RunRecord
from torchglass.store.repository import DatabaseRepository

#: The step at which the curve of every long run has its one high peak, and how high it is.
PEAK_STEP, PEAK = 700_123, 4.5


@dataclass(frozen=True, slots=True)
class Stored:
    """One run: its id, its name, how long it trained; a checkpoint of so many bytes lies beside it."""

    id: str
    name: str = "Small CNN on MNIST"
    steps: int = 0
    preset: str = "mnist-cnn"
    checkpoint: int = 0
    #: Its network has no connections: no worker can build it, so its curve stays as it is while a page is open.
    #: Any other run without a real checkpoint starts over when its worker wakes.
    broken: bool = False


def stepwise(folder: Path, version: int) -> Path:
    """A database as an older program left it: migrated from nothing to one version."""
    path = folder / FILE
    engine = create_engine(f"sqlite:///{path}", isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        migrate(connection, version)
        connection.exec_driver_sql(f"PRAGMA user_version={version}")
    engine.dispose()
    return path


def losses(steps: int, seed: int = 0) -> np.ndarray:
    """(steps,) A falling, noisy loss, with one peak where the run is long enough."""
    noise = np.random.default_rng(seed).normal(scale=0.08, size=steps)
    values = 0.4 + 2.0 * np.exp(-np.arange(1, steps + 1) / max(1.0, steps / 6)) + noise
    if steps >= PEAK_STEP:
        values[PEAK_STEP - 1] = PEAK
    return values


def store(folder: Path, runs: Sequence[Stored]) -> None:
    """Write them, the last one newest. No server may have the folder open."""
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(1) as pool:  # a thread of its own: the caller may be inside an event loop
        pool.submit(lambda: asyncio.run(_store(folder, runs))).result()


async def _store(folder: Path, runs: Sequence[Stored]) -> None:
    repository = await DatabaseRepository.open(folder, lambda reason: None)
    for number, run in enumerate(runs):
        experiment = presets()[run.preset].experiment.model_dump(mode="json") | {"name": run.name}
        if run.broken:
            experiment["network"]["edges"] = []
        stamp = f"2026-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}+00:00"
        values = losses(run.steps, number)
        last = {"train.loss": float(values[-1])} if run.steps else {}
        repository.save(
            RunRecord(
                RunId(run.id), run.name, RunState.PARKED, run.steps, 0.0, experiment, 0, stamp, stamp, metrics=last
            )
        )
        for begin in range(0, run.steps, 100_000):
            part = values[begin : begin + 100_000].tolist()
            points = {"train.loss": (list(range(begin + 1, begin + 1 + len(part))), part)}
            if begin + len(part) >= 1000:
                every = slice(999, None, 1000)
                points["test.loss"] = (points["train.loss"][0][every], part[every])
            repository.add_points(RunId(run.id), points)
            await repository.committed()
        if run.checkpoint:
            kept = folder / "runs" / run.id
            kept.mkdir(parents=True)
            (kept / f"checkpoint-{run.steps}.safetensors").write_bytes(bytes(run.checkpoint))
    await repository.close()
