"""Commands, events and pictures over a real websocket, with fake workers."""

from __future__ import annotations

import base64
import contextlib
import json

import pytest
from tests.serving import Server, Serving, reached
from websockets.exceptions import ConnectionClosed

from torchglass.protocol.run import Mark, RunState


async def test_a_run_trains_pauses_and_says_so(server: Server) -> None:
    run = await server.create()
    assert run["state"] in ("queued", "starting", "paused")
    async with server.live(run["id"]) as client:
        hello = await client.event("hello")
        assert hello["run"]["id"] == run["id"]
        assert (await client.ask("run"))["type"] == "ack"
        await client.event("state", state="running")
        await client.until(lambda c: len(c.steps) > 10)
        await client.ask("pause")
        paused = await client.event("state", state="paused", after=len(client.events) - 3)
        info = (await server.http.get(f"/api/runs/{run['id']}")).json()
        assert info["state"] == "paused"
        assert info["step"] == paused["step"]
        assert info["metrics"]["train.loss"] == pytest.approx(1 / paused["step"])
        assert client.steps == list(range(1, paused["step"] + 1))


async def test_one_step_and_one_epoch(server: Server) -> None:
    run = await server.create()
    async with server.live(run["id"]) as client:
        await client.event("state", state="paused")
        await client.ask("step", n=3)
        await client.event("state", state="paused", step=3)
        await client.ask("step", n=1, unit="epoch")
        await client.event("state", state="paused", step=53)


async def test_start_true_trains_at_once(server: Server) -> None:
    run = await server.create(preset="mnist-cnn", start=True)
    async with server.live(run["id"]) as client:
        await client.until(lambda c: len(c.steps) > 3)
        told = [event["state"] for event in client.events if event["type"] == "state"]
        assert told.count("running") <= 1, "it was told twice to train"


async def test_reset_starts_every_curve_again(server: Server) -> None:
    run = await server.create()
    async with server.live(run["id"]) as client:
        await client.event("state", state="paused")
        await client.ask("step", n=5)
        await client.event("state", state="paused", step=5)
        answer = await client.ask("reset", reinitialise=True)
        assert answer["revision"] == 1
        await client.event("reset", step=0)
        info = (await server.http.get(f"/api/runs/{run['id']}")).json()
        assert info["experiment"]["seed"] == run["experiment"]["seed"] + 1
        assert info["metrics"] == {}


async def test_a_change_is_marked_and_an_old_revision_conflicts(server: Server) -> None:
    run = await server.create()
    path = "training.optimizers.model.config.lr"
    async with server.live(run["id"]) as one, server.live(run["id"]) as two:
        await one.event("state", state="paused")
        assert (await one.ask("set", path=path, value=0.004, revision=0))["revision"] == 1
        mark = (await two.event("mark"))["mark"]
        assert (mark["label"], mark["before"], mark["after"]) == ("learning rate 0.003 → 0.004", 0.003, 0.004)
        conflict = await two.ask("set", path="data.batch_size", value=32, revision=0)
        assert conflict["type"] == "conflict"
        assert conflict["revision"] == 1
        assert conflict["experiment"]["training"]["optimizers"]["model"]["config"]["lr"] == 0.004
        told = await two.event("experiment", revision=1)
        assert told["by"] == (await one.event("hello"))["client"]


async def test_a_change_that_the_worker_cannot_follow_is_taken_back(server: Server) -> None:
    experiment = (await server.http.get("/api/presets/mnist-cnn")).json()["experiment"]
    run = await server.create(experiment={**experiment, "name": "unfit"})
    path = "network.nodes.conv1.config.out_channels"
    async with server.live(run["id"]) as one, server.live(run["id"]) as two:
        await one.event("state", state="paused")
        assert (await one.ask("set", path=path, value=9, revision=0))["revision"] == 1
        for client in (one, two):
            problem = await client.event("problem", code="out-of-memory")
            assert problem["message"] == "The change was taken back. It is too large. Make it smaller."
            back = await client.event("experiment", revision=2)
            assert back["experiment"] == run["experiment"]


async def test_a_stage_that_the_worker_enters_is_told_and_starting_again_goes_to_the_first(server: Server) -> None:
    experiment = (await server.http.get("/api/presets/mnist-cnn")).json()["experiment"]
    stages = [{"name": "all"}, {"name": "few", "data": {**experiment["data"], "split": {"train": 100}}}]
    run = await server.create(experiment={**experiment, "stages": stages})
    async with server.live(run["id"]) as client:
        await client.event("state", state="paused")
        found = server.runs.get(run["id"])
        assert found is not None
        found.receive({"type": "staged", "stage": 1}, b"")
        told = (await client.event("experiment", revision=1))["experiment"]
        assert (told["stage"], told["data"]["split"]["train"], told["stages"][1]["data"]) == (1, 100, None)
        found.receive({"type": "staged", "stage": 1}, b"")
        back = await client.ask("set", path="stage", value=0, revision=1)
        assert back["revision"] == 2
        mark = (await client.event("mark"))["mark"]
        assert (mark["label"], mark["before"], mark["after"]) == ("stage 1: all", 1, 0)
        assert (await client.ask("set", path="stage", value=1, revision=2))["revision"] == 3
        await client.ask("reset", reinitialise=False)
        assert found.document.experiment.stage == 0
        assert found.document.experiment.data.split.train is None


