"""Baselines over the API: fitted beside a run, which does not notice; whoever leaves ends them."""

from __future__ import annotations

import json

from tests.serving import Serving, reached


async def test_the_baselines_of_a_run(serving_real: Serving) -> None:
    async with serving_real() as server:
        run = (await server.create(preset="iris-mlp"))["id"]
        async with server.http.stream("POST", f"/api/runs/{run}/baselines") as answer:
            assert answer.status_code == 200
            begun, *fitted, ended = [json.loads(line) async for line in answer.aiter_lines()]
        assert begun["measure"] == "accuracy"
        assert [one["name"] for one in fitted] == begun["models"]
        assert min(one["score"] for one in fitted) > 0.8
        assert ended == {"type": "ended", "message": None}
        assert (await server.http.post("/api/runs/rnobody/baselines")).status_code == 404
        async with server.http.stream("POST", f"/api/runs/{run}/baselines") as answer:
            await anext(answer.aiter_lines())
        await reached(lambda: all(worker.dead for worker in server.context.fitter._workers))
