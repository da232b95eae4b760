"""``torchglass serve`` as a process that can be killed and started again."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from live_client import LiveClient

PROGRAM = [sys.executable, "-m", "torchglass", "serve", "--no-browser", "--port", "0", "--data-dir"]


class Serve:
    """One server process."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        parts = urlsplit(url)
        self.host, self.token = parts.netloc, parse_qs(parts.query)["token"][0]
        self.http = httpx.AsyncClient(
            base_url=f"http://{self.host}", headers={"authorization": f"Bearer {self.token}"}, timeout=30
        )

    @asynccontextmanager
    async def live(self, run: str) -> AsyncIterator[LiveClient]:
        async with LiveClient.connect(self.host, self.token, run) as client:
            yield client

    async def create(self, **more: Any) -> str:
        answer = await self.http.post("/api/runs", json={"preset": "mnist-softmax", **more})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def info(self, run: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self.http.get(f"/api/runs/{run}")).json()
        return found

    async def curve(self, run: str) -> dict[str, Any]:
        answer = await self.http.get(f"/api/runs/{run}/metrics", params={"points": 10_000})
        found: dict[str, Any] = answer.json()["series"].get("train.loss", {"steps": [], "values": []})
        return found


@asynccontextmanager
async def serve(folder: Path, *prefix: str) -> AsyncIterator[Serve]:
    """Until the block ends; ``prefix`` is a command that runs it elsewhere (``nsenter ...``)."""
    process = subprocess.Popen(  # noqa: ASYNC220
        [*prefix, *PROGRAM, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    server = Serve(process, await asyncio.to_thread(process.stdout.readline))
    try:
        yield server
    finally:
        await server.http.aclose()
        if process.poll() is None:
            process.kill()
        await asyncio.to_thread(process.wait)
        process.stdout.close()
