"""Time in people's hands, with real workers: looking back, going back and coming back, forks."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.fakes.live_client import LiveClient, single_steps
from tests.seams.fixtures import chain, experiment, node
from tests.serving import Server, Serving

from torchglass.ids import RunId

LR = "training.optimizers.model.config.lr"


def document() -> dict[str, Any]:
    nodes = [
        node("x", "input", field="point"),
        node("hidden", "linear", out_features=6),
        node("act", "tanh"),
        node("drop", "dropout", p=0.2),
        node("out", "linear", out_features=2),
    ]
    return experiment(
        "small",
        {"kind": "two_blobs", "batch_size": 16},
        {"nodes": nodes, "edges": chain("x", "hidden", "act", "drop", "out")},
        {"kind": "supervised", "config": {"output": "out", "target": "label"}},
        optimizers={"model": {"kind": "adam", "config": {"lr": 0.01}}},
        precision="float64",
        stepper="eager",
    )


async def train(client: LiveClient, steps: int) -> int:
    """So many steps, then paused; the step that was reached, kept."""
    seen = len(client.events)
    await client.ask("step", n=steps)
    running = await client.event("state", state="running", after=seen)
    paused = await client.event("state", state="paused", after=client.events.index(running))
    step = int(paused["step"])
    await client.until(lambda c: any(step in e["steps"] for e in c.events[seen:] if e["type"] == "kept"))
    measured = (e["series"].get("test.loss", {"steps": []}) for e in client.events[seen:] if e["type"] == "metrics")
    if not any(step in series["steps"] for series in measured):
        await client.until(lambda c: step in c.events[-1].get("series", {}).get("test.loss", {"steps": []})["steps"])
    return step


def asides(client: LiveClient) -> list[dict[str, int]]:
    return next((event["asides"] for event in reversed(client.events) if event["type"] == "kept"), [])


async def picture(server: Server, run: str) -> dict[str, Any]:
    """What somebody who comes now sees, and what the store says, which must be the same."""
    async with server.live(run) as client:
        hello = await client.event("hello")
    stored = (await server.http.get(f"/api/runs/{run}/metrics?points=10000")).json()
    series = {name: (curve["steps"], curve["values"]) for name, curve in hello["series"].items()}
    assert {name: (curve["steps"], curve["values"]) for name, curve in stored["series"].items()} == series
    marks = [(mark["step"], mark["kind"], mark["label"]) for mark in hello["marks"]]
    info = hello["run"]
    return {"series": series, "marks": marks, "step": info["step"], "experiment": info["experiment"]}


@pytest.mark.timeout(120)
async def test_going_back_and_coming_back_survive_the_server(serving_real: Serving) -> None:
    async with serving_real() as server:
        run = (await server.create(experiment=document()))["id"]
        async with server.live(run) as client:
            await client.event("state", state="paused")
            await train(client, 20)
            at_20 = await picture(server, run)
            revision = (await client.ask("set", path=LR, value=0.1, revision=0))["revision"]
            await train(client, 30)
            at_50 = await picture(server, run)
            assert at_50["marks"] == [(20, "set", "learning rate 0.01 → 0.1")]
            answer = await client.ask("rewind", step=20)
            assert (answer["type"], answer["step"]) == ("ack", 20)
            assert answer["revision"] > revision
            back = await picture(server, run)
            assert back["series"]["train.loss"] == at_20["series"]["train.loss"]
            assert back["experiment"] == at_20["experiment"]
            assert back["marks"] == [(20, "rewind", "back from step 50")]
            await train(client, 5)
            await client.until(lambda c: asides(c) == [{"branch": 1, "base": 20, "end": 50}])
            other = await picture(server, run)
    async with serving_real() as server, server.live(run) as client:
        await client.event("state", state="paused")
        assert await picture(server, run) == other
        await client.until(lambda c: asides(c) == [{"branch": 1, "base": 20, "end": 50}])
        answer = await client.ask("rewind", step=50, branch=1)
        assert (answer["type"], answer["step"]) == ("ack", 50)
        assert await picture(server, run) == at_50
        whole = await client.event("curves")
        assert whole["series"]["train.loss"]["steps"] == at_50["series"]["train.loss"][0]
        # The other way out is set aside in its turn.
        await client.until(lambda c: asides(c) == [{"branch": 2, "base": 20, "end": 25}])
        assert (await client.ask("rewind", step=25, branch=2))["type"] == "ack"
        assert (await picture(server, run))["series"] == other["series"]


@pytest.mark.timeout(120)
async def test_a_fork_begins_as_its_parent_and_gives_the_same_numbers(serving_real: Serving, tmp_path: Path) -> None:
    async with serving_real() as server:
        run = (await server.create(experiment=document()))["id"]
        async with server.live(run) as client:
            await client.event("state", state="paused")
            await train(client, 20)
            await client.ask("set", path=LR, value=0.1, revision=0)
            await train(client, 20)
            parent = await picture(server, run)
            made = await server.http.post(f"/api/runs/{run}/fork", json={"step": 20})
            assert made.status_code == 201
            fork = made.json()
            assert fork["parent"] == {"run": run, "step": 20, "name": "small"}
            assert (fork["name"], fork["step"]) == ("small (fork at 20)", 20)
            assert fork["experiment"]["training"] == document()["training"] | fork["experiment"]["training"]
            assert fork["experiment"]["training"]["optimizers"]["model"]["config"]["lr"] == 0.01
            async with server.live(fork["id"]) as beside:
                await beside.event("state", state="paused", step=20)
                begun = await picture(server, fork["id"])
                steps, values = parent["series"]["train.loss"]
                assert begun["series"]["train.loss"] == (
                    steps[: len(begun["series"]["train.loss"][0])],
                    values[: len(begun["series"]["train.loss"][0])],
                )
                assert begun["series"]["train.loss"][0][-1] == 20
                assert begun["marks"][-1] == (20, "fork", "forked from step 20")
                assert (await client.ask("rewind", step=20))["type"] == "ack"
                await train(beside, 12)
                await train(client, 12)
                numbers = [(await picture(server, id))["series"]["train.loss"] for id in (run, fork["id"])]
                single = [single_steps({"steps": s, "values": v}) for s, v in numbers]
                common = [step for step in single[0] if step in single[1] and step > 20]
                assert common
                assert [single[0][step] for step in common] == [single[1][step] for step in common]
            listed = (await server.http.get("/api/runs")).json()
            assert [item["parent"] for item in listed] == [fork["parent"], None]
            assert (await server.http.delete(f"/api/runs/{run}", params={"force": True})).status_code == 204
        assert (await server.http.get(f"/api/runs/{fork['id']}/metrics")).json()["series"]["train.loss"]["steps"][
            -1
        ] == 32


@pytest.mark.timeout(120)
async def test_what_cannot_be_is_said_and_nothing_is_lost(serving_real: Serving, tmp_path: Path) -> None:
    async with serving_real() as server:
        run = (await server.create(experiment=document()))["id"]
        async with server.live(run) as client:
            await client.event("state", state="paused")
            step = await train(client, 20)
            before = await picture(server, run)
            answer = await client.ask("rewind", step=10**6)
            assert (answer["type"], answer["code"]) == ("problem", "not-kept")
            assert f"near it there is {step:,}" in answer["message"]
            assert (await client.ask("rewind", step=step, branch=7))["code"] == "not-kept"
            refused = await server.http.post(f"/api/runs/{run}/fork", json={"step": 10**6})
            assert (refused.status_code, refused.json()["type"]) == (409, "urn:torchglass:not-kept")
            # The process dies, and somebody deletes what was kept: said, and the run is as it was.
            held = server.runs.get(RunId(run))
            assert held is not None
            held.supervisor.park()
            await client.event("state", state="parked")
            shutil.rmtree(tmp_path / "runs" / run / "kept")
            refused = await server.http.post(f"/api/runs/{run}/fork", json={"step": 0})
            assert (refused.status_code, refused.json()["type"]) == (409, "urn:torchglass:not-ready")
            seen = len(client.events)
            paused = await client.event("state", state="paused", after=seen)
            await client.until(lambda c: any(e["type"] == "kept" and e["steps"] == [step] for e in c.events[seen:]))
            assert (await client.ask("rewind", step=0))["code"] == "not-kept"
            assert await picture(server, run) == before
            os.kill(paused["worker_pid"], signal.SIGKILL)
            await client.event("state", state="interrupted", after=seen)
            assert (await client.ask("rewind", step=step))["code"] == "not-ready"


@pytest.mark.timeout(120)
async def test_one_looks_back_while_the_others_see_now(serving_real: Serving) -> None:
    watch = {"watch": 3, "probe": "weights", "node": "hidden", "rate": 30}
    async with serving_real() as server:
        run = (await server.create(experiment=document()))["id"]
        async with server.live(run) as one, server.live(run) as other:
            await one.event("state", state="paused")
            step = await train(one, 20)
            await one.ask("watch", **watch)
            await one.until(lambda c: c.frames)
            then = one.frames[-1][1]
            await other.ask("watch", **watch)
            await one.ask("run")
            await one.until(lambda c: c.frames[-1][0].step > 60)
            answer = await one.ask("look", step=step + 1)
            assert (answer["type"], answer["step"] <= step + 40) == ("ack", True)
            assert (await one.ask("look", step=step))["step"] == step
            await one.until(lambda c: c.frames[-1][0].step == step)
            assert one.frames[-1][1] == then
            now = other.frames[-1][0].step
            await other.until(lambda c: c.frames[-1][0].step > now + 30)
            assert one.frames[-1][0].step == step
            assert (await one.ask("look"))["step"] is None
            await one.until(lambda c: c.frames[-1][0].step > now)
            # What one looks at is gone: one sees now again, and is told so.
            await one.ask("look", step=step)
            seen = len(one.events)
            await other.ask("reset")
            told = await one.event("problem", after=seen)
            assert (told["code"], told["id"]) == ("not-kept", None)
            await one.until(lambda c: c.frames[-1][0].step == 0)


async def pruned_at(client: LiveClient, stream: int) -> tuple[int, list[float], list[float]]:
    """(step, weights left, weights in all) of a fresh watch."""
    seen = len(client.frames)
    await client.ask("watch", watch=stream, probe="pruning", rate=20)
    header, body = await client.until(lambda c: next((f for f in c.frames[seen:] if f[0].watch == stream), None))
    counts = np.frombuffer(body, np.float32).reshape(-1, 2)
    return header.step, counts[:, 0].tolist(), counts[:, 1].tolist()


@pytest.mark.timeout(120)
async def test_what_is_pruned_stays_out_through_rewind_and_fork(serving_real: Serving) -> None:
    async with serving_real() as server:
        run = (await server.create(experiment=document()))["id"]
        async with server.live(run) as client:
            await client.event("state", state="paused")
            await train(client, 20)
            refused = await client.ask("set", path="training.pruning", value={"sparsity": 2}, revision=0)
            assert refused["type"] == "problem"
            assert "sparsity" in str(refused)
            await client.ask("set", path="training.pruning", value={"sparsity": 0.5, "first": 20}, revision=0)
            assert await pruned_at(client, 1) == (20, [6, 6], [12, 12])
            kept = await train(client, 10)
            await train(client, 10)
            assert (await client.ask("rewind", step=kept))["type"] == "ack"
            await train(client, 5)
            step, *weights = await pruned_at(client, 2)
            assert (step, weights) == (kept + 5, [[6, 6], [12, 12]])
            made = await server.http.post(f"/api/runs/{run}/fork", json={"step": kept})
        assert made.status_code == 201
        async with server.live(made.json()["id"]) as client:
            await client.event("state", state="paused")
            assert (await pruned_at(client, 1))[1:] == ([6, 6], [12, 12])


async def to_30(client: LiveClient) -> None:
    """From step 12, across the end of the stage, until all that is told of step 30 has come."""
    seen = len(client.events)
    await client.ask("step", n=18)

    def told(c: LiveClient) -> bool:
        new = c.events[seen:]
        tested = (e["series"].get("test.loss", {"steps": []})["steps"] for e in new if e["type"] == "metrics")
        paused = any(e["type"] == "state" and (e["state"], e["step"]) == ("paused", 30) for e in new)
        return paused and any(30 in steps for steps in tested)

    await client.until(told)


@pytest.mark.timeout(120)
async def test_forking_and_going_back_across_the_end_of_a_stage(serving_real: Serving) -> None:
    """The first stage comes back with what it trained, and ends again at the same step with the same numbers."""
    circle = {"kind": "circle", "batch_size": 16, "config": {"count": 60}}
    raw = document()
    raw["training"]["stop"] = {"steps": 20}
    raw["stages"] = [{"name": "blobs"}, {"name": "head", "data": circle, "frozen": ["hidden"], "fresh": ["out"]}]
    async with serving_real() as server:
        run = (await server.create(experiment=raw))["id"]
        async with server.live(run) as client:
            await client.event("state", state="paused")
            assert await train(client, 12) == 12
            await to_30(client)
            later = await picture(server, run)
            assert (later["experiment"]["stage"], later["experiment"]["data"]["kind"]) == (1, "circle")
            assert later["experiment"]["training"]["held"]["hidden"]["frozen"]
            made = await server.http.post(f"/api/runs/{run}/fork", json={"step": 12})
            assert made.status_code == 201, made.text
            fork = made.json()
            assert (fork["experiment"]["stage"], fork["experiment"]["data"]["kind"]) == (0, "two_blobs")
            assert not fork["experiment"]["training"]["held"]
            async with server.live(fork["id"]) as beside:
                await beside.event("state", state="paused", step=12)
                await to_30(beside)
            assert (await client.ask("rewind", step=12))["type"] == "ack"
            back = await picture(server, run)
            assert (back["step"], back["experiment"]["stage"], back["experiment"]["training"]["held"]) == (12, 0, {})
            await to_30(client)
        again, forked = await picture(server, run), await picture(server, fork["id"])
        for one in (again, forked):
            assert one["experiment"]["stage"] == 1
            assert [label for _, _, label in one["marks"] if label.startswith("stage")] == ["stage 2: head"]
            told, expected = (
                single_steps(dict(zip(("steps", "values"), x["series"]["train.loss"], strict=True)))
                for x in (one, later)
            )
            both = told.keys() & expected.keys()
            assert any(step > 12 for step in both)
            assert {step: told[step] for step in both} == {step: expected[step] for step in both}
