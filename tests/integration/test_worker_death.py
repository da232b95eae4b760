"""A worker that dies, hangs or cannot build: said in words, restored from its checkpoint, nobody else notices."""

from __future__ import annotations

import os
import signal

import pytest
from tests.serving import Server, Serving, reached

from torchglass.protocol.run import RunState


async def test_kill_minus_nine_is_said_and_the_run_goes_on(server: Server) -> None:
    other = await server.create(preset="mnist-cnn", start=True)
    run = await server.create(preset="mnist-cnn", start=True)
    async with server.live(run["id"]) as client, server.live(other["id"]) as bystander:
        await client.until(lambda c: len(c.steps) > 30)
        pid = (await server.http.get(f"/api/runs/{run['id']}")).json()["worker_pid"]
        os.kill(pid, signal.SIGKILL)
        interrupted = await client.event("state", state="interrupted")
        assert interrupted["problem"]["code"] == "worker-died"
        assert "checkpoint" in interrupted["problem"]["way_out"]
        seen = len(client.events)
        mark = (await client.event("mark"))["mark"]
        assert mark["kind"] == "restored"
        assert mark["step"] >= 20
        await client.event("state", after=seen, state="running")
        target = client.steps[-1] + 20
        await client.until(lambda c: c.steps[-1] > target)
        assert client.steps == list(range(1, len(client.steps) + 1))
        stood = [event["step"] for event in client.events[seen:] if event["type"] in ("pulse", "state")]
        assert min(stood) >= mark["step"]
        info = (await server.http.get(f"/api/runs/{run['id']}")).json()
        assert info["problem"] is None
        assert info["worker_pid"] != pid
        await bystander.until(lambda c: len(c.steps) > 40)
        assert not any(event.get("state") == "interrupted" for event in bystander.events)


async def test_a_paused_run_comes_back_paused(server: Server) -> None:
    run = await server.create()
    async with server.live(run["id"]) as client:
        await client.event("state", state="paused")
        await client.ask("step", n=5)
        paused = await client.event("state", state="paused", step=5)
        os.kill(paused["worker_pid"], signal.SIGKILL)
        await client.event("state", state="interrupted")
        seen = len(client.events)
        back = await client.event("state", after=seen, state="paused")
        assert back["step"] == 5


async def test_a_stopped_process_is_noticed(server: Server) -> None:
    run = await server.create()
    async with server.live(run["id"]) as client:
        await client.event("state", state="paused")
        await client.event("pulse")
        pid = (await server.http.get(f"/api/runs/{run['id']}")).json()["worker_pid"]
        os.kill(pid, signal.SIGSTOP)
        interrupted = await client.event("state", state="interrupted")
        assert interrupted["problem"]["code"] == "stuck"
        await client.event("state", after=client.events.index(interrupted), state="paused")


async def _named(server: Server, name: str) -> dict[str, object]:
    experiment = (await server.http.get("/api/presets/mnist-cnn")).json()["experiment"]
    return await server.create(experiment={**experiment, "name": name})


async def test_a_worker_that_always_dies_is_given_up(server: Server) -> None:
    run = await _named(server, "dies")
    async with server.live(str(run["id"])) as client:
        hello = await client.event("hello")
        failed = hello["run"] if hello["run"]["state"] == "failed" else await client.event("state", state="failed")
        assert failed["problem"]["code"] == "worker-died"
        assert "2 times" in failed["problem"]["message"]
        # Whoever looks at something else does not begin it again: the reason stands until an order comes.
        seen = len(client.events)
        await client.ask("watch", watch=1, probe="filters", node="conv1", tap="weight")
        found = server.runs.get(str(run["id"]))
        assert found is not None
        assert found.state is RunState.FAILED
        await client.ask("run")
        await client.event("state", after=seen, state="starting")


async def test_an_experiment_that_does_not_build_fails_at_its_node(server: Server) -> None:
    run = await _named(server, "refused")
    found = server.runs.get(str(run["id"]))
    assert found is not None
    await reached(lambda: found.state is RunState.FAILED)
    problem = found.info().problem
    assert problem is not None
    assert (problem.code, problem.node) == ("does-not-build", "conv1")


async def test_workers_end_with_the_server(serving: Serving) -> None:
    async with serving() as server:
        run = await server.create(preset="mnist-cnn", start=True)
        async with server.live(run["id"]) as client:
            await client.until(lambda c: len(c.steps) > 3)
        pid = (await server.http.get(f"/api/runs/{run['id']}")).json()["worker_pid"]
    await reached(lambda: not _alive(pid), patience=2.0)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.timeout(120)
async def test_the_real_worker_survives_kill_minus_nine(serving_real: Serving) -> None:
    async with serving_real() as server:
        run = await server.create(preset="mnist-softmax", start=True)
        async with server.live(run["id"]) as client:
            await client.until(lambda c: len(c.steps) > 5, patience=60)
            while not (await server.http.get(f"/api/runs/{run['id']}/checkpoints")).json():
                known = len(client.steps)
                await client.until(lambda c, known=known: len(c.steps) > known, patience=30)
            seen = client.steps[-1]
            await client.until(lambda c: c.steps[-1] > seen, patience=30)
            pid = (await server.http.get(f"/api/runs/{run['id']}")).json()["worker_pid"]
            os.kill(pid, signal.SIGKILL)
            await client.event("state", state="interrupted")
            await client.event("mark")
            at = client.steps[-1]
            await client.until(lambda c: c.steps[-1] > at + 5, patience=60)
            assert client.steps == sorted(set(client.steps))
