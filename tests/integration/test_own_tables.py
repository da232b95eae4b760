"""A table of one's own, from the file to a training that outlives its server: real processes."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from live_client import LiveClient
from real_server import RealServer, reaches

EXAMPLE = Path(__file__).parents[1] / "contract" / "own_table.csv"
CSV = {"content-type": "text/csv"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RealServer]:
    server = RealServer(tmp_path)
    yield server
    if server.process.poll() is None:
        server.stop()


def add(client: httpx.Client, data: bytes | None = None, name: str = "flats.csv") -> dict[str, Any]:
    body = EXAMPLE.read_bytes() if data is None else data
    answer = client.post("/api/tables", params={"name": name}, content=body, headers=CSV)
    assert answer.status_code == 201, answer.text
    facts: dict[str, Any] = answer.json()
    return facts


async def test_from_the_file_to_a_training_that_goes_on_after_a_restart(server: RealServer) -> None:
    with server.client() as client:
        facts = add(client)
        assert (facts["name"], facts["rows"], len(facts["columns"])) == ("flats.csv", 12, 7)
        assert client.get(f"/api/tables/{facts['id']}").json() == facts
        (listed,) = client.get("/api/tables").json()["tables"]
        assert (listed["id"], listed["columns"]) == (facts["id"], 7)
        path = f"/api/tables/{facts['id']}/experiment"
        wanted = {"target": "price", "inputs": ["size", "heating"], "missing": "fill"}
        experiment = client.post(path, json=wanted).json()["experiment"]
        report = client.post("/api/experiments/check", json={"experiment": experiment}).json()
        assert (report["ok"], report["examples"]) == (True, {"train": 8, "test": 3})
        assert report["fields"]["features"]["columns"] == ["size", "heating: gas", "heating: heat pump", "heating: oil"]
        run = client.post("/api/runs", json={"experiment": experiment, "start": True}).json()["id"]
        trained = reaches(client, run, lambda told: told["step"] >= 200)
        assert trained["metrics"]["train.loss"] < 1.0
        refused = client.delete(f"/api/tables/{facts['id']}")
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:torchglass:table-in-use")
        reaches(client, run, lambda _: client.get(f"/api/runs/{run}/checkpoints").json() != [])
    server.stop(signal.SIGKILL)
    server.start()
    with server.client() as client:
        back = client.get(f"/api/runs/{run}").json()
        assert back["state"] == "interrupted"
        async with LiveClient.connect(f"127.0.0.1:{server.port}", server.token, run) as live:
            await live.socket.send(json.dumps({"type": "run"}))
            further = back["step"] + 50
            on = await asyncio.to_thread(reaches, client, run, lambda told: told["step"] > further)
        assert on["experiment"] == back["experiment"]
        client.delete(f"/api/runs/{run}")
        assert client.delete(f"/api/tables/{facts['id']}").status_code == 204
        assert client.get(f"/api/tables/{facts['id']}").status_code == 404
        refused = client.post("/api/runs", json={"experiment": experiment})
        assert (refused.status_code, refused.json()["field"]) == (422, "data.config.table")
        assert "“flats.csv”" in refused.json()["detail"]


def test_the_command_line_adds_drafts_and_trains(tmp_path: Path) -> None:
    def torchglass(*arguments: str, folder: str = "data") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "torchglass", *arguments, "--data-dir", str(tmp_path / folder)]
        return subprocess.run(command, capture_output=True, text=True, timeout=100)

    added = torchglass("tables", "add", str(EXAMPLE))
    table = added.stdout.splitlines()[0]
    assert (added.returncode, len(table)) == (0, 64)
    assert "size: number, 1 missing" in added.stdout
    assert "own_table.csv" in torchglass("tables", "list").stdout
    file = tmp_path / "experiment.json"
    drafted = torchglass("tables", "experiment", table[:8], "--target", "class", "--input", "size", "-o", str(file))
    assert drafted.returncode == 0, drafted.stderr
    trained = torchglass("train", str(file), "--epochs", "20", "--json")
    assert trained.returncode == 0, trained.stderr
    assert "test.accuracy" in json.loads(trained.stdout.splitlines()[-1])["metrics"]
    elsewhere = torchglass("train", str(file), folder="other")
    assert elsewhere.returncode == 1
    assert f"“own_table.csv” (SHA-256 {table[:12]}…) is not on this computer" in elsewhere.stderr
    wrong = torchglass("tables", "experiment", table, "--target", "colour")
    assert (wrong.returncode, "no column “colour”" in wrong.stderr) == (1, True)
    (tmp_path / "bad.csv").write_bytes(b"a,b\n1,2\n3\n")
    bad = torchglass("tables", "add", str(tmp_path / "bad.csv"))
    assert (bad.returncode, "Row 3 has 1 cell" in bad.stderr) == (1, True)
    assert torchglass("tables", "add", str(tmp_path / "none.csv")).stderr.count("\n") == 1
    assert torchglass("tables", "remove", table[:8]).returncode == 0
    assert torchglass("tables", "list").stdout == ""
