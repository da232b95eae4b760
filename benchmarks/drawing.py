"""How soon the maps follow a stroke while the network trains: from sending a drawing to having the picture of its maps.

Starts a server and a run of the mnist-cnn preset, watches the maps of its first layer for one's own drawing, and sends
a longer stroke again and again, as the pad does. The bar: 50 ms, or one step of the training where that is longer.
Usage: python benchmarks/drawing.py [--strokes 40]
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

from figures import Row, row, spread, written

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.fakes.live_client import LiveClient

SIDE, BAR = 28, 50.0
#: Milliseconds between two positions of the pen that are sent.
PAUSE = 120


def stroke(length: int) -> str:
    """A line from the upper left that grows, as the wire carries it."""
    pixels = bytearray(SIDE * SIDE)
    for i in range(4, 4 + length % 20):
        pixels[i * SIDE + i] = pixels[i * SIDE + i + 1] = 255
    return base64.b64encode(bytes(pixels)).decode()


async def follow(client: LiveClient, strokes: int) -> list[float]:
    """Milliseconds from each stroke to the next picture of its maps."""
    taken = []
    for number in range(strokes):
        seen, begin = len(client.frames), time.perf_counter()
        await client.ask("input", pixels=stroke(number), shape=[SIDE, SIDE, 1])
        await client.until(lambda c, seen=seen: len(c.frames) > seen)
        taken.append((time.perf_counter() - begin) * 1000)
        await asyncio.sleep(PAUSE / 1000)
    return taken


async def measure(url: str, strokes: int) -> list[Row]:
    """Of a run that stands still, and of one that trains."""
    parts = urlsplit(url)
    token = parse_qs(parts.query)["token"][0]
    async with httpx.AsyncClient(
        base_url=f"http://{parts.netloc}", headers={"authorization": f"Bearer {token}"}
    ) as http:
        run = (await http.post("/api/runs", json={"preset": "mnist-cnn"})).json()["id"]
        async with LiveClient.connect(parts.netloc, token, run) as client:
            await client.event("state", state="paused")
            await client.ask("watch", watch=1, probe="activations", node="conv1", tap="out", source="mine", rate=30)
            still = await follow(client, strokes)
            await client.ask("run")
            await client.until(lambda c: len(c.steps) > 20)
            begin, first = time.perf_counter(), client.steps[-1]
            taken = await follow(client, strokes)
            step = 1000 * (time.perf_counter() - begin) / max(1, client.steps[-1] - first)
            await client.ask("pause")
    what, bar = "a stroke of the pen to the maps that it makes", f"<= {max(BAR, step):.0f}"
    return [
        row(f"{what}, paused", still, "ms"),
        row(f"{what}, while mnist-cnn trains", taken, "ms"),
        row(f"{what}, while mnist-cnn trains, 95 of 100", spread(taken).p95, "ms", bar=bar, quoted=True),
        row("one step of the training meanwhile", step, "ms"),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strokes", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "torchglass", "serve", "--no-browser", "--port", "0", "--data-dir", folder]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            found = re.search(r"http://\S+", server.stdout.readline())
            assert found, "serve printed no address"
            return written("drawing", asyncio.run(measure(found.group(), options.strokes)))
        finally:
            server.terminate()
            server.wait(20)


if __name__ == "__main__":
    raise SystemExit(main())
