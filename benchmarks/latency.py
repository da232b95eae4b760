"""How long people wait: for the server, the page, the first picture, a second run, and what a change does.

A server as a process of its own, asked over http, its live websocket and by headless Chromium. Every try is a row's
measurement; the bar is held by the 95th percentile. What a start costs is told in processor time as well, which other
programs on the machine do not change.

Usage: python benchmarks/latency.py [--tries 30] [--starts 5] [--pages 7] [ROW ...]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psutil
from playwright.async_api import Browser, async_playwright
from websockets.asyncio.client import ClientConnection, connect

from figures import Row, row, written

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "fakes"))
from real_server import RealServer, reaches

from torchglass.protocol.frames import unpack_frame

#: Milliseconds, of the issue that asked for them.
PICTURE, CHANGE, PAGE, START, SECOND = "<= 300", "<= 50", "<= 1000", "<= 2000", "<= 150"
#: Dense layers on the compiled step, and convolutions on PyTorch.
ROWS = ("start", "page", "picture", "change", "second")
PRESETS = ("circle-mlp", "mnist-cnn")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
MORE = ("--disable-component-update", "--disable-sync")
#: The opening screen can be used: its layers stand there with pictures, and ▶ can be pressed.
USABLE = """() => {
  const run = document.querySelector('.play button');
  const cards = document.querySelectorAll('.canvas.ready [data-card]').length;
  return cards > 3 && document.querySelector('canvas') && run && !run.disabled && performance.now();
}"""


@dataclass(slots=True)
class Live:
    """One connection to a run, read by whoever asks, so that what comes is noticed when it comes."""

    socket: ClientConnection
    experiment: dict[str, Any]
    asked: int = 0
    revision: int = 0

    async def next(self) -> dict[str, Any]:
        """The next message: an event, or ``{"type": "frame", "watch", "step"}``."""
        message = await self.socket.recv()
        if isinstance(message, bytes):
            header, _ = unpack_frame(message)
            return {"type": "frame", "watch": header.watch, "step": header.step}
        event: dict[str, Any] = json.loads(message)
        if event["type"] == "hello":
            self.revision = event["run"]["revision"]
        elif event["type"] == "experiment":
            self.revision, self.experiment = event["revision"], event["experiment"]
        return event

    async def until(self, wanted: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """The first message that is wanted; a minute at most."""
        async with asyncio.timeout(60):
            while not wanted(message := await self.next()):
                pass
            return message

    async def tell(self, kind: str, **fields: Any) -> int:
        """Send a command; its number."""
        self.asked += 1
        await self.socket.send(json.dumps({"type": kind, "id": self.asked, **fields}))
        return self.asked


def page_watches(experiment: dict[str, Any]) -> list[dict[str, Any]]:
    """What the page looks at when such a run opens."""
    if experiment["data"]["kind"] != "mnist":
        return [{"probe": "neurons", "rate": 30}, {"probe": "wiring", "rate": 15}]
    found: list[dict[str, Any]] = [{"probe": "example"}, {"probe": "predictions"}]
    for node in experiment["network"]["nodes"]:
        if node["kind"] != "input":
            found.append({"probe": "activations", "node": node["id"], "tap": "out"})
        if node["kind"] in ("conv2d", "linear"):
            found.append({"probe": "filters", "node": node["id"], "tap": "weight"})
    return [{"rate": 20, **one} for one in found]


async def joined(server: RealServer, run: dict[str, Any]) -> Live:
    """Looks at a run as the page does."""
    url = f"ws://127.0.0.1:{server.port}/api/runs/{run['id']}/live"
    headers = {"authorization": f"Bearer {server.token}"}
    live = Live(await connect(url, additional_headers=headers, max_size=None, compression=None), run["experiment"])
    await live.until(lambda event: event["type"] == "hello")
    for number, watch in enumerate(page_watches(run["experiment"])):
        await live.tell("watch", watch=number, **watch)
    return live


# -- a run: ▶, changes, the second one ------------------------------------------------------------------------------


async def pictures(live: Live, tries: int) -> list[float]:
    """Milliseconds from ▶ at step 0 to the first picture of a network that has learned something."""
    taken = []
    for _ in range(tries):
        await live.tell("reset")
        await live.until(lambda event: event["type"] == "reset")
        await live.until(lambda event: event["type"] == "frame" and event["step"] == 0)
        began = time.perf_counter()
        await live.tell("run")
        await live.until(lambda event: event["type"] == "frame" and event["step"] > 0)
        taken.append(1000 * (time.perf_counter() - began))
        await paused(live)
    return taken


async def paused(live: Live) -> None:
    await live.tell("pause")
    await live.until(lambda event: event["type"] == "state" and event["state"] == "paused")


async def changes(live: Live, command: Callable[[Live, int], dict[str, Any]], tries: int) -> list[float]:
    """Milliseconds from a command while it trains to what it did: the first picture or point of the curve that is of
    a later step than the change's own mark."""
    await live.tell("run")
    await live.until(lambda event: event["type"] == "frame" and event["step"] > 0)
    taken = []
    for turn in range(tries):
        # Not in time with anything that repeats.
        end = time.perf_counter() + 0.15 + 0.01 * (turn % 7)
        while time.perf_counter() < end:
            await live.next()
        began = time.perf_counter()
        await live.tell(**command(live, turn), revision=live.revision)
        made = await live.until(lambda event: event["type"] in ("mark", "problem", "conflict"))
        assert made["type"] == "mark", made
        await live.until(partial(later, made["mark"]["step"]))
        taken.append(1000 * (time.perf_counter() - began))
    await paused(live)
    return taken


