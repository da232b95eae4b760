"""A real server on a free port, in this process, with fake workers in real processes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

sys.path.insert(0, str(Path(__file__).parent / "fakes"))

from live_client import LiveClient

from torchglass.api.app import create_app
from torchglass.api.context import Context
from torchglass.api.settings import Settings, local_hosts
from torchglass.api.wire import server_config
from torchglass.cli_serve import bind
from torchglass.engine.local import LocalEngine
from torchglass.sessions.runs import Policy, Runs
from torchglass.sessions.supervisor import Limits

TOKEN = "a-token-of-the-tests-0123456789"
#: How often each fault is tried, every time at another moment.
REPEATS = 20 if os.environ.get("TORCHGLASS_TEST_TIER") == "full" else 3
QUICK = Limits(silence=1.0, first_beat=20.0, check_every=0.1, restarts=2, stopping=2.0)


async def reached(condition: Callable[[], bool], patience: float = 60.0) -> None:
    """Wait for something that nobody announces."""
    async with asyncio.timeout(patience):
        while not condition():  # noqa: ASYNC110  (what is waited for has no event)
            await asyncio.sleep(0.01)


@dataclass
class Server:
    """A running server and ways to reach it."""

    host: str
    runs: Runs
    http: httpx.AsyncClient
    context: Context

    @property
    def origin(self) -> str:
        return f"http://{self.host}"

    async def create(self, **body: Any) -> dict[str, Any]:
        """A run from the opening preset (or what ``body`` says)."""
        response = await self.http.post("/api/runs", json=body or {"preset": "mnist-cnn"})
        assert response.status_code == 201, response.text
        created: dict[str, Any] = response.json()
        return created

    @asynccontextmanager
    async def live(self, run: str, **options: Any) -> AsyncIterator[LiveClient]:
        async with LiveClient.connect(self.host, TOKEN, run, **options) as client:
            yield client


@asynccontextmanager
async def running_server(
    data_dir: Path, policy: Policy, entry: str = "fake_worker:main", read_within: float = 15.0
) -> AsyncIterator[Server]:
    """Serve until the block ends."""
    sock: socket.socket = bind("127.0.0.1", 0)
    port = sock.getsockname()[1]
    settings = Settings(token=TOKEN, data_dir=data_dir, hosts=local_hosts(port), policy=policy, read_within=read_within)
    app = create_app(
        settings, LocalEngine(entry) if entry.startswith("torchglass.") else LocalEngine(entry, preload=())
    )
    config = server_config(app, log_level="critical", lifespan="on")
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[assignment,method-assign]
    task = asyncio.create_task(server.serve(sockets=[sock]))
    try:
        while not server.started:
            await asyncio.sleep(0.01)
            assert not task.done(), "the server ended before it started"
        host = f"127.0.0.1:{port}"
        headers = {"authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(base_url=f"http://{host}", headers=headers, timeout=30) as http:
            yield Server(host, app.state.context.runs, http, app.state.context)
    finally:
        server.should_exit = True
        await task
        sock.close()


Serving = Callable[..., AbstractAsyncContextManager[Server]]


@pytest.fixture
def serving(tmp_path: Path) -> Serving:
    """Starts servers with a policy of one's own: ``async with serving(max_workers=1) as server``."""

    def serve(
        *, limits: Limits = QUICK, read_within: float = 15.0, **policy: Any
    ) -> AbstractAsyncContextManager[Server]:
        chosen = replace(Policy(limits=limits, sweep_every=0.05), **policy)
        return running_server(tmp_path, chosen, read_within=read_within)

    return serve


@pytest.fixture
def serving_real(tmp_path: Path) -> Serving:
    """The same with real workers."""

    def serve(**policy: Any) -> AbstractAsyncContextManager[Server]:
        return running_server(tmp_path, Policy(**policy), entry="torchglass.worker.main:main")

    return serve


@pytest.fixture
async def server(serving: Serving) -> AsyncIterator[Server]:
    """A server with fake workers."""
    async with serving() as running:
        yield running
