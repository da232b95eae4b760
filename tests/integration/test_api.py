"""The HTTP surface with fake workers."""

from __future__ import annotations

import gzip
import itertools
import json
import statistics
import subprocess
import sys
import time
from typing import Any

import pytest
from tests.serving import Server, Serving


async def test_health_needs_nothing(server: Server) -> None:
    answer = await server.http.get("/api/health", headers={"authorization": ""})
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"


async def test_the_catalogue_lists_every_registry(server: Server) -> None:
    catalogue = (await server.http.get("/api/catalog")).json()
    assert {"layers", "datasets", "losses", "optimizers", "recipes", "probes"} <= set(catalogue)
    entry = next(entry for entry in catalogue["layers"] if entry["kind"] == "conv2d")
    assert {"kind", "label", "group", "summary", "docs", "schema"} <= set(entry)


async def test_presets_can_be_listed_and_read(server: Server) -> None:
    listed = (await server.http.get("/api/presets")).json()
    assert "mnist-cnn" in [preset["id"] for preset in listed]
    one = (await server.http.get("/api/presets/mnist-cnn")).json()
    assert one["experiment"]["data"]["kind"] == "mnist"
    missing = await server.http.get("/api/presets/none")
    assert (missing.status_code, missing.json()["type"]) == (404, "urn:torchglass:no-such-preset")


async def test_a_run_is_created_read_listed_and_deleted(server: Server) -> None:
    response = await server.http.post("/api/runs", json={"preset": "mnist-cnn"})
    run = response.json()
    assert response.headers["location"] == f"/api/runs/{run['id']}"
    wanted = {"id", "name", "state", "step", "epoch", "metrics", "device", "stepper", "worker_pid", "experiment"}
    assert wanted | {"created_at"} <= set(run)
    async with server.live(run["id"]) as client:
        await client.event("state", state="paused")
        await client.ask("step", n=30)
        await client.event("state", state="paused", step=30)
        metrics = (await server.http.get(f"/api/runs/{run['id']}/metrics")).json()
        assert metrics["series"]["train.loss"]["steps"] == list(range(1, 31))
        assert (await server.http.get(f"/api/runs/{run['id']}/checkpoints")).json() == []
        assert [known["id"] for known in (await server.http.get("/api/runs")).json()] == [run["id"]]
        assert (await server.http.delete(f"/api/runs/{run['id']}", params={"force": True})).status_code == 204
        await client.socket.wait_closed()
    gone = await server.http.get(f"/api/runs/{run['id']}")
    assert (gone.status_code, gone.json()["type"]) == (404, "urn:torchglass:no-such-run")


async def _preset(server: Server) -> dict[str, Any]:
    experiment: dict[str, Any] = (await server.http.get("/api/presets/mnist-cnn")).json()["experiment"]
    return experiment


async def test_an_experiment_that_cannot_run_is_refused_at_its_node(server: Server) -> None:
    experiment = await _preset(server)
    experiment["network"]["nodes"][1]["config"]["kernel_size"] = 0
    answer = await server.http.post("/api/runs", json={"experiment": experiment})
    told = answer.json()
    assert (answer.status_code, told["type"]) == (422, "urn:torchglass:experiment")
    assert (told["node"], told["field"]) == ("conv1", "kernel_size")
    assert told["problems"]


async def test_check_reports_problems_without_failing(server: Server) -> None:
    experiment = await _preset(server)
    good = (await server.http.post("/api/experiments/check", json={"experiment": experiment})).json()
    assert good["ok"] is True
    assert good["parameters"] == 11_274
    experiment["network"]["edges"].pop()
    answer = await server.http.post("/api/experiments/check", json={"experiment": experiment})
    assert answer.status_code == 200
    assert answer.json()["ok"] is False
    assert answer.json()["problems"]


def _fifty_nodes(experiment: dict[str, Any]) -> dict[str, Any]:
    """The preset with relu after relu in front of its last layer."""
    network = experiment["network"]
    extra = 50 - len(network["nodes"])
    chain = ["flatten", *(f"extra{number}" for number in range(extra)), "dense"]
    network["nodes"] += [{"id": name, "kind": "relu", "config": {}} for name in chain[1:-1]]
    network["edges"] = network["edges"][:-1] + [
        {"source": before, "target": after} for before, after in itertools.pairwise(chain)
    ]
    return experiment


