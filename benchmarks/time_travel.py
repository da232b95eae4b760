"""How long the pictures of a kept step and a fork take, through a real server and real workers, while the run trains.

``look``: from the command until every watched picture of the step is there. ``fork``: from the request until its
answer, and until the fork's worker is ready with the curve of its parent.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
from websockets.asyncio.client import ClientConnection, connect

from figures import Row, row, written
from torchglass.protocol.frames import unpack_frame

ROUNDS = 15
#: Milliseconds.
LOOK, FORK = 100.0, 300.0
PRESETS = ("mnist-cnn", "spiral-mlp")
#: Of every layer with weights.
PROBES = ("activations",)


async def event(live: ClientConnection, kind: str) -> dict:
    """The next text message of that type."""
    while True:
        message = await live.recv()
        if isinstance(message, str) and (found := json.loads(message))["type"] == kind:
            return found


async def at_rest(live: ClientConnection) -> None:
    """Once the worker is ready and waits for a command."""
    while True:
        message = await live.recv()
        if isinstance(message, str):
            found = json.loads(message)
            if found.get("run", found).get("state") == "paused":
                return


async def kept(live: ClientConnection, least: int) -> list[int]:
    """The kept steps, once there are so many."""
    while True:
        steps = (await event(live, "kept"))["steps"]
        if len(steps) >= least:
            return steps


async def look(live: ClientConnection, step: int, watches: int) -> float:
    """Milliseconds until every picture shows that step."""
    begin = time.perf_counter()
    await live.send(json.dumps({"type": "look", "step": step, "id": 1}))
    missing = set(range(watches))
    while missing:
        message = await live.recv()
        if isinstance(message, bytes):
            header, _ = unpack_frame(message)
            if header.step == step:
                missing.discard(header.watch)
    return (time.perf_counter() - begin) * 1000


async def measure(http: httpx.AsyncClient, origin: str, token: str, preset: str) -> list[Row]:
    run = (await http.post("/api/runs", json={"preset": preset, "start": True})).json()
    nodes = [node["id"] for node in run["experiment"]["network"]["nodes"] if node["kind"] in ("linear", "conv2d")]
    wanted = [(probe, node) for node in nodes for probe in PROBES]
    headers = {"authorization": f"Bearer {token}"}
    address = origin.replace("http", "ws") + "/api/runs/{}/live"
    async with AsyncExitStack() as stack:
        live = await stack.enter_async_context(
            connect(address.format(run["id"]), additional_headers=headers, max_size=None, compression=None)
        )
        for number, (probe, node) in enumerate(wanted):
            await live.send(json.dumps({"type": "watch", "watch": number, "probe": probe, "node": node, "rate": 20}))
        steps = await kept(live, 12)
        looks = [await look(live, steps[n % (len(steps) - 1)], len(wanted)) for n in range(ROUNDS)]
        answers, ready = [], []
        for n in range(5):
            begin = time.perf_counter()
            made = await http.post(f"/api/runs/{run['id']}/fork", json={"step": steps[n]})
            assert made.status_code == 201, made.text
            answers.append((time.perf_counter() - begin) * 1000)
            fork = made.json()["id"]
            async with connect(address.format(fork), additional_headers=headers, max_size=None) as other:
                await at_rest(other)
            ready.append((time.perf_counter() - begin) * 1000)
            await http.delete(f"/api/runs/{fork}")
        await http.delete(f"/api/runs/{run['id']}")
    return [
        row(f"{preset}, training: a kept step is seen after", looks, "ms", bar=f"<= {LOOK:g}"),
        row(f"{preset}, training: a fork is made after", answers, "ms"),
        row(f"{preset}, training: a fork is ready after", ready, "ms", bar=f"<= {FORK:g}"),
    ]


async def main(folder: Path) -> int:
    command = [sys.executable, "-m", "torchglass", "serve", "--no-browser", "--port", "0", "--data-dir", str(folder)]
    rows: list[Row] = []
    server = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert server.stdout is not None
        line = (await server.stdout.readline()).decode()
        address = httpx.URL(next(word for word in line.split() if word.startswith("http://")))
        origin, token = f"http://{address.host}:{address.port}", address.params["token"]
        headers = {"authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=origin, headers=headers, timeout=60) as http:
            for preset in PRESETS:
                rows += await measure(http, origin, token, preset)
    finally:
        server.terminate()
        await server.wait()
    return written("time_travel", rows)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as data:
        sys.exit(asyncio.run(main(Path(data))))
