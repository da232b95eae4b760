"""A learning rate that blows the weights up, chosen by seed: said in words, nothing infinite kept, and it goes on."""

from __future__ import annotations

import math
import random
import re
from pathlib import Path

import pytest
from tests.serving import Serving, reached

from torchglass.training.checkpoints import load

pytestmark = pytest.mark.timeout(120)
LR = "training.optimizers.model.config.lr"


async def test_a_run_that_diverges_pauses_and_goes_on_from_its_last_finite_weights(
    serving_real: Serving, chance: random.Random, tmp_path: Path
) -> None:
    """One linear unit under the squared error: every step multiplies the weights by the rate and more."""
    async with serving_real() as server:
        run = (await server.create(preset="plane-regression"))["id"]
        async with server.live(run) as client:
            await client.event("state", state="paused")
            good = chance.randint(1, 80)
            await client.ask("step", n=good)
            await client.event("state", state="paused", step=good)
            assert (await client.ask("set", path=LR, value=chance.uniform(1, 100), revision=0))["type"] == "ack"
            await client.ask("run")
            told = await client.until(
                lambda c: next((e for e in c.events if e["type"] == "state" and e["problem"]), None)
            )
            assert (told["state"], told["problem"]["code"]) == ("paused", "diverged")
            assert f"step {told['step']:,}" in told["problem"]["message"]
            assert "Lower the learning rate" in told["problem"]["way_out"]
            said = re.search(r"from step ([\d,]+),", told["problem"]["way_out"])
            assert said, told["problem"]["way_out"]
            last = int(said.group(1).replace(",", ""))
            assert good <= last < told["step"]  # later where a chunk had ended while all was still finite
            answer = await server.http.get(f"/api/runs/{run}")
            assert "NaN" not in answer.text
            assert "Infinity" not in answer.text
            await reached(lambda: load(tmp_path / "runs" / run) is not None)
            kept = load(tmp_path / "runs" / run)
            assert kept is not None
            assert good <= int(str(kept.facts["step"])) <= last
            assert all(bool(tensor.isfinite().all()) for tensor in kept.tensors.values())
            seen = len(client.events)
            assert (await client.ask("set", path=LR, value=0.01, revision=1))["type"] == "ack"
            await client.ask("run")
            assert (await client.event("reset", after=seen))["step"] == last
            await client.event("state", after=seen, state="running", problem=None)
            await client.until(lambda c: c.steps[-1] > good + 300)
        series = (await server.http.get(f"/api/runs/{run}/metrics")).json()["series"]["train.loss"]
        assert all(math.isfinite(value) for value in series["values"])
        assert series["values"][-1] < 0.1
