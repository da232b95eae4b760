"""What a server and its workers hold: resident while nothing happens, and privately while they train.

A server as a process of its own; a client watches each run as the page does. Workers share what the forkserver has
imported, so a further one costs what is private to it (``Private_Clean`` + ``Private_Dirty`` of the kernel); of each
kind a second one is measured while the first trains, since the first also counts the data that both map. (Linux only)

Usage: python benchmarks/memory.py [--seconds 8]
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx
import psutil
from playwright.async_api import async_playwright

from figures import Row, row, written
from latency import MORE, QUIET, Live, RealServer, joined, one_page

SERVER, EAGER, NATIVE = "<= 120", "<= 80", "<= 180"
#: Preset, the stepper that it is to run on, the bar.
WORKERS = (("lenet", "eager", EAGER), ("circle-mlp", "native", NATIVE), ("mnist-cnn", "native", NATIVE))
MB = 2**20


async def page_loaded(server: RealServer) -> None:
    """A browser opens the page once."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*QUIET, *MORE])
        await one_page(server, browser)
        await browser.close()


async def training(server: RealServer, client: httpx.AsyncClient, preset: str) -> tuple[dict[str, Any], Live]:
    run = (await client.post("/api/runs", json={"preset": preset, "start": True})).json()
    live = await joined(server, run)
    await live.until(lambda event: event["type"] == "frame" and event["step"] > 0)
    return (await client.get(f"/api/runs/{run['id']}")).json(), live


async def read(live: Live, seconds: float) -> None:
    """Look on, as a page does."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                await live.next()
    except TimeoutError:
        pass


async def workers(server: RealServer, seconds: float) -> list[Row]:
    """Each kind: the second of two that train and are watched."""
    rows = []
    async with httpx.AsyncClient(base_url=server.origin, headers=dict(server.client().headers), timeout=60) as client:
        for preset, stepper, bar in WORKERS:
            both = [await training(server, client, preset) for _ in range(2)]
            told = both[1][0]
            assert told["stepper"] == stepper, f"{preset} runs on {told['stepper']}"
            await asyncio.gather(*(read(live, seconds) for _, live in both))
            private = psutil.Process(told["worker_pid"]).memory_full_info().uss / MB
            rows.append(row(f"a further worker, private, {stepper} ({preset})", private, "MB", bar=bar, quoted=True))
            for run, live in both:
                await live.socket.close()
                await client.delete(f"/api/runs/{run['id']}?force=true")
    return rows


async def measure(server: RealServer, seconds: float) -> list[Row]:
    process = psutil.Process(server.process.pid)
    fresh = process.memory_info().rss / MB
    await page_loaded(server)
    await asyncio.sleep(1)
    rows = [
        row("server, just started", fresh, "MB"),
        row("server at rest, page loaded once", process.memory_info().rss / MB, "MB", bar=SERVER, quoted=True),
    ]
    rows += await workers(server, seconds)
    rows.append(row("server afterwards", process.memory_info().rss / MB, "MB"))
    forkserver = max(process.children(), key=lambda child: child.memory_info().rss)
    rows.append(row("forkserver, shared by all workers", forkserver.memory_info().rss / MB, "MB"))
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=8.0, help="of training before a worker is measured")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = RealServer(Path(folder))
        try:
            rows = asyncio.run(measure(server, options.seconds))
        finally:
            server.stop()
    return written("memory", rows)


if __name__ == "__main__":
    sys.exit(main())