async def test_a_slider_dragged_while_paused_leaves_one_mark(server: Server) -> None:
    run = await server.create()
    path = "training.optimizers.model.config.lr"
    async with server.live(run["id"]) as client:
        await client.event("state", state="paused")
        for revision, value in enumerate((0.01, 0.02, 0.03)):
            await client.ask("set", path=path, value=value, revision=revision)
        await client.until(lambda c: sum(event["type"] == "mark" for event in c.events) == 3)
    async with server.live(run["id"]) as late:
        marks = (await late.event("hello"))["marks"]
        assert [mark["after"] for mark in marks] == [0.03]


async def test_changes_after_a_checkpoint_hold_after_a_death_and_so_do_their_marks(server: Server) -> None:
    run = await server.create()
    path = "network.nodes.conv1.config.out_channels"
    async with server.live(run["id"]) as client:
        await client.event("state", state="paused")
        found = server.runs.get(run["id"])
        assert found is not None
        found.mark(Mark(step=30, kind="edit", label="conv1: filters 8 → 9", path=path))
        found.mark(Mark(step=30, kind="diverged", label="diverged"))
        found.went_back(20)
        moved = await client.event("mark", after=client.events.index(await client.event("reset", step=20)))
        assert (moved["mark"]["step"], moved["mark"]["label"]) == (20, "conv1: filters 8 → 9")
        assert [(mark.step, mark.kind) for mark in found.view.marks] == [(20, "edit")]


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("data.batch_size", 0, "invalid-value"),
        ("data.batch_size", "many", "invalid-value"),
        ("training.optimizers.model.config.lr", 1e999, "invalid-value"),
        ("training.optimizers.model.config.nonsense", 1, "no-such-path"),
        ("training.optimizers.nobody.config.lr", 1, "no-such-path"),
        ("network.nodes.conv1.config.out_channels", 0, "invalid-value"),
        ("network.nodes.conv1.kind", "nonsense", "invalid-value"),
        ("network.nodes.nowhere.config.p", 0.5, "no-such-path"),
        ("network.edges", [], "invalid-value"),
        ("data.kind", "xor", "invalid-value"),
        ("training.device", "cpu", "fixed"),
        ("stages", [], "fixed"),
        ("__class__.x", 1, "no-such-path"),
    ],
)
async def test_a_bad_change_is_refused_in_words(server: Server, path: str, value: object, code: str) -> None:
    run = await server.create()
    async with server.live(run["id"]) as client:
        answer = await client.ask("set", path=path, value=value, revision=0)
        assert (answer["type"], answer["code"]) == ("problem", code)
        assert len(answer["message"]) > 10
        info = (await server.http.get(f"/api/runs/{run['id']}")).json()
        assert info["revision"] == 0
        assert info["experiment"] == run["experiment"]


async def test_pictures_carry_the_clients_own_number(server: Server) -> None:
    run = await server.create()
    async with server.live(run["id"]) as one, server.live(run["id"]) as two:
        await one.ask("watch", watch=3, probe="filters", node="conv1", tap="weight", rate=10)
        await two.ask("watch", watch=8, probe="filters", node="conv1", tap="weight", rate=20)
        header, body = (await two.until(lambda c: c.frames))[0]
        assert (header.watch, header.probe, header.node, len(body)) == (8, "filters", "conv1", 16)
        await one.until(lambda c: c.frames and c.frames[0][0].watch == 3)
        assert len(server.runs.all()[0].watches) == 1


async def test_an_input_is_answered_to_its_client_alone(server: Server) -> None:
    run = await server.create()
    async with server.live(run["id"]) as one, server.live(run["id"]) as two:
        await one.event("state", state="paused")
        for client in (one, two):
            await client.ask("watch", watch=1, probe="example", source="mine", rate=10)
        drawn = base64.b64encode(bytes([1, 2, 3, 4])).decode()
        await one.ask("input", pixels=drawn, shape=[2, 2, 1])
        header, body = (await one.until(lambda c: c.frames))[0]
        assert (header.source, body) == ("mine", bytes([1, 2, 3, 4]))
        await two.ask("run")
        await two.until(lambda c: len(c.steps) > 5)
        assert two.frames == []


