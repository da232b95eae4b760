"""Editing a run while it trains, over the real websocket, with the real worker."""

from __future__ import annotations

import copy
import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from live_client import Event, LiveClient
from tests.serving import Server, Serving


def dense(**hidden: Any) -> dict[str, Any]:
    """A small dense network on two moons, in float64."""
    return {
        "version": 1,
        "name": "moons",
        "seed": 3,
        "data": {"kind": "moons", "config": {"count": 200}, "batch_size": 16},
        "network": {
            "nodes": [
                {"id": "x", "kind": "input", "config": {"field": "point"}},
                {"id": "inputs", "kind": "features", "config": {}},
                {"id": "hidden", "kind": "linear", "config": {"out_features": 5, **hidden}},
                {"id": "act", "kind": "tanh", "config": {}},
                {"id": "out", "kind": "linear", "config": {"out_features": 2}},
            ],
            "edges": [
                {"source": a, "target": b}
                for a, b in (("x", "inputs"), ("inputs", "hidden"), ("hidden", "act"), ("act", "out"))
            ],
        },
        "recipe": {"kind": "supervised", "config": {"output": "out", "target": "label"}},
        "training": {
            "optimizers": {"model": {"kind": "adam", "config": {"lr": 0.01}}},
            "precision": "float64",
            "stepper": "eager",
        },
    }


def changed(network: dict[str, Any], **configs: dict[str, Any]) -> dict[str, Any]:
    """The network with settings of some nodes replaced."""
    new = copy.deepcopy(network)
    for node in new["nodes"]:
        node["config"] |= configs.get(node["id"], {})
    return new


@pytest.fixture
async def server(serving_real: Serving) -> AsyncIterator[Server]:
    async with serving_real() as running:
        yield running


async def opened(server: Server, client: LiveClient, steps: int = 10) -> None:
    await client.event("state", state="paused")
    await trained(client, steps)


async def trained(client: LiveClient, steps: int) -> None:
    """Train so many steps and wait for the pause."""
    seen = len(client.events)
    await client.ask("step", n=steps)
    await client.event("state", after=seen, state="running")
    await client.event("state", after=seen, state="paused")


async def weights(client: LiveClient, node: str = "hidden", tap: str = "weight") -> np.ndarray:
    """The parameter as the worker shows it now."""
    known = len(client.frames)
    number = 100 + known % 1000
    await client.ask("watch", watch=number, probe="weights", node=node, tap=tap, rate=20)
    header, body = await client.until(lambda c: next((f for f in c.frames[known:] if f[0].watch == number), None))
    await client.ask("unwatch", watch=number)
    return np.frombuffer(body, np.float32).reshape(header.shape)


async def edited(client: LiveClient, network: dict[str, Any], revision: int) -> Event:
    """Edit, and wait for the mark."""
    seen = len(client.events)
    answer = await client.ask("edit", network=network, revision=revision)
    assert answer["type"] == "ack", answer
    mark: Event = (await client.event("mark", after=seen))["mark"]
    assert mark["kind"] == "edit"
    return mark


async def test_widening_keeps_the_old_part_and_undo_brings_back_what_was_removed(server: Server) -> None:
    run = await server.create(experiment=dense())
    network = run["experiment"]["network"]
    async with server.live(run["id"]) as client:
        await opened(server, client)
        before = await weights(client)
        mark = await edited(client, changed(network, hidden={"out_features": 8}), 0)
        assert (mark["label"], mark["step"]) == ("hidden: units 5 → 8", 10)
        wide = await weights(client)
        assert wide.shape == (8, 2)
        np.testing.assert_array_equal(wide[:5], before)
        await trained(client, 10)
        narrow = changed(network, hidden={"out_features": 3})
        late = await weights(client)
        await edited(client, narrow, 1)
        await trained(client, 10)
        await edited(client, changed(network, hidden={"out_features": 8}), 2)
        back = await weights(client)
        np.testing.assert_array_equal(back[3:], late[3:])
        assert not np.array_equal(back[:3], late[:3])  # these went on learning
        info = (await server.http.get(f"/api/runs/{run['id']}")).json()
        assert (info["step"], info["revision"], info["parameters"]) == (30, 3, 8 * 3 + 9 * 2)


async def test_a_removed_layer_comes_back_with_its_weights(server: Server) -> None:
    run = await server.create(experiment=dense())
    network = run["experiment"]["network"]
    without = copy.deepcopy(network)
    without["nodes"] = [node for node in without["nodes"] if node["id"] not in ("hidden", "act")]
    without["edges"] = [{"source": "x", "target": "inputs"}, {"source": "inputs", "target": "out"}]
    async with server.live(run["id"]) as client:
        await opened(server, client)
        before = {name: await weights(client, *name) for name in (("hidden", "weight"), ("out", "weight"))}
        await client.ask("watch", watch=1, probe="weights", node="hidden", tap="weight", rate=20)
        await client.until(lambda c: any(header.watch == 1 for header, _ in c.frames))
        await edited(client, without, 0)
        gone = await client.event("problem", code="nothing-to-see")
        assert "hidden" in gone["message"]
        await trained(client, 5)
        shown = len(client.frames)
        await edited(client, network, 1)
        await client.until(lambda c: any(header.watch == 1 for header, _ in c.frames[shown:]))
        for name, value in before.items():
            np.testing.assert_array_equal(await weights(client, *name), value)


