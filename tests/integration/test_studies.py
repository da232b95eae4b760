"""Studies of a run over the API: told piece by piece beside a run, which goes on."""

from __future__ import annotations

import json
from typing import Any

from tests.serving import Serving, reached


async def test_a_run_dreams_of_a_digit_and_ends_with_whoever_waits(serving_real: Serving) -> None:
    async with serving_real() as server:
        run = (await server.create(preset="mnist-softmax"))["id"]

        async def lines(**wanted: Any) -> list[dict[str, Any]]:
            async with server.http.stream("POST", f"/api/runs/{run}/study", json=wanted) as answer:
                assert answer.status_code == 200
                return [json.loads(line) async for line in answer.aiter_lines()]

        begun, *pictures, ended = await lines(kind="dream", node="dense", unit=2, steps=20)
        assert begun == {"type": "begun", "step": 0}
        assert [one["done"] for one in pictures] == [1, 5, 10, 15, 20]
        assert pictures[-1]["shape"] == [1, 28, 28]
        assert ended == {"type": "ended", "message": None}
        *_, ended = await lines(kind="dream", node="gone")
        assert "no layer 'gone'" in ended["message"]
        path, long = f"/api/runs/{run}/study", {"kind": "dream", "node": "dense", "steps": 2000}
        answer = server.http.stream("POST", path, json=long)
        async with answer as going:
            await anext(going.aiter_lines())
        await reached(lambda: all(worker.dead for worker in server.context.student._workers))
        begun, *places, ended = await lines(kind="robustness", method="fast", places=3)
        assert [(one["done"], one["type"]) for one in places] == [(1, "place"), (2, "place"), (3, "place")]
        assert (await server.http.post(path, json=long | {"l2": -1})).status_code == 422
        assert (await server.http.post("/api/runs/rnobody/study", json=long)).status_code == 404
