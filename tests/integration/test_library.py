"""The library over http: kept, listed, renamed, replaced, removed; what it refuses and how it says so."""

from __future__ import annotations

from typing import Any

import pytest
from tests.serving import Server

from torchglass.presets import load_preset


def document(**changes: Any) -> dict[str, Any]:
    return load_preset("xor-mlp").model_dump(mode="json") | changes


async def keep(server: Server, **changes: Any) -> dict[str, Any]:
    answer = await server.http.post("/api/library", json={"experiment": document(**changes)})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/api/library/{made['id']}"
    return made


async def test_an_experiment_is_kept_found_renamed_and_removed(server: Server) -> None:
    made = await keep(server, name="Mine <b>", seed=7)
    address = f"/api/library/{made['id']}"
    listed = await server.http.get("/api/library", params={"q": "mine"})
    assert (listed.json(), listed.headers["x-total-count"]) == ([made], "1")
    assert (await server.http.get("/api/library", params={"q": "other"})).json() == []
    assert (await server.http.get(address)).json()["experiment"] == document(name="Mine <b>", seed=7)
    renamed = (await server.http.patch(address, json={"revision": 1, "name": "Ours"})).json()
    assert (renamed["name"], renamed["revision"]) == ("Ours", 2)
    copy = (await server.http.post(f"{address}/duplicate")).json()
    assert copy["name"] == "Ours (copy)"
    assert (await server.http.delete(address, params={"revision": 2})).status_code == 204
    assert [one["name"] for one in (await server.http.get("/api/library")).json()] == ["Ours (copy)"]
    kept = (await server.http.get(f"/api/library/{copy['id']}")).json()["experiment"]
    assert kept == document(name="Ours (copy)", seed=7)


async def test_two_tabs_never_overwrite_each_other(server: Server) -> None:
    made = await keep(server, name="ours")
    address = f"/api/library/{made['id']}"
    assert (await server.http.patch(address, json={"revision": 1, "experiment": document(name="theirs")})).is_success
    for refused in (
        await server.http.patch(address, json={"revision": 1, "experiment": document(name="mine")}),
        await server.http.patch(address, json={"revision": 1, "name": "mine"}),
        await server.http.delete(address, params={"revision": 1}),
    ):
        assert refused.status_code == 409
        assert refused.json()["type"] == "urn:torchglass:bookmark-changed"
        assert "theirs" in refused.json()["detail"]
    assert (await server.http.get(address)).json()["name"] == "theirs"


async def test_an_unfinished_network_may_be_kept(server: Server) -> None:
    made = await keep(server, network={"nodes": [], "edges": [], "parts": {}})
    assert made["layers"] == 0


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"experiment": {}}, "is missing"),
        ({"experiment": {"name": "x"}}, "is missing"),
        ({"experiment": document(version=99)}, "newer Torchglass"),
        ({"experiment": document(name="x" * 10_000)}, "longer than 200"),
        ({"experiment": document(name="")}, "at least 1"),
        ({"experiment": document(description="x" * 1_100_000)}, "at most"),
    ],
)
async def test_what_is_no_experiment_is_not_kept(server: Server, body: dict[str, Any], words: str) -> None:
    answer = await server.http.post("/api/library", json=body)
    assert 400 <= answer.status_code < 500
    assert words in answer.json()["detail"]
    assert len(answer.json()["detail"]) < 300
    assert (await server.http.get("/api/library")).json() == []


async def test_what_is_not_there_is_said(server: Server) -> None:
    for answer in (
        await server.http.get("/api/library/bnothing"),
        await server.http.patch("/api/library/bnothing", json={"revision": 1, "name": "x"}),
        await server.http.post("/api/library/bnothing/duplicate"),
        await server.http.delete("/api/library/bnothing"),
    ):
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:torchglass:no-such-bookmark")
