"""How fast a run is from end to end: a real server, its worker, and one browser's websocket that receives at 20 Hz all
that the opening screen shows, beside the loop that students write by hand, in turns with it.

Asked is the time of the clock for one update, tests, curves, kept steps and pictures included; and how long after ▶ a
window of a quarter of a second is that fast for the first time.
Usage: python benchmarks/run_speed.py [--rounds 5] [--seconds 1.5] [WORK ...]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import torch
from websockets.asyncio.client import ClientConnection, connect

from figures import ROOT, Row, row, written
from peers import BATCH, WORKS, by_hand, document, timed
from torchglass.protocol.frames import unpack_frame
from torchglass.spec.experiment import Experiment

sys.path.insert(0, str(ROOT / "tests" / "fakes"))
from real_server import RealServer

RATE = 20
#: Microseconds for one update, where the clock is asked; else how many times the loop by hand.
BARS = {"2-8-8-1": "<= 10", "7-8-8-8-8-8-8-1": "<= 30", "small CNN": "ratio >= 1.5"}
#: Seconds after ▶ until it is that fast, and how long it must be.
SOON, WINDOW = 2.0, 0.25
#: Stands for a run that was not that fast while it was looked at.
NEVER = 99.0


def opening(experiment: Experiment) -> list[dict[str, Any]]:
    """What the page watches of such an experiment when it has just been opened."""
    nodes = experiment.network.nodes
    points: list[dict[str, Any]] = [
        {"probe": "points", "options": {"split": s, "limit": 1000}} for s in ("test", "train")
    ]
    if experiment.data.kind != "mnist":
        shown = [node.id for node in nodes if node.kind in ("tanh", "linear")]
        wanted: list[dict[str, Any]] = [{"probe": "plane", "options": {"size": 40}, "rate": RATE}]
        wanted += [{"probe": "neurons", "options": {"nodes": shown, "size": 40, "every": 2}, "rate": RATE}]
        wanted += [{"probe": "wiring", "rate": RATE}, *points]
        return wanted
    wanted = [{"probe": probe, "source": "test:0", "rate": RATE} for probe in ("example", "predictions")]
    for node in nodes[1:]:
        wanted += [{"probe": "activations", "node": node.id, "tap": "out", "source": "test:0", "rate": RATE}]
    for node in nodes:
        if node.kind in ("conv2d", "linear"):
            wanted += [{"probe": "filters", "node": node.id, "tap": "weight", "options": {"limit": 64}, "rate": RATE}]
    wanted += [{"probe": "samples", "options": {"split": "test", "start": 0, "count": 24}, "rate": 2}]
    return wanted


@dataclass
class Browser:
    """One page on the run: notes when which step arrived, counts pictures, throws them away."""

    socket: ClientConnection
    #: (the clock, step)
    steps: list[tuple[float, int]] = field(default_factory=list)
    pictures: Counter[int] = field(default_factory=Counter)
    state: str = ""
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def read(self) -> None:
        async for message in self.socket:
            async with self.news:
                if isinstance(message, bytes):
                    self.pictures[unpack_frame(message)[0].watch] += 1
                else:
                    self._take(json.loads(message))
                self.news.notify_all()

    def _take(self, event: dict[str, Any]) -> None:
        assert event["type"] not in ("problem", "watch_problem"), event
        found = event.get("series", {}).get("train.loss", {}).get("steps")
        if found and event["type"] == "metrics":
            self.steps.append((time.perf_counter(), found[-1]))
        self.state = event.get("run", event).get("state") or self.state

    async def tell(self, kind: str, **fields: Any) -> None:
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def until(self, state: str) -> None:
        async with asyncio.timeout(60), self.news:
            await self.news.wait_for(lambda: self.state == state)

    async def seen(self, number: int) -> None:
        """So many messages about steps have come from now on."""
        first = len(self.steps)
        async with asyncio.timeout(60), self.news:
            await self.news.wait_for(lambda: len(self.steps) >= first + number)


@asynccontextmanager
async def watched(server: RealServer, experiment: Experiment) -> AsyncIterator[Browser]:
    """A run of it at rest, watched by one browser."""
    headers = {"authorization": f"Bearer {server.token}"}
    wanted = opening(experiment)
    async with httpx.AsyncClient(base_url=server.origin, headers=headers, timeout=60) as http:
        made = await http.post("/api/runs", json={"experiment": experiment.model_dump(mode="json")})
        assert made.status_code == 201, made.text
        path = f"/api/runs/{made.json()['id']}"
        url = server.origin.replace("http", "ws") + path + "/live"
        async with connect(url, additional_headers=headers, max_size=None, compression=None) as socket:
            browser = Browser(socket)
            reading = asyncio.create_task(browser.read())
            for number, watch in enumerate(wanted):
                await browser.tell("watch", watch=number, **watch)
            async with asyncio.timeout(60), browser.news:
                await browser.news.wait_for(lambda: len(browser.pictures) == len(wanted))
            yield browser
            reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reading
        await http.delete(path)


def fast_after(browser: Browser, begin: float, bar: float) -> float:
    """Seconds from ``begin`` to the end of the first window that needed at most ``bar`` microseconds for an update."""
    for at, step in browser.steps:
        earlier = [(then, before) for then, before in browser.steps if begin <= then <= at - WINDOW]
        if earlier and (at - earlier[-1][0]) * 1e6 <= bar * (step - earlier[-1][1]):
            return at - begin
    return NEVER


async def turn(browser: Browser, seconds: float) -> tuple[float, float, float]:
    """▶, a while, pause: (microseconds per update, pictures a second of the quick ones, when ▶ was pressed)."""
    begin = time.perf_counter()
    await browser.tell("run")
    await browser.seen(3)
    first, pictures = browser.steps[-1], browser.pictures[0]
    await asyncio.sleep(seconds)
    await browser.seen(1)
    last = browser.steps[-1]
    rate = (browser.pictures[0] - pictures) / (last[0] - first[0])
    await browser.tell("pause")
    await browser.until("paused")
    return (last[0] - first[0]) / (last[1] - first[1]) * 1e6, rate, begin


async def measured(server: RealServer, work: str, rounds: int, seconds: float) -> list[Row]:
    hand = timed(by_hand(work))
    steps = max(1, int(0.5e6 * seconds / hand(20)))
    bar, ours, theirs, rates = BARS[work], [], [], []
    async with watched(server, document(work)) as browser:
        for number in range(rounds):
            update, rate, begin = await turn(browser, seconds if number else max(seconds, SOON))
            if number == 0 and bar.startswith("<="):
                soon = fast_after(browser, begin, float(bar.split()[1]))
            ours.append(update)
            rates.append(rate)
            theirs.append(await asyncio.to_thread(hand, steps))
    what = f"{work}, batch {BATCH[work]}: a run with pictures at {RATE} Hz, one update"
    rows = [
        row(what, ours, "µs", bar=bar if bar.startswith("<=") else None, quoted=True),
        row(what, theirs, "µs", who="PyTorch by hand", ours=ours, bar=bar if bar.startswith("ratio") else None),
        row(f"{work}: pictures of each kind that came", rates, "/s"),
    ]
    if bar.startswith("<="):
        rows.append(row(f"{work}: fast after ▶", soon, "s", bar=f"<= {SOON:g}", quoted=True))
    return rows


async def every(server: RealServer, works: list[str], rounds: int, seconds: float) -> list[Row]:
    # The first run of all loads what the others find loaded.
    async with watched(server, document("2-8-8-1")) as browser:
        await turn(browser, 0.2)
    return [one for work in works for one in await measured(server, work, rounds, seconds)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("works", nargs="*", default=list(WORKS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="of one turn")
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        server = RealServer(Path(folder))
        try:
            rows = asyncio.run(every(server, options.works, options.rounds, options.seconds))
        finally:
            server.stop()
    return written("run_speed", rows)


if __name__ == "__main__":
    sys.exit(main())