async def test_fifty_nodes_are_checked_quickly(server: Server) -> None:
    body = json.dumps({"experiment": _fifty_nodes(await _preset(server))})
    headers = {"content-type": "application/json"}
    took, idle = [], []
    for _ in range(15):
        begun = time.perf_counter()
        await server.http.get("/api/health")
        idle.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        answer = await server.http.post("/api/experiments/check", content=body, headers=headers)
        took.append(time.perf_counter() - begun)
        assert answer.json()["ok"] is True, answer.json()["problems"]
    print(f"check of 50 nodes: {statistics.median(took) * 1e3:.1f} ms, health {statistics.median(idle) * 1e3:.1f} ms")
    assert statistics.median(took) < 30 * statistics.median(idle)


async def test_a_full_server_says_so_and_old_runs_give_way(serving: Serving) -> None:
    async with serving(max_runs=2) as server:
        first, second = await server.create(), await server.create()
        async with server.live(first["id"]), server.live(second["id"]) as other:
            answer = await server.http.post("/api/runs", json={"preset": "mnist-cnn"})
            assert (answer.status_code, answer.json()["type"]) == (503, "urn:torchglass:too-many-runs")
            await other.event("hello")
        third = None
        while third is None:
            answer = await server.http.post("/api/runs", json={"preset": "mnist-cnn"})
            third = answer.json() if answer.status_code == 201 else None
        assert len(server.runs.all()) == 2


async def test_pages_and_assets(server: Server) -> None:
    run = await server.create()
    page = await server.http.get(f"/runs/{run['id']}")
    assert page.status_code == 200
    assert '<div id="app">' in page.text
    assert "Small CNN on MNIST" in page.text
    assert (await server.http.get("/runs/rnothing")).status_code == 404


async def test_scripts_come_packed_to_those_who_take_it(server: Server) -> None:
    """Each packing is the same file; the names hold their content's hash, so a browser may keep them for ever."""
    page = (await server.http.get("/")).text
    script = page.split('src="/static/')[1].split('"')[0]
    bodies, sizes = set(), {}
    for asked, sent in (("identity", None), ("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip")):
        async with server.http.stream("GET", f"/static/{script}", headers={"accept-encoding": asked}) as answer:
            raw = b"".join([piece async for piece in answer.aiter_raw()])
        assert answer.headers.get("content-encoding") == sent
        assert answer.headers["vary"] == "accept-encoding"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"].startswith("text/javascript")
        sizes[sent] = len(raw)
        bodies.add(gzip.decompress(raw) if sent == "gzip" else raw if sent is None else b"")
    assert len(bodies - {b""}) == 1
    assert sizes["br"] < sizes["gzip"] < 0.45 * sizes[None]


async def test_the_icon_has_the_name_that_browsers_ask_for(server: Server) -> None:
    answer = await server.http.get("/favicon.ico", headers={"authorization": ""})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert answer.text.lstrip().startswith("<svg")
    assert '<link rel="icon" type="image/svg+xml" href="/favicon.ico">' in (await server.http.get("/")).text


@pytest.mark.parametrize(("method", "path", "status"), [("PUT", "/api/runs", 405), ("GET", "/api/nothing", 404)])
async def test_wrong_addresses_are_problems(server: Server, method: str, path: str, status: int) -> None:
    answer = await server.http.request(method, path, headers={"origin": server.origin})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_server_never_imports_torch() -> None:
    program = """
import asyncio, sys, tempfile
from pathlib import Path
import httpx
from torchglass.api.app import create_app
from torchglass.api.settings import Settings
import torchglass.cli, torchglass.cli_serve, torchglass.cli_train, torchglass.cli_catalog

async def main() -> None:
    settings = Settings(token="t" * 32, data_dir=Path(tempfile.mkdtemp()), hosts=("test:1",))
    app = create_app(settings)
    headers = {"authorization": "Bearer " + "t" * 32}
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(
        transport=transport, base_url="http://test:1", headers=headers
    ) as http:
        preset = (await http.get("/api/presets/mnist-cnn")).json()["experiment"]
        assert (await http.get("/api/catalog")).status_code == 200
        assert (await http.post("/api/experiments/check", json={"experiment": preset})).json()["ok"]

asyncio.run(main())
heavy = [name for name in ("torch", "numpy", "sklearn") if name in sys.modules]
print("heavy:", heavy)
assert "torch" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
