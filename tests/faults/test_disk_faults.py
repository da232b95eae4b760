"""A disk that is full or read-only, a database that another program holds: said at the place, nothing lost."""

from __future__ import annotations

import asyncio
import itertools
import random
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest
from live_client import LiveClient
from serve_process import PROGRAM, Serve, serve
from small_disk import small_disk
from tests.serving import QUICK, running_server

from torchglass.sessions.runs import Policy
from torchglass.store.migrate import FILE

pytestmark = pytest.mark.timeout(180)
LR = "training.optimizers.model.config.lr"


async def test_a_full_disk_stops_no_training_and_loses_nothing(tmp_path: Path, chance: random.Random) -> None:
    async with small_disk(tmp_path / "data", "24m") as disk:
        async with serve(disk.place, *disk.inside) as server:
            run = await server.create(preset="xor-mlp")
            async with server.live(run) as client:
                # Slow from the first step: at full speed one point of the curve stands for hundreds of steps.
                assert (await client.ask("speed", steps_per_second=50))["type"] == "ack"
                await client.ask("run")
                await client.until(lambda c: len(c.steps) > 5, patience=60)
                assert (await client.ask("set", path=LR, value=0.125, revision=0))["type"] == "ack"
                await asyncio.sleep(chance.random())
                disk.fill()
                told = await client.until(
                    lambda c: next((e for e in c.events if (e.get("problem") or {}).get("code") == "not-saved"), None),
                    patience=30,
                )
                assert "the disk is full" in told["problem"]["message"]
                refused = await server.http.post("/api/runs", json={"preset": "xor-mlp"})
                assert refused.status_code == 507
                assert "--data-dir" in refused.json()["detail"]
                unsaved = await client.ask("set", path=LR, value=0.25, revision=1)
                assert (unsaved["type"], unsaved["code"]) == ("problem", "not-saved")
                before = client.steps[-1]
                await client.until(lambda c: c.steps[-1] > before + 20, patience=30)
                disk.free()
                seen = len(client.events)
                await client.until(
                    lambda c: any(e["type"] == "state" and e["problem"] is None for e in c.events[seen:]), patience=30
                )
                assert (await server.info(run))["revision"] == 2
            server.process.kill()
        async with serve(disk.place, *disk.inside) as server:
            info = await server.info(run)
            assert (info["revision"], info["state"]) == (2, "interrupted")
            assert info["experiment"]["training"]["optimizers"]["model"]["config"]["lr"] == 0.25
            kept = (await server.curve(run))["steps"]
            assert kept[-1] > before
            assert max(after - first for first, after in itertools.pairwise(kept)) < 50


async def test_a_folder_that_turns_read_only_stops_no_run_and_loses_nothing(tmp_path: Path) -> None:
    """Said in every page and answer, with the way out; what was refused and what was measured is there afterwards."""
    async with small_disk(tmp_path / "data", "64m") as disk, serve(disk.place, *disk.inside) as server:
        runs = [await server.create(preset="xor-mlp") for _ in range(2)]
        async with server.live(runs[0]) as client, server.live(runs[1]) as other:
            for one in (client, other):
                assert (await one.ask("speed", steps_per_second=50))["type"] == "ack"
                await one.ask("run")
                await one.until(lambda c: len(c.steps) > 5, patience=60)
            await disk.protect(server.process.pid)
            for one in (client, other):
                for code in ("not-saved", "disk"):
                    told = await one.until(lambda c, code=code: problem(c, code), patience=60)
                    assert "read-only" in told["message"]
                    assert "writable" in told["way_out"]
            unsaved = await client.ask("set", path=LR, value=0.25, revision=0)
            assert (unsaved["type"], unsaved["code"]) == ("problem", "not-saved")
            table = {"headers": {"content-type": "text/csv"}, "content": b"a,b\n1,2\n2,3\n"}
            for method, path, more in (
                ("POST", "/api/runs", {"json": {"preset": "xor-mlp"}}),
                ("PATCH", f"/api/runs/{runs[1]}", {"json": {"name": "Another"}}),
                ("POST", "/api/tables", table),
            ):
                refused = await server.http.request(method, path, **more)
                assert refused.status_code == 507, (path, refused.text)
                assert "read-only" in refused.json()["detail"]
            for one in (client, other):
                before = one.steps[-1]
                await one.until(lambda c, before=before: c.steps[-1] > before + 20, patience=30)
            assert (await other.ask("pause"))["type"] == "ack"
            paused = await other.event("state", state="paused")
            start = len(client.events)
            await disk.unprotect(server.process.pid)
            await client.until(
                lambda c: any(e["type"] == "state" and e["problem"] is None for e in c.events[start:]), patience=60
            )
            # The paused run has to try its last checkpoint again.
            async with asyncio.timeout(60):
                while await newest(server, runs[1]) < paused["step"]:  # noqa: ASYNC110  (nobody announces it)
                    await asyncio.sleep(0.1)
            assert await server.create(preset="xor-mlp")
            reached = client.steps[-1]
        server.process.kill()
        await asyncio.to_thread(server.process.wait)
        async with serve(disk.place, *disk.inside) as again:
            first, second = [await again.info(run) for run in runs]
            assert first["experiment"]["training"]["optimizers"]["model"]["config"]["lr"] == 0.25
            assert second["name"] == "Another"
            kept = (await again.curve(runs[0]))["steps"]
            assert kept[-1] > reached - 100
            assert max(after - first for first, after in itertools.pairwise(kept)) < 50