def later(step: int, event: dict[str, Any]) -> bool:
    """Whether this shows something of a step behind that one."""
    if event["type"] == "frame":
        return bool(event["step"] > step)
    return event["type"] == "metrics" and any(points["steps"][-1] > step for points in event["series"].values())


def rate(live: Live, turn: int) -> dict[str, Any]:
    """Another learning rate."""
    config = live.experiment["training"]["optimizers"]["model"]["config"]
    value = (0.9, 1.1)[turn % 2] * (config.get("lr") or 0.01)
    return {"kind": "set", "path": "training.optimizers.model.config.lr", "value": value}


def activation(live: Live, turn: int) -> dict[str, Any]:
    """Another activation behind the first layer that learns."""
    network = json.loads(json.dumps(live.experiment["network"]))
    node = next(node for node in network["nodes"] if node["kind"] in ("tanh", "relu"))
    node["kind"] = "relu" if node["kind"] == "tanh" else "tanh"
    return {"kind": "edit", "network": network}


async def second_runs(server: RealServer, client: httpx.AsyncClient, preset: str, tries: int) -> list[float]:
    """Milliseconds from asking for another run, which shall train at once, to its first step, told to who looks."""
    taken = []
    for _ in range(tries):
        began = time.perf_counter()
        run = (await client.post("/api/runs", json={"preset": preset, "start": True})).json()
        live = await joined(server, run)
        await live.until(partial(later, 0))
        taken.append(1000 * (time.perf_counter() - began))
        await live.socket.close()
        await client.delete(f"/api/runs/{run['id']}?force=true")
    return taken


async def runs(server: RealServer, only: set[str], tries: int) -> list[Row]:
    """What a person waits for in a run, for each preset."""
    rows = []
    async with httpx.AsyncClient(base_url=server.origin, headers=dict(server.client().headers), timeout=60) as client:
        for preset in PRESETS:
            run = (await client.post("/api/runs", json={"preset": preset})).json()
            live = await joined(server, run)
            if "picture" in only:
                rows.append(late(f"▶ to the first picture, {preset}", await pictures(live, tries), PICTURE))
            if "change" in only:
                for name, command in (("learning rate", rate), ("activation", activation)):
                    taken = await changes(live, command, tries)
                    rows.append(late(f"{name} changed to its effect, {preset}", taken, CHANGE))
            await live.socket.close()
            if "second" in only:
                taken = await second_runs(server, client, preset, max(5, tries // 2))
                rows.append(late(f"a second run to its first step, {preset}", taken, SECOND))
            await client.delete(f"/api/runs/{run['id']}?force=true")
    return rows


def late(what: str, taken: list[float], bar: str | None) -> Row:
    found = row(what, taken, "ms", statistic="p95", bar=bar, quoted=True)
    print(f"{what}: median {found.spread.median:.0f} ms, p95 {found.spread.p95:.0f} ms", flush=True)
    return found


# -- the server and the page -------------------------------------------------------------------------------------


def starts(folder: Path, tries: int) -> list[Row]:
    """From the start of the process to its first answer, and what that costs of a processor."""
    clock, effort = [], []
    for _ in range(tries):
        began = time.perf_counter()
        server = RealServer(folder)
        try:
            httpx.get(f"{server.origin}/api/health").raise_for_status()
            clock.append(1000 * (time.perf_counter() - began))
            spent = psutil.Process(server.process.pid).cpu_times()
            effort.append(1000 * (spent.user + spent.system))
        finally:
            # Its forkserver may still be importing: it must not take the next server's processor.
            others = psutil.Process(server.process.pid).children(recursive=True)
            server.stop()
            psutil.wait_procs(others, timeout=30)
    return [
        late("server start to its first answer", clock, START),
        late("server start, processor time", effort, None),
    ]


async def pages(server: RealServer, tries: int) -> Row:
    """From navigation to an opening screen that can be used, in a browser that has never been here."""
    taken = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*QUIET, *MORE])
        for _ in range(tries):
            taken.append(await one_page(server, browser))
        await browser.close()
    return late("first page load to a usable screen", taken[1:], PAGE)


async def one_page(server: RealServer, browser: Browser) -> float:
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=True)
    page = await context.new_page()
    await page.goto(server.url, wait_until="commit")
    usable = await page.wait_for_function(USABLE, timeout=60_000)
    taken = float(await usable.json_value())
    run = page.url.rpartition("/")[2]
    await context.close()
    server.client().delete(f"/api/runs/{run}?force=true")
    return taken


@contextmanager
def started(folder: Path) -> Iterator[RealServer]:
    """A warm server: it has trained once."""
    server = RealServer(folder)
    try:
        with server.client() as client:
            run = client.post("/api/runs", json={"preset": "mnist-cnn", "start": True}).json()["id"]
            reaches(client, run, lambda told: told["step"] > 0)
            client.delete(f"/api/runs/{run}?force=true")
        yield server
    finally:
        server.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tries", type=int, default=30, help="of everything within a run")
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--pages", type=int, default=7, help="the first one is not counted")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=" ".join(ROWS))
    options = parser.parse_args()
    only = set(options.rows or ROWS)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        if "start" in only:
            rows += starts(Path(folder), options.starts)
        if only - {"start"}:
            with started(Path(folder)) as server:
                if "page" in only:
                    rows.append(asyncio.run(pages(server, options.pages)))
                rows += asyncio.run(runs(server, only, options.tries))
    print()
    return written("latency", rows, priority=psutil.Process().nice())


if __name__ == "__main__":
    sys.exit(main())
