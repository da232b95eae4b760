"""A server that is killed or told to stop, at moments drawn by seed: nothing of it stays, nothing written is lost."""

from __future__ import annotations

import asyncio
import itertools
import random
import signal
from pathlib import Path

import pytest
from live_client import LiveClient, single_steps
from serve_process import Serve, serve
from tests.serving import reached
from websockets.exceptions import ConnectionClosed

pytestmark = pytest.mark.timeout(180)
LR = "training.optimizers.model.config.lr"
PACE, MOST_LOST = 60, 10.0
#: What clients are told: to come back when the server is there again, or nothing at all.
CLOSED = {signal.SIGTERM: 1012, signal.SIGKILL: 1006}


def descendants(ancestor: int) -> set[int]:
    """Every process that this one started, at any depth."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    found, more = set[int](), {ancestor}
    while more:
        more = {pid for pid, parent in parents.items() if parent in more}
        found |= more
    return found


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


async def train(client: LiveClient) -> None:
    """At a speed whose curve is kept step by step."""
    await client.ask("speed", steps_per_second=PACE)
    await client.ask("run")


def rate_of(revision: int) -> float:
    """The learning rate that :func:`written` sets at that revision."""
    return (revision % 99 + 1) / 100


async def written(client: LiveClient, values: list[float]) -> None:
    """Change the rate again and again; ``values`` are those that were acknowledged."""
    for revision in itertools.count():
        value = rate_of(revision + 1)
        try:
            answer = await client.ask("set", path=LR, value=value, revision=revision)
        except (AssertionError, ConnectionClosed):  # the connection ended before there was an answer
            return
        assert answer["type"] == "ack"
        values.append(value)


async def until_kept(server: Serve, run: str) -> None:
    """Wait for the first checkpoint of a run that trains."""
    async with asyncio.timeout(30):
        while not (await server.http.get(f"/api/runs/{run}/checkpoints")).json():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def ends(folder: Path, chance: random.Random, how: signal.Signals) -> None:
    """Train, write, end the server, start another one where it was and go on."""
    values: list[float] = []
    async with serve(folder) as server:
        run, plain, changed = [await server.create(preset="xor-mlp") for _ in range(3)]
        assert (await server.http.patch(f"/api/runs/{plain}", json={"name": "Kept"})).status_code == 200
        async with server.live(run) as client, server.live(changed) as writer:
            await train(client)
            await client.until(lambda c: c.steps)
            await client.ask("pause")
            await until_kept(server, run)
            await client.ask("run")
            moment = client.steps[-1] + chance.randint(5, 60)
            await client.until(lambda c: c.steps[-1] >= moment)
            writing = asyncio.create_task(written(writer, values))
            await asyncio.sleep(0.2 + chance.random() / 2)
            processes = descendants(server.process.pid)
            assert (await server.info(run))["worker_pid"] in processes
            server.process.send_signal(how)
            await asyncio.wait_for(client.socket.wait_closed(), 10)
            await writing
            assert [client.socket.close_code, writer.socket.close_code] == [CLOSED[how]] * 2
            stood = client.steps[-1]
        status = await asyncio.to_thread(server.process.wait, 10)
        await reached(lambda: all(map(gone, processes)), patience=2.0)
        assert status == -how
    assert values
    async with serve(folder) as server:
        after = await server.info(changed)
        assert after["revision"] >= len(values)
        rate = after["experiment"]["training"]["optimizers"]["model"]["config"]["lr"]
        assert rate == rate_of(after["revision"])
        assert (await server.info(plain))["name"] == "Kept"
        async with server.live(run) as client, server.live(plain) as other:
            restored = (await client.event("state", state="paused"))["step"]
            assert restored >= (stood if how is signal.SIGTERM else stood - PACE * MOST_LOST)
            await asyncio.gather(train(client), train(other))
            target = stood + 40
            for one in (client, other):
                await one.until(lambda c: c.steps and c.steps[-1] > target)
        continued, reference = single_steps(await server.curve(run)), single_steps(await server.curve(plain))
    common = sorted(step for step in continued if step in reference)
    assert len([step for step in common if step > restored]) > 20
    assert {step: continued[step] for step in common} == {step: reference[step] for step in common}


async def test_a_server_that_ends_leaves_nothing_behind_and_loses_nothing(
    tmp_path: Path, chance: random.Random
) -> None:
    """Killed, and told to stop: two servers at once to save time."""
    seed = chance.random()
    both = (signal.SIGKILL, signal.SIGTERM)
    await asyncio.gather(*(ends(tmp_path / how.name, random.Random(f"{how} {seed}"), how) for how in both))
