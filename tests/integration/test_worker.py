"""The real worker process behind the engine: start, train, obey, look, restore."""

from __future__ import annotations

import asyncio
import time

import pytest
from tests.seams.fixtures import SEAMS

from torchglass.engine.local import LocalEngine
from torchglass.presets import load_preset
from torchglass.protocol import worker as wire


class Desk:
    """One worker and what it has said."""

    def __init__(self, worker):
        self.worker = worker
        self.heard = []
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._listen())

    async def _listen(self):
        async for header, body in self.worker.messages():
            self.heard.append((header, body))
            self._news.set()

    def of(self, kind):
        return [header for header, _ in self.heard if header["type"] == kind]

    async def until(self, condition, seconds=30.0):
        end = time.monotonic() + seconds
        while not condition():
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), end - time.monotonic())

    async def state(self, name):
        await self.until(lambda: any(header["state"] == name for header in self.of("state")))

    async def close(self):
        self.worker.kill()
        await self._task


@pytest.fixture
async def engine():
    engine = LocalEngine()
    await engine.warm_up()
    yield engine
    await engine.close()


@pytest.fixture
async def open_desk(engine):
    desks = []

    async def start(experiment, **more):
        desk = Desk(await engine.start())
        desks.append(desk)
        desk.worker.send(wire.Start(run="r1", experiment=experiment, directory=None).model_copy(update=more))
        return desk

    yield start
    for desk in desks:
        await desk.close()


def cnn():
    return load_preset("mnist-cnn").model_dump(mode="json")


async def test_steps_pauses_and_counts(open_desk):
    desk = await open_desk(SEAMS["perceptron"]())
    await desk.until(lambda: desk.of("ready"))
    desk.worker.send(wire.Advance(n=3, unit="step"))
    await desk.state("paused")
    assert desk.of("state")[-1]["step"] == 3
    points = [
        step for header in desk.of("metrics") for step in header["series"].get("train.loss", {"steps": []})["steps"]
    ]
    assert points == [1, 2, 3]


async def test_a_run_that_is_to_train_at_once_trains_before_it_is_measured(open_desk):
    desk = await open_desk(cnn(), go=wire.Go(until=2))
    await desk.state("paused")
    assert [(header["state"], header["step"]) for header in desk.of("state")] == [("running", 0), ("paused", 2)]
    assert "train.loss" in desk.of("metrics")[0]["series"]


async def test_a_command_is_obeyed_while_training(open_desk):
    desk = await open_desk(cnn())
    await desk.until(lambda: desk.of("ready"))
    desk.worker.send(wire.Go())
    await desk.until(lambda: len(desk.of("metrics")) > 3)
    desk.worker.send(wire.Halt())
    await desk.state("paused")
    step = desk.of("state")[-1]["step"]
    assert step > 0


async def test_changes_leave_a_mark_and_take_effect(open_desk):
    experiment = cnn()
    desk = await open_desk(experiment)
    changed = {**experiment, "data": {**experiment["data"], "batch_size": 8}}
    desk.worker.send(
        wire.Change(path="data.batch_size", before=64, value=8, label="batch size 64 → 8", experiment=changed)
    )
    desk.worker.send(wire.Advance(n=1, unit="step"))
    await desk.state("paused")
    assert desk.of("marked")[0]["mark"]["label"] == "batch size 64 → 8"
    assert desk.of("state")[-1]["epoch"] == pytest.approx(8 / 60_000)


async def test_pictures_arrive_while_paused_and_while_training(open_desk):
    desk = await open_desk(cnn())
    watches = [
        wire.WatchSpec(stream=1, probe="activations", node="conv1", source="test:5", rate=20),
        wire.WatchSpec(stream=2, probe="filters", node="conv1", tap="weight", source="test:5", rate=20),
        wire.WatchSpec(stream=3, probe="predictions", source="test:5", rate=20),
    ]
    desk.worker.send(wire.Watches(watches=watches))
    await desk.until(lambda: {header["stream"] for header in desk.of("frame")} == {1, 2, 3})
    first = next((header, body) for header, body in desk.heard if header["type"] == "frame" and header["stream"] == 1)
    assert (first[0]["shape"], len(first[1])) == ([8, 28, 28], 8 * 28 * 28)
    desk.worker.send(wire.Go())
    await desk.until(lambda: any(header["step"] > 20 for header in desk.of("frame")))


async def test_a_diverged_run_pauses_says_so_and_goes_back(open_desk):
    experiment = cnn()
    experiment["training"]["optimizers"]["model"] = {"kind": "sgd", "config": {"lr": 100.0}}
    desk = await open_desk(experiment)
    desk.worker.send(wire.Go())
    await desk.until(lambda: any(header["problem"] for header in desk.of("state")))
    said = next(header for header in desk.of("state") if header["problem"])
    assert (said["state"], said["problem"]["code"]) == ("paused", "diverged")
    mended = {**experiment, "training": {"optimizers": {"model": {"kind": "sgd", "config": {"lr": 0.01}}}}}
    path = "training.optimizers.model.config.lr"
    desk.worker.send(wire.Change(path=path, before=100.0, value=0.01, experiment=mended))
    desk.worker.send(wire.Advance(n=5, unit="step"))
    await desk.until(lambda: desk.of("state")[-1]["state"] == "paused" and not desk.of("state")[-1]["problem"])
    assert desk.of("restarted") == [{"type": "restarted", "step": 0}]
    assert desk.of("state")[-1]["step"] == 5


async def test_restores_from_its_checkpoint_with_the_same_numbers(open_desk, tmp_path):
    experiment, folder = SEAMS["gan"](), str(tmp_path)
    first = await open_desk(experiment, directory=folder)
    first.worker.send(wire.Advance(n=6, unit="step"))
    first.worker.send(wire.Save())
    await first.until(lambda: any(saved["step"] == 6 for saved in first.of("saved")))
    first.worker.send(wire.Advance(n=4, unit="step"))
    await first.until(lambda: any(header["step"] == 10 for header in first.of("state")))
    second = await open_desk(experiment, directory=folder, restore=True)
    await second.until(lambda: second.of("ready"))
    # The pause at step 10 was saved as well; go on from whatever was newest, with the same numbers.
    assert second.of("ready")[0]["restored"]
    assert second.of("ready")[0]["step"] in (6, 10)


async def test_what_does_not_build_is_said_in_words(open_desk):
    experiment = cnn()
    experiment["network"]["edges"].pop()
    desk = await open_desk(experiment)
    await desk.state("failed")
    problem = desk.of("state")[-1]["problem"]
    assert (problem["code"], problem["node"]) == ("does-not-build", "dense")


async def test_ends_when_the_server_goes_away(engine):
    worker = await engine.start()
    worker.send(wire.Start(run="r1", experiment=SEAMS["perceptron"](), directory=None))
    worker._writer.close()
    assert await worker.gone(5.0)
