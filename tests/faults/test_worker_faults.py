"""Real workers that are killed and whose checkpoints are damaged, at moments drawn by seed."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from live_client import LiveClient, single_steps
from tests.serving import Server, Serving

pytestmark = pytest.mark.timeout(120)
RESTORED_WITHIN, MOST_LOST = 5.0, 10.0


async def curve(server: Server, run: str) -> dict[int, float]:
    answer = await server.http.get(f"/api/runs/{run}/metrics", params={"points": 10_000})
    return single_steps(answer.json()["series"]["train.loss"])


async def slowly(server: Server, **body: Any) -> str:
    """A run of a tiny network at a speed whose curve is kept step by step."""
    run: str = (await server.create(**(body or {"preset": "xor-mlp"})))["id"]
    async with server.live(run) as client:
        await client.event("state", state="paused")
        await client.ask("speed", steps_per_second=60)
    return run


async def checkpoints(server: Server, run: str) -> list[int]:
    return [one["step"] for one in (await server.http.get(f"/api/runs/{run}/checkpoints")).json()]


async def kept_at(server: Server, client: LiveClient, run: str, step: int) -> None:
    """Train to ``step`` and wait for its checkpoint."""
    await client.ask("step", n=step - (client.steps[-1] if client.steps else 0))
    await client.event("state", state="paused", step=step)
    async with asyncio.timeout(15):
        while step not in await checkpoints(server, run):  # noqa: ASYNC110  (nobody announces it)
            await asyncio.sleep(0.02)


async def test_a_killed_worker_comes_back_with_the_numbers_of_an_uninterrupted_run(
    serving_real: Serving, chance: random.Random
) -> None:
    async with serving_real() as server:
        plain, run = await slowly(server), await slowly(server)
        async with server.live(run) as client, server.live(plain) as other:
            await asyncio.gather(client.ask("run"), other.ask("run"))
            async with asyncio.timeout(30):
                while not await checkpoints(server, run):  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            moment = client.steps[-1] + chance.randint(5, 90)
            await client.until(lambda c: c.steps[-1] >= moment, patience=30)
            before, stood = await curve(server, run), client.steps[-1]
            os.kill((await server.http.get(f"/api/runs/{run}")).json()["worker_pid"], signal.SIGKILL)
            killed = time.monotonic()
            interrupted = await client.event("state", state="interrupted")
            await client.event("state", after=client.events.index(interrupted), state="running")
            assert time.monotonic() - killed <= RESTORED_WITHIN
            restored = next(event["mark"]["step"] for event in client.events if event["type"] == "mark")
            assert stood - restored <= 60 * MOST_LOST
            target = stood + 40
            await client.until(lambda c: c.steps[-1] > target, patience=30)
            await other.until(lambda c: c.steps[-1] > target, patience=60)
            assert not any(event.get("state") == "interrupted" for event in other.events)
        after, reference = await curve(server, run), await curve(server, plain)
        common = [step for step in after if step in reference and step <= target]
        assert len([step for step in common if step > restored]) > 20
        assert {step: after[step] for step in common} == {step: reference[step] for step in common}
        assert {step: before[step] for step in before if step <= restored and step in after} == {
            step: after[step] for step in before if step <= restored and step in after
        }


def truncate(file: Path, chance: random.Random) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: chance.randrange(len(content))])


def flip(file: Path, chance: random.Random) -> None:
    content = bytearray(file.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    file.write_bytes(bytes(content))


async def test_a_damaged_checkpoint_gives_way_to_the_one_before(
    serving_real: Serving, chance: random.Random, tmp_path: Path
) -> None:
    """Truncated, a bit flipped, the list of checkpoints cut short: each time the previous generation is used."""
    async with serving_real() as server:
        for damage, newest in ((truncate, None), (flip, None), (truncate, "checkpoints.json")):
            run = (await server.create(preset="xor-mlp"))["id"]
            async with server.live(run) as client:
                await client.event("state", state="paused")
                first, second = 10, 10 + chance.randint(1, 20)
                await kept_at(server, client, run, first)
                await kept_at(server, client, run, second)
                damage(tmp_path / "runs" / run / (newest or f"checkpoint-{second}.safetensors"), chance)
                seen = len(client.events)
                os.kill((await server.http.get(f"/api/runs/{run}")).json()["worker_pid"], signal.SIGKILL)
                await client.event("state", after=seen, state="paused", step=first)
                mark = await client.event("mark", after=seen)
                assert mark["mark"]["label"] == f"restored from step {first}"
                assert client.steps[-1] == first


async def test_when_every_checkpoint_is_damaged_that_is_said(
    serving_real: Serving, chance: random.Random, tmp_path: Path
) -> None:
    async with serving_real() as server:
        run = (await server.create(preset="xor-mlp"))["id"]
        async with server.live(run) as client:
            await client.event("state", state="paused")
            await kept_at(server, client, run, 10)
            for file in (tmp_path / "runs" / run).glob("*.safetensors"):
                chance.choice([flip, truncate])(file, chance)
            os.kill((await server.http.get(f"/api/runs/{run}")).json()["worker_pid"], signal.SIGKILL)
            problem = (await client.event("state", state="failed"))["problem"]
            assert "damaged" in problem["message"]
            assert "step 0" in problem["way_out"]