async def newest(server: Serve, run: str) -> int:
    """The step of its newest checkpoint."""
    found = (await server.http.get(f"/api/runs/{run}/checkpoints")).json()
    return max((int(one["step"]) for one in found), default=-1)


def problem(client: LiveClient, code: str) -> dict[str, Any] | None:
    """The problem of that code, once the run says it has it."""
    found = [event["problem"] for event in client.events if (event.get("problem") or {}).get("code") == code]
    return found[-1] if found else None


async def test_a_server_does_not_start_where_it_cannot_write(tmp_path: Path) -> None:
    """Full, or read-only: one line that says what is wrong and the way out."""
    async with small_disk(tmp_path / "data", "2m") as disk:

        async def refusal() -> str:
            command = [*disk.inside, *PROGRAM, str(disk.place)]
            done = await asyncio.to_thread(
                subprocess.run, command, capture_output=True, text=True, timeout=60, check=False
            )
            assert done.returncode == 1
            assert "Traceback" not in done.stderr
            assert "--data-dir" in done.stderr
            return done.stderr

        disk.fill()
        assert "No space left" in await refusal()
        disk.free()
        await disk.remount("ro")
        assert "Read-only" in await refusal()


async def test_a_database_that_is_held_for_five_seconds_stops_nobody(tmp_path: Path, chance: random.Random) -> None:
    async with running_server(tmp_path, Policy(limits=QUICK, sweep_every=0.05)) as server:
        run = await server.create(preset="mnist-cnn", start=True)
        async with server.live(run["id"]) as client:
            await client.until(lambda c: len(c.steps) > 3)
            await asyncio.sleep(chance.random())
            # In a thread: a server in the middle of a write has to be able to finish it.
            other = sqlite3.connect(tmp_path / FILE, isolation_level=None, timeout=30, check_same_thread=False)
            await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
            release = asyncio.get_running_loop().call_later(5.0, other.execute, "COMMIT")
            asked = asyncio.create_task(client.ask("set", path=LR, value=0.5, revision=0))
            before, answered = client.steps[-1], 0
            while not asked.done():
                assert (await server.http.get("/api/health")).status_code == 200
                answered += 1
                await asyncio.sleep(0.1)
            assert asked.result()["type"] == "ack"
            assert release.when() <= asyncio.get_running_loop().time()
            assert answered > 10  # the loop was never held up
            assert client.steps[-1] > before + 100
            assert client.steps == list(range(1, len(client.steps) + 1))
        other.close()
    async with running_server(tmp_path, Policy(limits=QUICK)) as server:
        assert (await server.http.get(f"/api/runs/{run['id']}")).json()["revision"] == 1
