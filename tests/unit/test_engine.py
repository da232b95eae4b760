"""The local engine: starts processes, passes messages, notices deaths."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "fakes"))

from torchglass.engine.base import WorkerGoneError
from torchglass.engine.local import LocalEngine, LocalWorker
from torchglass.presets import load_preset
from torchglass.protocol import worker


@pytest.fixture(params=["forkserver", "spawn"])
async def engine(request: pytest.FixtureRequest) -> AsyncIterator[LocalEngine]:
    engine = LocalEngine("fake_worker:main", preload=(), method=request.param)
    await engine.warm_up()
    yield engine
    await engine.close()


def _start() -> worker.Start:
    return worker.Start(run="r1", experiment=load_preset("mnist-cnn").model_dump(mode="json"), directory=None)


async def test_a_worker_answers_and_ends_when_told(engine: LocalEngine) -> None:
    process = await engine.start()
    assert process.pid not in (None, os.getpid())
    process.send(_start())
    kinds = []
    async with asyncio.timeout(20):
        async for header, _ in process.messages():
            kinds.append(header["type"])
            if header["type"] == "ready":
                process.send(worker.Stop())
    assert "ready" in kinds
    assert process.dead
    with pytest.raises(WorkerGoneError):
        process.send(worker.Halt())


async def test_a_killed_worker_is_seen_by_the_end_of_its_messages(engine: LocalEngine) -> None:
    process = await engine.start()
    process.send(_start())
    assert process.pid is not None
    async with asyncio.timeout(20):
        async for header, _ in process.messages():
            if header["type"] == "ready":
                os.kill(process.pid, signal.SIGKILL)
    assert process.dead
    process.kill()


async def test_workers_end_when_the_engine_closes() -> None:
    engine = LocalEngine("fake_worker:main", preload=())
    workers: list[LocalWorker] = [await engine.start() for _ in range(2)]
    await engine.close()
    assert all([await process.gone(2.0) for process in workers])


async def test_closing_waits_for_no_process_that_is_being_launched() -> None:
    """The forkserver may be loading for long; what is launched in the end finds nobody and is ended."""
    engine = LocalEngine("fake_worker:main", preload=(), method="spawn")
    launched, loaded = threading.Event(), threading.Event()
    found: list[BaseProcess] = []
    launch = engine._launch

    def slowly() -> tuple[BaseProcess, socket.socket]:
        launched.set()
        assert loaded.wait(60)
        found.append((process := launch())[0])
        return process

    engine._launch = slowly  # type: ignore[method-assign]
    starting = asyncio.create_task(engine.start())
    await asyncio.to_thread(launched.wait)
    starting.cancel()
    await engine.close()
    assert not loaded.is_set()
    loaded.set()
    async with asyncio.timeout(60):
        while not found or found[0].is_alive():  # noqa: ASYNC110  (what is waited for has no event)
            await asyncio.sleep(0.02)
