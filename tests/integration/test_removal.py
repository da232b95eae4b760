"""Runs that nobody will miss are found, and deleted with all that lies on the disk; what somebody looks at stays."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.serving import Server, Serving


async def junk(server: Server, **query: Any) -> list[str]:
    answer = await server.http.get("/api/runs", params={"junk": True, **query})
    found = [one["id"] for one in answer.json()]
    assert answer.headers["x-total-count"] == str(len(found))
    return found


async def test_junk_is_unnamed_short_and_left_alone(serving: Serving) -> None:
    async with serving() as server:
        idle, short, long, named, edited = [(await server.create())["id"] for _ in range(5)]
        for run, steps in ((short, 99), (long, 100)):
            async with server.live(run) as client:
                await client.ask("step", n=steps)
                await client.event("state", state="paused", step=steps)
        await server.http.patch(f"/api/runs/{named}", json={"name": "Kept"})
        async with server.live(edited) as client:
            await client.ask("set", path="training.optimizers.model.config.lr", value=0.5, revision=0)
        # All of them were in use just now: their pages may come back.
        assert await junk(server) == []
    async with serving() as server:
        assert await junk(server) == [edited, short, idle]
        assert await junk(server, q="no such words") == []
        async with server.live(short) as client:
            await client.event("hello")
            assert await junk(server) == [edited, idle]
        working = await server.create(preset="mnist-cnn", start=True)
        assert working["id"] not in await junk(server)
        assert (await server.http.get("/api/runs")).headers["x-total-count"] == "6"


async def test_each_run_goes_wholly_or_stays_and_the_answer_says_why(serving: Serving, tmp_path: Path) -> None:
    async with serving() as server:
        watched, other = [(await server.create())["id"] for _ in range(2)]
        async with server.live(watched) as client:
            await client.event("hello")
            wanted = {"runs": [watched, other, "rnothing", other]}
            answer = await server.http.post("/api/runs/delete", json=wanted)
            assert answer.status_code == 200
            assert answer.json()["runs"] == [other]
            kept = [(one["run"], one["code"]) for one in answer.json()["kept"]]
            assert kept == [(watched, "open"), ("rnothing", "no-such-run")]
            assert "open in a page" in answer.json()["kept"][0]["reason"]
            # Its page goes on as if nothing had been.
            assert (await client.ask("step", n=1))["type"] == "ack"
        assert (await server.http.get(f"/api/runs/{other}")).status_code == 404
        assert [folder.name for folder in (tmp_path / "runs").iterdir()] == [watched]
        answer = await server.http.post("/api/runs/delete", json={"runs": [watched]})
        assert answer.json() == {"runs": [watched], "kept": []}
        assert list((tmp_path / "runs").iterdir()) == []


async def test_a_single_run_that_is_open_goes_only_when_that_is_wanted(serving: Serving) -> None:
    async with serving() as server:
        run = (await server.create())["id"]
        async with server.live(run) as client:
            await client.event("hello")
            refused = await server.http.delete(f"/api/runs/{run}")
            assert (refused.status_code, refused.json()["type"]) == (409, "urn:torchglass:run-open")
            assert "?force=true" in refused.json()["detail"]
            assert (await client.ask("step", n=1))["type"] == "ack"
            assert (await server.http.delete(f"/api/runs/{run}", params={"force": True})).status_code == 204
            await client.socket.wait_closed()
        assert (await server.http.get(f"/api/runs/{run}")).status_code == 404
        closed = (await server.create())["id"]
        assert (await server.http.delete(f"/api/runs/{closed}")).status_code == 204


async def test_nobody_opens_a_run_that_is_being_deleted(serving: Serving) -> None:
    async with serving() as server:
        made = [(await server.create())["id"] for _ in range(3)]
    async with serving() as server:
        gone = asyncio.create_task(server.http.post("/api/runs/delete", json={"runs": made}))
        looks = [asyncio.create_task(server.http.get(f"/api/runs/{run}")) for run in made * 3]
        assert sorted((await gone).json()["runs"]) == sorted(made)
        assert {(await look).status_code for look in looks} <= {200, 404}
        assert server.runs.all() == []
        assert (await server.http.get("/api/runs")).json() == []


async def test_a_folder_that_stays_is_named(serving: Serving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving() as server:
        run = (await server.create())["id"]
        monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)
        answer = (await server.http.post("/api/runs/delete", json={"runs": [run]})).json()
        assert (answer["runs"], answer["kept"][0]["code"]) == ([run], "files")
        assert str(tmp_path / "runs" / run) in answer["kept"][0]["reason"]
        assert (await server.http.get("/api/runs")).json() == []
