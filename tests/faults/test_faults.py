"""Faults of processes, disks and links: said in words, restored, and nobody else notices."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
from pathlib import Path

import pytest
from live_client import LiveClient
from tests.serving import TOKEN, Server, Serving, reached

from torchglass.protocol import worker
from torchglass.training.checkpoints import Checkpoint, load
from torchglass.worker import saving


async def worker_pid(server: Server, run: str) -> int:
    pid: int = (await server.http.get(f"/api/runs/{run}")).json()["worker_pid"]
    return pid


@pytest.mark.parametrize(("kill", "code"), [(signal.SIGKILL, "worker-died"), (signal.SIGSTOP, "stuck")])
async def test_a_lost_worker_is_replaced_and_the_curve_has_no_hole(
    server: Server, kill: signal.Signals, code: str
) -> None:
    other = await server.create(preset="mnist-cnn", start=True)
    run = await server.create(preset="mnist-cnn", start=True)
    async with server.live(run["id"]) as client, server.live(other["id"]) as bystander:
        await client.until(lambda c: len(c.steps) > 30)
        seen = len(client.events)
        os.kill(await worker_pid(server, run["id"]), kill)
        interrupted = await client.event("state", after=seen, state="interrupted")
        assert interrupted["problem"]["code"] == code
        await client.event("state", after=client.events.index(interrupted), state="running")
        target = client.steps[-1] + 30
        await client.until(lambda c: c.steps[-1] > target)
        assert client.steps == list(range(1, len(client.steps) + 1))
        numbers = [event["seq"] for event in client.events if "seq" in event]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert bystander.steps == list(range(1, len(bystander.steps) + 1))


async def test_who_was_away_gets_what_was_missed_even_across_a_death(server: Server) -> None:
    run = await server.create(preset="mnist-cnn", start=True)
    async with server.live(run["id"]) as client:
        hello = await client.event("hello")
        await client.until(lambda c: len(c.steps) > 20)
    last = [event for event in client.events if "seq" in event][-1]["seq"]
    os.kill(await worker_pid(server, run["id"]), signal.SIGKILL)
    await asyncio.sleep(2.0)
    async with server.live(run["id"], stream=hello["stream"], seq=last) as again:
        resumed = await again.event("resumed")
        await again.until(lambda c: any(event["type"] == "mark" for event in c.events))
        numbers = [event["seq"] for event in again.events if "seq" in event and event is not resumed]
        assert numbers == list(range(last + 1, last + 1 + len(numbers)))


@pytest.mark.parametrize("seq", [10**9, -1, 2**70])
async def test_a_number_that_never_was_gets_the_whole_picture(server: Server, seq: int) -> None:
    run = await server.create()
    async with server.live(run["id"]) as client:
        hello = await client.event("hello")
    async with server.live(run["id"], stream=hello["stream"], seq=seq) as again:
        assert (await again.event("hello"))["stream"] == hello["stream"]


@pytest.mark.timeout(60)
def test_a_full_disk_leaves_the_old_checkpoint_intact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    said: list[worker.Saved | worker.CheckpointTrouble] = []
    saver = saving.Saver(tmp_path, said.append)

    def state(step: int) -> Checkpoint:
        return Checkpoint(tensors={"w": torch.full((4,), float(step))}, facts={"step": step})

    saver.save(state(1), wait=True)
    kept = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        saver.save(state(2), wait=True)
    assert isinstance(said[-1], worker.CheckpointTrouble)
    assert "the disk is full" in said[-1].message
    assert {name: (tmp_path / name).read_bytes() for name in kept} == kept
    saver.save(state(3), wait=True)
    assert isinstance(said[-1], worker.Saved)
    newest = load(tmp_path)
    assert newest is not None
    assert newest.facts["step"] == 3


async def test_a_data_folder_that_vanishes_is_refused_or_survived(server: Server, tmp_path: Path) -> None:
    run = await server.create(preset="mnist-cnn", start=True)
    async with server.live(run["id"]) as client:
        await client.until(lambda c: len(c.steps) > 5)
        shutil.rmtree(tmp_path / "runs")
        (tmp_path / "runs").write_text("in the way")
        answer = await server.http.post("/api/runs", json={"preset": "mnist-cnn"})
        assert answer.status_code == 507
        assert "disk" in answer.json()["detail"] or "folder" in answer.json()["detail"]
        assert (await server.http.get("/api/runs")).status_code == 200
        (tmp_path / "runs").unlink()
        assert (await server.http.post("/api/runs", json={"preset": "mnist-cnn"})).status_code == 201


async def test_a_hundred_presets_are_no_full_server(serving: Serving) -> None:
    async with serving(max_workers=2, max_runs=16) as server:
        for _ in range(100):
            run = await server.create()
        async with server.live(run["id"]) as client:
            await client.until(
                lambda c: any(e.get("state") == "paused" or e.get("run", {}).get("state") == "paused" for e in c.events)
            )
        assert len((await server.http.get("/api/runs")).json()) == 100  # sixteen in memory, all in the store


def _waiting(client: LiveClient) -> object:
    """The problem of a run that waits, from an event or from the picture that a late joiner gets."""
    told = [event.get("run", event).get("problem") for event in client.events]
    return next((problem for problem in told if problem and problem["code"] == "waiting"), None)


async def test_one_that_waits_for_a_place_is_told_why(serving: Serving) -> None:
    async with serving(max_workers=1) as server:
        first = await server.create(preset="mnist-cnn", start=True)
        second = await server.create(preset="mnist-cnn", start=True)
        async with server.live(second["id"]) as client:
            problem = await client.until(_waiting)
            assert "Pause" in problem["way_out"]
            assert (await server.http.delete(f"/api/runs/{first['id']}")).status_code == 204
            running = await client.event("state", state="running")
            assert running["problem"] is None


async def test_events_are_numbered_for_those_who_never_read(serving: Serving) -> None:
    """One client reads nothing of large pictures; the other misses nothing, and the deaf one is let go."""
    from websockets.asyncio.client import connect

    watch = {"watch": 1, "probe": "filters", "node": "conv1", "options": {"size": 200_000}, "rate": 60}
    async with serving(read_within=1.0) as server:
        run = await server.create(preset="mnist-cnn", start=True)
        held = server.runs.get(run["id"])
        assert held is not None
        headers = {"authorization": f"Bearer {TOKEN}"}
        url = f"ws://{server.host}/api/runs/{run['id']}/live"
        async with server.live(run["id"]) as fast:
            deaf = await connect(url, additional_headers=headers, compression=None, max_queue=1, close_timeout=0.1)
            await deaf.send(json.dumps({"type": "watch", **watch}))
            await reached(lambda: len(held.room.clients) == 2)
            await reached(lambda: len(held.room.clients) == 1, patience=15)
            assert fast.steps == list(range(1, len(fast.steps) + 1))
            deaf.transport.abort()