async def test_an_input_switched_off_and_on_again(server: Server) -> None:
    run = await server.create(experiment=dense())
    path = "network.nodes.inputs.config.x1"
    async with server.live(run["id"]) as client:
        await opened(server, client)
        before = await weights(client)
        assert (await client.ask("set", path=path, value=False, revision=0))["revision"] == 1
        mark = (await client.event("mark"))["mark"]
        assert (mark["kind"], mark["label"]) == ("edit", "inputs: x₁ on → off")
        assert (await weights(client)).tolist() == before[:, 1:].tolist()
        await trained(client, 5)
        learned = await weights(client)
        await client.ask("set", path=path, value=True, revision=1)
        back = await weights(client)
        np.testing.assert_array_equal(back, np.concatenate([before[:, :1], learned], axis=1))


async def test_an_old_revision_conflicts_and_a_bad_network_changes_nothing(server: Server) -> None:
    run = await server.create(experiment=dense())
    network = run["experiment"]["network"]
    async with server.live(run["id"]) as one, server.live(run["id"]) as two:
        await opened(server, one)
        await edited(one, changed(network, hidden={"out_features": 6}), 0)
        conflict = await two.ask("edit", network=changed(network, hidden={"out_features": 9}), revision=0)
        assert (conflict["type"], conflict["revision"]) == ("conflict", 1)
        broken = copy.deepcopy(network)
        broken["edges"].pop()
        refused = await two.ask("edit", network=broken, revision=1)
        assert (refused["type"], refused["node"]) == ("problem", "out")
        assert (await weights(one)).shape == (6, 2)
        assert (await server.http.get(f"/api/runs/{run['id']}")).json()["revision"] == 1


async def test_one_weight_is_set_by_hand(server: Server) -> None:
    run = await server.create(experiment=dense())
    async with server.live(run["id"]) as client:
        await opened(server, client, 3)
        before = await weights(client)
        assert (await client.ask("assign", node="hidden", parameter="weight", index=[2, 1], value=1.5))["type"] == "ack"
        mark = (await client.event("mark"))["mark"]
        assert mark["label"] == f"hidden: weight[2, 1] {before[2, 1]:.4g} → 1.5"
        expected = before.copy()
        expected[2, 1] = 1.5
        np.testing.assert_array_equal(await weights(client), expected)
        for wrong, field in (
            ({"node": "nobody"}, "node"),
            ({"parameter": "slope"}, "parameter"),
            ({"index": [5, 0]}, "index"),
            ({"index": [0]}, "index"),
        ):
            asked = {"node": "hidden", "parameter": "weight", "index": [0, 0], "value": 1.0} | wrong
            answer = await client.ask("assign", **asked)
            assert (answer["type"], answer["code"], answer["field"]) == ("problem", "no-such-path", field)


@pytest.mark.timeout(120)
async def test_a_worker_killed_after_an_edit_comes_back_with_the_same_numbers(server: Server) -> None:
    """Two runs with the same edits; one loses its worker right after them."""
    learned = []
    for killed in (False, True):
        run = await server.create(experiment=dense())
        network = run["experiment"]["network"]
        async with server.live(run["id"]) as client:
            await opened(server, client, 20)
            await edited(client, changed(network, hidden={"out_features": 7}, inputs={"product": True}), 0)
            await client.ask("assign", node="hidden", parameter="weight", index=[6, 2], value=0.75)
            if killed:
                pid = (await server.http.get(f"/api/runs/{run['id']}")).json()["worker_pid"]
                os.kill(pid, signal.SIGKILL)
                await client.event("state", state="interrupted")
                seen = len(client.events)
                await client.event("state", after=seen, state="paused")
            await trained(client, 20)
            assert client.steps[-1] == 40
            learned.append([await weights(client), await weights(client, "out")])
    for once, again in zip(*learned, strict=True):
        np.testing.assert_array_equal(once, again)


async def test_other_data_from_the_next_step_on(server: Server) -> None:
    run = await server.create(experiment=dense())
    async with server.live(run["id"]) as client:
        await opened(server, client)
        before = await weights(client)
        await client.ask("watch", watch=1, probe="points", rate=20, options={"split": "train"})
        first = await client.until(lambda c: next((body for header, body in c.frames if header.watch == 1), None))
        for revision, (path, value) in enumerate(
            {"data.config.noise": 0.4, "data.kind": "spiral", "data.config.count": 300, "data.batch_size": 7}.items()
        ):
            shown = len(client.frames)
            assert (await client.ask("set", path=path, value=value, revision=revision))["type"] == "ack"
            if path != "data.batch_size":
                await client.until(lambda c, n=shown: any(h.watch == 1 for h, _ in c.frames[n:]))
        last = next(body for header, body in reversed(client.frames) if header.watch == 1)
        assert last != first
        np.testing.assert_array_equal(await weights(client), before)
        info = (await server.http.get(f"/api/runs/{run['id']}")).json()
        assert (info["step"], info["steps_per_epoch"]) == (10, -(-150 // 7))
        assert info["experiment"]["data"]["config"]["noise"] == 0.4
        await trained(client, 5)
