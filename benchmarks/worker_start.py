"""How long from asking for a warm worker to its first training step, against a spawned Python that imports torch."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time

from torchglass.engine.local import LocalEngine
from torchglass.presets import load_preset
from torchglass.protocol import worker as wire

ROUNDS = 5


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


async def measure() -> None:
    engine = LocalEngine()
    await engine.warm_up()
    experiment = load_preset("mnist-cnn").model_dump(mode="json")
    await first_step(engine, experiment)
    warm = statistics.median([await first_step(engine, experiment) for _ in range(ROUNDS)])
    await engine.close()
    cold = await asyncio.to_thread(cold_import)
    print(f"warm worker to first step {warm * 1e3:.0f} ms (bar 150 ms); import torch alone {cold * 1e3:.0f} ms;")
    print(f"ratio warm worker : cold import = 1 : {cold / warm:.1f}")


if __name__ == "__main__":
    asyncio.run(measure())