@pytest.mark.parametrize(
    "command",
    [
        {"pixels": "!!", "shape": [1]},
        {"pixels": "AAAA", "shape": [2, 2]},
        {"pixels": "AAAA"},
        {},
        {"text": "a", "sample": "test:1"},
    ],
)
async def test_a_bad_input_is_refused(server: Server, command: dict[str, object]) -> None:
    run = await server.create()
    async with server.live(run["id"]) as client:
        answer = await client.ask("input", **command)
        assert (answer["type"], answer["code"]) == ("problem", "malformed")


async def test_a_picture_that_cannot_be_is_said_to_whoever_asked(server: Server) -> None:
    run = await server.create()
    async with server.live(run["id"]) as client:
        await client.event("state", state="paused")
        await client.ask("watch", watch=9, probe="nonsense")
        problem = await client.event("problem", code="nothing-to-see")
        assert problem["field"] == "watch:9"


async def test_resuming_leaves_no_hole(server: Server) -> None:
    run = await server.create(preset="mnist-cnn", start=True)
    async with server.live(run["id"]) as client:
        hello = await client.event("hello")
        await client.until(lambda c: len(c.steps) > 5)
        seen = [event["seq"] for event in client.events if "seq" in event]
        last, before = seen[-1], client.steps
    async with server.live(run["id"], stream=hello["stream"], seq=last) as client:
        assert (await client.event("resumed"))["seq"] == last
        await client.until(lambda c: len(c.steps) > 5)
        again = [event["seq"] for event in client.events if "seq" in event and event["type"] != "resumed"]
        assert again == list(range(last + 1, last + 1 + len(again)))
        steps = before + client.steps
        assert steps == list(range(1, len(steps) + 1))


@pytest.mark.parametrize("claim", [{"stream": "sunknown", "seq": 1}, {"seq": 5}, {"seq": 10**9}, {"seq": -4}])
async def test_what_cannot_be_resumed_gets_the_full_picture(server: Server, claim: dict[str, object]) -> None:
    run = await server.create()
    async with server.live(run["id"]) as client:
        stream = (await client.event("hello"))["stream"]
    async with server.live(run["id"], **{"stream": stream, **claim} if claim["seq"] != 5 else claim) as client:
        await client.event("hello")


async def test_malformed_messages_are_answered_and_then_end_the_connection(server: Server) -> None:
    run = await server.create()
    unreadable = ["no json", "[]", '{"type": "explode"}', '{"type": "watch", "watch": -1, "probe": "x"}', "{" * 5000]
    async with server.live(run["id"]) as client:
        for text in unreadable:
            await client.socket.send(text)
        await client.until(lambda c: sum(event.get("code") == "malformed" for event in c.events) == 5)
        assert (await client.ask("pause"))["type"] == "ack"
        with contextlib.suppress(ConnectionClosed):
            for _ in range(40):
                await client.socket.send(b"\x00")
        await client.socket.wait_closed()
        assert client.socket.close_code == 1008


async def test_too_many_watches_are_refused(server: Server) -> None:
    run = await server.create()
    async with server.live(run["id"]) as client:
        for number in range(64):
            assert (await client.ask("watch", watch=number, probe="filters", node="conv1"))["type"] == "ack"
        answer = await client.ask("watch", watch=64, probe="filters", node="conv1")
        assert answer["code"] == "too-many-watches"
        await client.ask("unwatch", watch=0)
        assert (await client.ask("watch", watch=64, probe="filters", node="conv1"))["type"] == "ack"


async def test_an_unknown_run_is_closed_with_words(server: Server) -> None:
    async with server.live("rnothing") as client:
        await client.socket.wait_closed()
        assert client.socket.close_code == 4404


async def test_an_idle_run_is_parked_and_comes_back(serving: Serving) -> None:
    async with serving(park_after=0.2) as server:
        run = await server.create()
        async with server.live(run["id"]) as client:
            await client.event("state", state="paused")
            await client.ask("step", n=7)
            await client.event("state", state="paused", step=7)
        found = server.runs.get(run["id"])
        assert found is not None
        await reached(lambda: found.state is RunState.PARKED)
        assert found.info().worker_pid is None
        async with server.live(run["id"]) as client:
            await client.event("state", state="paused", step=7)
            assert found.problem is None


async def test_runs_queue_for_workers_and_idle_ones_make_room(serving: Serving) -> None:
    async with serving(max_workers=1) as server:
        first = await server.create(preset="mnist-cnn", start=True)
        second = await server.create(preset="mnist-cnn", start=True)
        async with server.live(first["id"]) as one, server.live(second["id"]) as two:
            await one.until(lambda c: len(c.steps) > 3)
            assert json.loads((await server.http.get(f"/api/runs/{second['id']}")).text)["state"] == "queued"
            await one.ask("pause")
        async with server.live(second["id"]) as two:
            await two.until(lambda c: len(c.steps) > 3)
