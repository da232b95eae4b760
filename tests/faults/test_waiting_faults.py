"""Faults that take seconds to be noticed, with the limits of a real server; all of them happen at once to save time."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from proxy import Proxy
from tests.serving import REPEATS, TOKEN, Server, reached, running_server
from websockets.asyncio.client import ClientConnection, connect

from torchglass.sessions.runs import Policy

pytestmark = pytest.mark.timeout(180)
NOTICED_WITHIN = 15.0
WATCH = {"type": "watch", "watch": 1, "probe": "filters", "node": "conv1", "options": {"size": 50_000}, "rate": 20}


async def stopped(server: Server, chance: random.Random) -> float:
    """A worker that is stopped like a process on a swapping machine. Seconds until the run says so."""
    run = await server.create(preset="mnist-cnn", start=True)
    async with server.live(run["id"]) as client:
        await client.until(lambda c: len(c.steps) > 5)
        await asyncio.sleep(chance.random())
        pid = (await server.http.get(f"/api/runs/{run['id']}")).json()["worker_pid"]
        os.kill(pid, signal.SIGSTOP)
        since = time.monotonic()
        told = await client.until(
            lambda c: next((e for e in c.events if e.get("state") == "interrupted"), None), patience=40
        )
        took = time.monotonic() - since
        assert told["problem"]["code"] == "stuck"
        await client.event("state", after=client.events.index(told), state="running")
        return took


@asynccontextmanager
async def _connected(server: Server, run: str, port: int) -> AsyncIterator[ClientConnection]:
    url = f"ws://{server.host}/api/runs/{run}/live"
    headers = {"authorization": f"Bearer {TOKEN}"}
    options = {"compression": None, "max_size": None, "close_timeout": 0.1, "host": "127.0.0.1", "port": port}
    async with connect(url, additional_headers=headers, **options) as socket:
        yield socket


async def half_open(server: Server, chance: random.Random) -> float:
    """A client whose network is gone without a word, on a run that says little. Seconds until the server knows."""
    run = await server.create(preset="mnist-cnn")
    held = server.runs.get(run["id"])
    assert held is not None
    proxy = Proxy(int(server.host.rpartition(":")[2]))
    await proxy.start()
    async with _connected(server, run["id"], proxy.port) as socket:
        await socket.recv()
        await asyncio.sleep(3 * chance.random())
        assert len(held.room.clients) == 1
        proxy.strand()
        since = time.monotonic()
        await reached(lambda: not held.room.clients, patience=40)
        took = time.monotonic() - since
        socket.transport.abort()
    await proxy.stop()
    return took


async def deaf(server: Server, chance: random.Random) -> float:
    """A client that never reads what it asks for. Seconds until it is let go; another one misses nothing."""
    run = await server.create(preset="mnist-cnn", start=True)
    held = server.runs.get(run["id"])
    assert held is not None
    async with server.live(run["id"]) as fast:
        await fast.socket.send(json.dumps(WATCH))
        await fast.until(lambda c: len(c.frames) > 5)
        async with _connected(server, run["id"], int(server.host.rpartition(":")[2])) as socket:
            await asyncio.sleep(chance.random())
            await socket.send(json.dumps(WATCH))
            await reached(lambda: len(held.room.clients) == 2)
            socket.transport.pause_reading()
            since, pictures = time.monotonic(), len(fast.frames)
            await reached(lambda: len(held.room.clients) == 1, patience=40)
            took = time.monotonic() - since
            assert (len(fast.frames) - pictures) / took > 18  # what the issue asks for hundreds of spectators
            assert fast.steps == list(range(1, len(fast.steps) + 1))
            socket.transport.abort()
    return took


async def test_what_hangs_is_noticed_within_fifteen_seconds(tmp_path: Path) -> None:
    """For every seed: a stopped worker, a half-open client, a client that never reads. The server goes on."""
    async with running_server(tmp_path, Policy(max_workers=2 * REPEATS + 2)) as server:
        faults = {
            f"{fault.__name__} {seed}": fault(server, random.Random(seed))
            for fault in (stopped, half_open, deaf)
            for seed in range(REPEATS)
        }
        took = dict(zip(faults, await asyncio.gather(*faults.values()), strict=True))
        assert (await server.http.get("/api/health")).status_code == 200
    assert {name: seconds for name, seconds in took.items() if seconds > NOTICED_WITHIN} == {}
