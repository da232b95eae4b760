"""The landscape of the loss over the API: measured beside a run, which goes on."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from tests.serving import Serving, reached


def roughness(path: list[dict[str, float]]) -> float:
    """How much a path bends on its way: the mean change from one step to the next, as a share of a step's length."""
    points = np.array([[point["x"], point["y"]] for point in path])
    steps = np.diff(points, axis=0)
    return float(np.linalg.norm(np.diff(steps, axis=0), axis=1).mean() / np.linalg.norm(steps, axis=1).mean())


async def test_the_landscape_of_a_run_and_the_path_that_it_took(serving_real: Serving) -> None:
    async with serving_real() as server:
        run = (await server.create(preset="moons-mlp"))["id"]

        async def lines(**wanted: Any) -> list[dict[str, Any]]:
            async with server.http.stream("POST", f"/api/runs/{run}/landscape", json={"size": 7} | wanted) as answer:
                assert answer.status_code == 200
                return [json.loads(line) async for line in answer.aiter_lines()]

        *_, ended = await lines(directions="path")
        assert "let it train" in ended["message"]
        async with server.live(run) as client:
            await client.ask("step", n=400)
            await client.event("state", state="paused", step=400)
        begun, *rows, ended = await lines(directions="path")
        assert ended == {"type": "ended", "message": None}
        assert begun["step"] == 400
        assert begun["path"][0]["step"] == 0
        assert 0.5 < begun["share"] <= 1
        assert [len(row) for part in rows for row in part["rows"]] == [7] * 7
        assert rows[0]["first"] == 0
        begun, *_ = await lines(directions="batches")
        assert [begun["batch"], begun["together"]] == [10, 250]
        steps = [[point["step"] for point in begun[name]] for name in ("path", "whole")]
        assert steps == [list(range(401, 461))] * 2
        assert roughness(begun["whole"]) < 0.5 * roughness(begun["path"])
        begun, *_ = await lines(directions="random", seed=4)
        assert begun["span"] == [1.0, 1.0]
        assert (await server.http.get(f"/api/runs/{run}")).json()["step"] == 400
        assert (await server.http.post("/api/runs/rnobody/landscape", json={})).status_code == 404
        await reached(lambda: all(worker.dead for worker in server.context.surveyor._workers))
