"""How long from asking for a warm worker to its first training step, against a spawned Python that imports torch."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time

from figures import Row, row, written
from torchglass.engine.local import LocalEngine
from torchglass.presets import load_preset
from torchglass.protocol import worker as wire

ROUNDS = 3


async def first_step(engine: LocalEngine, experiment: dict[str, object]) -> float:
    """Seconds from ``start`` to the worker's word that it has done one step."""
    began = time.perf_counter()
    worker = await engine.start()
    worker.send(wire.Start(run="bench", experiment=experiment, directory=None))
    worker.send(wire.Advance(n=1, unit="step"))
    async for header, _ in worker.messages():
        if header["type"] == "metrics" and "train.loss" in header["series"]:
            break
    took = time.perf_counter() - began
    worker.kill()
    return took


def cold_import() -> float:
    """Seconds that a fresh Python takes to import torch."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import torch, torch._dynamo"], check=True)
    return time.perf_counter() - began


async def measure() -> list[Row]:
    engine = LocalEngine()
    await engine.warm_up()
    experiment = load_preset("mnist-cnn").model_dump(mode="json")
    await first_step(engine, experiment)
    warm, cold = [], []
    for _ in range(ROUNDS):
        warm.append(1e3 * await first_step(engine, experiment))
        cold.append(1e3 * await asyncio.to_thread(cold_import))
    await engine.close()
    what = "a warm worker, from being asked for to its first step"
    return [
        row(what, warm, "ms", bar="<= 150", quoted=True),
        row(what, cold, "ms", who="a Python that only imports torch", ours=warm),
    ]


if __name__ == "__main__":
    sys.exit(written("worker_start", asyncio.run(measure())))
