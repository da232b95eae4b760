"""Is what is remembered bounded? The memory of server and worker against time, while a run streams to a client.

The run is of the compiled step, so that many steps pass, and is watched as by the page; every half minute
its learning rate is changed, so that marks and kept steps gather too. After a warm-up (every bounded history must be
full) a straight line is fitted; its slope is the row. Ten minutes are what it takes to tell a slope from noise.

Usage: python benchmarks/soak.py [--minutes 10] [--speed 20000] [--preset circle-mlp]   (Linux only)
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
import psutil

from figures import Row, row, written
from latency import Live, RealServer, joined, rate

MB = 2**20
#: MB that the fitted line may rise behind the warm-up: curves that fill and are thinned out again move by about one.
FLAT = "<= 2"
#: Share of the time in which histories may still fill.
WARM_UP = 0.4
EVERY, CHANGE_EVERY = 2.0, 30.0


@dataclass(slots=True)
class Samples:
    """Minutes since the start, and megabytes: of the server (resident) and of the worker (private)."""

    minutes: list[float] = field(default_factory=list)
    server: list[float] = field(default_factory=list)
    worker: list[float] = field(default_factory=list)

    def take(self, server: psutil.Process, worker: psutil.Process, began: float) -> None:
        self.minutes.append((time.monotonic() - began) / 60)
        self.server.append(server.memory_info().rss / MB)
        self.worker.append(worker.memory_full_info().uss / MB)

    def slope(self, values: list[float]) -> float:
        """MB an hour, fitted by least squares behind the warm-up."""
        first = int(WARM_UP * len(values))
        return float(np.polyfit(self.minutes[first:], values[first:], 1)[0]) * 60


async def watched(live: Live, minutes: float, samples: Samples, server: int, worker: int) -> None:
    """Look on, change the learning rate now and then, take a sample every two seconds."""
    both = psutil.Process(server), psutil.Process(worker)
    began = last = told = time.monotonic()
    turn = 0
    while (now := time.monotonic()) - began < 60 * minutes:
        if now - last >= EVERY:
            last = now
            samples.take(*both, began)
            if len(samples.minutes) % 15 == 0:
                print(f"{samples.minutes[-1]:5.1f} min  server {samples.server[-1]:6.1f} MB  ", end="")
                print(f"worker {samples.worker[-1]:6.1f} MB", flush=True)
        if now - told >= CHANGE_EVERY:
            told, turn = now, turn + 1
            await live.tell(**rate(live, turn), revision=live.revision)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(EVERY):
                await live.next()


async def soak(server: RealServer, preset: str, minutes: float, speed: float) -> list[Row]:
    samples = Samples()
    async with httpx.AsyncClient(base_url=server.origin, headers=dict(server.client().headers), timeout=60) as client:
        run = (await client.post("/api/runs", json={"preset": preset})).json()
        live = await joined(server, run)
        await live.tell("speed", steps_per_second=speed)
        await live.tell("run")
        await live.until(lambda event: event["type"] == "frame" and event["step"] > 0)
        pid = (await client.get(f"/api/runs/{run['id']}")).json()["worker_pid"]
        await watched(live, minutes, samples, server.process.pid, pid)
        told = (await client.get(f"/api/runs/{run['id']}")).json()
        await live.socket.close()
    assert told["state"] == "running", told
    print(f"{told['step']:,} steps ({told['stepper']})")
    rows = []
    for who, values in (("server", samples.server), ("worker", samples.worker)):
        slope = samples.slope(values)
        behind = (1 - WARM_UP) * minutes
        rows.append(row(f"{who}: slope behind the first {WARM_UP * minutes:g} of {minutes:g} minutes", slope, "MB/h"))
        rows.append(row(f"{who}: risen meanwhile", slope * behind / 60, "MB", bar=FLAT))
        rows.append(row(f"{who}, memory meanwhile", values, "MB"))
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--speed", type=float, default=20_000.0, help="steps a second at most")
    parser.add_argument("--preset", default="circle-mlp")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = RealServer(Path(folder))
        try:
            rows = asyncio.run(soak(server, options.preset, options.minutes, options.speed))
        finally:
            server.stop()
    return written("soak", rows, minutes=options.minutes)


if __name__ == "__main__":
    sys.exit(main())
