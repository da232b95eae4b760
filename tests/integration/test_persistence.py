"""Runs outlive the server, however it ends: real server processes, killed and started again on the same folder."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
from live_client import LiveClient
from serve_process import PROGRAM, Serve, serve
from tests.serving import Serving, reached

from torchglass.store.migrate import FILE

LR = "training.optimizers.model.config.lr"


async def test_an_acknowledged_write_survives_kill_minus_nine(tmp_path: Path) -> None:
    async with serve(tmp_path) as server:
        run = await server.create()
        server.process.kill()
    async with serve(tmp_path) as server:
        assert (await server.info(run))["state"] == "parked"
        async with server.live(run) as client:
            answer = await client.ask("set", path=LR, value=0.0625, revision=0)
            assert answer["type"] == "ack"
            server.process.kill()
    async with serve(tmp_path) as server:
        info = await server.info(run)
        assert info["experiment"]["training"]["optimizers"]["model"]["config"]["lr"] == 0.0625
        assert info["revision"] == 1


async def _three_steps(client: LiveClient, at: int) -> list[float]:
    """Three single steps from ``at`` and their exact losses."""
    found = {}
    for step in range(at + 1, at + 4):
        seen = len(client.events)
        await client.ask("step", n=1)
        await client.event("state", after=seen, state="paused", step=step)
        for event in client.events[seen:]:
            if event["type"] == "metrics" and "train.loss" in event["series"]:
                series = event["series"]["train.loss"]
                found |= zip(series["steps"], series["values"], strict=True)
    return [found[step] for step in range(at + 1, at + 4)]


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
async def test_a_run_goes_on_where_it_was_with_the_same_numbers(tmp_path: Path, sign: signal.Signals) -> None:
    async with serve(tmp_path) as server:
        run = await server.create(start=True)
        async with server.live(run) as client:
            await client.until(lambda c: c.steps and c.steps[-1] > 20)
            await reached_checkpoint(server, run)
            await asyncio.sleep(1.2)
            seen = client.steps[-1]
            begun = time.monotonic()
            os.kill(server.process.pid, sign)
            await asyncio.to_thread(server.process.wait)
            assert time.monotonic() - begun < 8
    async with serve(tmp_path) as server:
        listed = (await server.http.get("/api/runs")).json()
        assert [(one["id"], one["state"]) for one in listed] == [(run, "interrupted")]
        assert listed[0]["problem"]["code"] == "server-stopped"
        assert listed[0]["metrics"]["train.loss"] > 0
        before = await server.curve(run)
        async with server.live(run) as client:
            hello = await client.event("hello")
            back = await client.event("state", state="paused")
            assert hello["series"]["train.loss"]["steps"] == before["steps"]
            if sign is signal.SIGTERM:
                assert back["step"] >= seen
            marks = (await server.http.get(f"/api/runs/{run}/metrics")).json()["marks"]
            assert marks[-1]["kind"] == "restored"
            assert marks[-1]["step"] == back["step"] > 0
            after = await server.curve(run)
            again = await _three_steps(client, back["step"])
        kept = [step for step in before["steps"] if step <= back["step"]]
        assert after["steps"] == kept
        assert after["values"] == before["values"][: len(kept)]
        plain = await server.create()
        async with server.live(plain) as client:
            await client.ask("step", n=back["step"])
            await client.event("state", state="paused", step=back["step"])
            assert await _three_steps(client, back["step"]) == again


async def reached_checkpoint(server: Serve, run: str) -> None:
    async with asyncio.timeout(15):
        while not (await server.http.get(f"/api/runs/{run}/checkpoints")).json():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_two_servers_on_one_folder(tmp_path: Path) -> None:
    async with serve(tmp_path):
        second = await asyncio.to_thread(
            subprocess.run, [*PROGRAM, str(tmp_path)], capture_output=True, text=True, timeout=30, check=False
        )
        assert second.returncode == 1
        assert "another Torchglass (process" in second.stderr
        assert "--data-dir" in second.stderr
        assert "Traceback" not in second.stderr


async def test_a_truncated_checkpoint_falls_back_to_the_one_before(serving_real: Serving, tmp_path: Path) -> None:
    async with serving_real() as server:
        run = await server.create(preset="mnist-softmax")
        async with server.live(run["id"]) as client:
            await client.event("state", state="paused")
            for step in (10, 20):
                await client.ask("step", n=10)
                await client.event("state", state="paused", step=step)
                kept = f"/api/runs/{run['id']}/checkpoints"
                async with asyncio.timeout(10):
                    while step not in [one["step"] for one in (await server.http.get(kept)).json()]:  # noqa: ASYNC110
                        await asyncio.sleep(0.02)
    newest = tmp_path / "runs" / run["id"] / "checkpoint-20.safetensors"
    newest.write_bytes(newest.read_bytes()[:1000])
    async with serving_real() as server, server.live(run["id"]) as client:
        hello = await client.event("hello")
        assert hello["run"]["step"] == 20
        back = await client.event("state", state="paused")
        assert back["step"] == 10
        assert (await client.event("reset"))["step"] == 10
        curve = (await server.http.get(f"/api/runs/{run['id']}/metrics")).json()["series"]["train.loss"]
        assert curve["steps"][-1] == 10


async def test_a_reset_is_not_undone_by_an_older_checkpoint(serving: Serving) -> None:
    async with serving() as server:
        run = await server.create()
        async with server.live(run["id"]) as client:
            await client.ask("step", n=40)
            await client.event("state", state="paused", step=40)
            assert (await client.ask("reset"))["type"] == "ack"
    async with serving() as server, server.live(run["id"]) as client:
        hello = await client.event("hello")
        assert (hello["run"]["step"], hello["series"]) == (0, {})


async def test_runs_are_searched_renamed_and_deleted_in_bulk(serving: Serving, tmp_path: Path) -> None:
    async with serving() as server:
        made = [(await server.create())["id"] for _ in range(4)]
        assert (await server.http.patch(f"/api/runs/{made[0]}", json={"name": "Mine, all mine"})).status_code == 200
        assert (await server.http.patch(f"/api/runs/{made[0]}", json={"name": ""})).status_code == 422
        assert (await server.http.patch("/api/runs/rnothing", json={"name": "x"})).status_code == 404
    async with serving() as server:
        assert server.runs.all() == []
        found = await server.http.get("/api/runs", params={"q": "ALL mine"})
        assert [one["id"] for one in found.json()] == made[:1]
        page = await server.http.get("/api/runs", params={"limit": 2, "offset": 1})
        assert ([one["id"] for one in page.json()], page.headers["x-total-count"]) == (made[-2:0:-1], "4")
        gone = await server.http.post("/api/runs/delete", json={"runs": [*made[1:], "rnothing"]})
        assert sorted(gone.json()["runs"]) == sorted(made[1:])
        assert [one["id"] for one in (await server.http.get("/api/runs")).json()] == made[:1]
        assert [folder.name for folder in (tmp_path / "runs").iterdir()] == made[:1]
        assert (await server.http.get(f"/api/runs/{made[1]}")).status_code == 404


async def test_a_finished_run_stays_finished(serving_real: Serving) -> None:
    async with serving_real() as server:
        experiment = (await server.http.get("/api/presets/mnist-softmax")).json()["experiment"]
        experiment["training"]["stop"] = {"steps": 5}
        run = await server.create(experiment=experiment, start=True)
        found = server.runs.get(run["id"])
        assert found is not None
        await reached(lambda: found.state.value == "finished")
    async with serving_real() as server:
        listed = (await server.http.get("/api/runs")).json()
        assert [(one["state"], one["step"]) for one in listed] == [("finished", 5)]
        async with server.live(run["id"]) as client:
            assert (await client.event("hello"))["run"]["state"] in ("queued", "finished")
            await client.event("state", state="finished")


async def test_a_locked_database_stops_nobody(serving: Serving, tmp_path: Path) -> None:
    async with serving() as server:
        run = await server.create(preset="mnist-cnn", start=True)
        async with server.live(run["id"]) as client:
            await client.until(lambda c: len(c.steps) > 3)
            other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            asked = asyncio.create_task(client.ask("set", path=LR, value=0.5, revision=0))
            said = await client.until(lambda c: next((e for e in c.events if (e.get("problem") or {})), None))
            assert said["problem"]["code"] == "not-saved"
            assert "another program holds the database" in said["problem"]["message"]
            assert not asked.done()
            before = client.steps[-1]
            await client.until(lambda c: c.steps[-1] > before + 20)
            other.execute("COMMIT")
            other.close()
            assert (await asked)["type"] == "ack"
            await client.event("state", after=client.events.index(said), problem=None)
    async with serving() as server:
        assert (await server.http.get(f"/api/runs/{run['id']}")).json()["revision"] == 1
