"""A sweep over the API: lines while it trains, a process of its own that ends with it or with whoever asked."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.serving import Server, Serving, reached

from torchglass.presets import load_preset

RATE = "training.optimizers.model.config.lr"


@pytest.fixture(scope="module")
def plane() -> dict[str, Any]:
    return load_preset("plane-regression").model_dump(mode="json")


async def lines(server: Server, **body: Any) -> list[dict[str, Any]]:
    async with server.http.stream("POST", "/api/sweeps", json=body) as answer:
        assert answer.status_code == 200
        return [json.loads(line) async for line in answer.aiter_lines()]


async def test_a_sweep_tells_of_every_network_and_one_that_diverges_stops_alone(
    server: Server, plane: dict[str, Any]
) -> None:
    vary = [{"path": RATE, "values": [0.01, 50.0]}]
    begun, *news, ended = await lines(server, experiment=plane, vary=vary, seeds=2, steps=300)
    assert [one["values"] for one in begun["networks"]] == [[0.01], [0.01], [50.0], [50.0]]
    assert (begun["labels"], ended) == (["learning rate"], {"type": "ended", "message": None})
    assert [one["state"] for one in news[-1]["networks"]] == ["finished", "finished", "diverged", "diverged"]
    curves = [[part["networks"][k]["series"].get("train.loss") for part in news] for k in range(4)]
    steps = [step for curve in curves[0] if curve for step in curve["steps"]]
    assert steps == sorted(set(steps))
    assert steps[-1] == 300
    assert any(one["surface"] for part in news for one in part["networks"])
    assert any("test.loss" in one["series"] for part in news for one in part["networks"])


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"seeds": 10_000}, "seeds", "10,000 networks"),
        ({"vary": [{"path": RATE, "values": [-1]}]}, "lr", "at least 0.0"),
        ({"vary": [{"path": RATE, "values": []}]}, "vary.0.values", "at least 1"),
    ],
)
async def test_a_sweep_that_can_not_be_is_refused(
    server: Server, plane: dict[str, Any], change: dict[str, Any], field: str, words: str
) -> None:
    answer = await server.http.post("/api/sweeps", json={"experiment": plane, "steps": 10} | change)
    assert answer.status_code == 422
    assert field in answer.json()["field"]
    assert words in answer.json()["detail"]


async def test_the_process_ends_when_the_client_leaves(serving: Serving, plane: dict[str, Any]) -> None:
    async with serving() as server:
        sweeper = server.context.sweeper
        body = {"experiment": plane, "vary": [], "seeds": 8, "steps": 100_000}
        async with server.http.stream("POST", "/api/sweeps", json=body) as answer:
            async for line in answer.aiter_lines():
                if json.loads(line)["type"] == "news":
                    break
            assert not all(worker.dead for worker in sweeper._workers)
        await reached(lambda: all(worker.dead for worker in sweeper._workers))
