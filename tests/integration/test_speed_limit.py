"""A speed limit is part of what a run keeps: a new worker and the next server hold it."""

from __future__ import annotations

import os
import signal

import pytest
from live_client import LiveClient
from tests.serving import Serving

LIMIT = 40
#: Many times the limit, and far from the thousands of steps a second that this network makes without one.
NEAR = 10 * LIMIT


async def keeps_to_it(client: LiveClient, after: int) -> None:
    """The run trains, and no faster; what it did before the ``after``-th event does not count."""

    def pulses(client: LiveClient) -> list[float]:
        return [e["steps_per_second"] for e in client.events[after:] if e["type"] == "pulse" and e["steps_per_second"]]

    known = client.steps[-1] if client.steps else 0
    await client.until(lambda c: c.steps and c.steps[-1] > known + LIMIT and len(pulses(c)) >= 2, patience=60)
    assert max(pulses(client)) < NEAR
    assert {e["speed"] for e in client.events[after:] if e["type"] == "pulse"} == {LIMIT}


@pytest.mark.timeout(120)
async def test_a_new_worker_and_a_new_server_know_the_limit(serving_real: Serving) -> None:
    async with serving_real() as server:
        run = (await server.create(preset="xor-mlp"))["id"]
        async with server.live(run) as client:
            assert (await client.ask("speed", steps_per_second=LIMIT))["type"] == "ack"
            await client.ask("run")
            await client.until(lambda c: len(c.steps) > 5)
            os.kill((await server.http.get(f"/api/runs/{run}")).json()["worker_pid"], signal.SIGKILL)
            await client.event("mark")
            await keeps_to_it(client, len(client.events))
    async with serving_real() as server, server.live(run) as client:
        assert (await client.event("hello"))["speed"] == LIMIT
        await client.ask("run")
        await keeps_to_it(client, 0)
