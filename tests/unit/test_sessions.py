"""States, slots, watches and the document of a run."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from torchglass.ids import ClientId
from torchglass.presets import load_preset
from torchglass.protocol import worker
from torchglass.protocol.commands import COMMANDS, Assign, Input, Watch
from torchglass.protocol.run import Resolved, RunState
from torchglass.sessions.assigned import Assigned
from torchglass.sessions.client import Client
from torchglass.sessions.commands import obey
from torchglass.sessions.document import Document
from torchglass.sessions.errors import RefusedError, RevisionConflictError
from torchglass.sessions.hearing import hear
from torchglass.sessions.inputs import MAX_SLOTS, Inputs
from torchglass.sessions.run import Run
from torchglass.sessions.slots import Slots
from torchglass.sessions.states import IllegalTransitionError, follow
from torchglass.sessions.watches import PER_RUN, Watches

LR = "training.optimizers.model.config.lr"


def test_every_pair_of_states_is_either_allowed_or_raises() -> None:
    allowed = set()
    for now, then in product(RunState, RunState):
        with contextlib.suppress(IllegalTransitionError):
            allowed.add((now, follow(now, then)))
    assert {(state, state) for state in RunState} < allowed
    assert (RunState.PARKED, RunState.QUEUED) in allowed
    with pytest.raises(IllegalTransitionError):
        follow(RunState.PARKED, RunState.RUNNING)


async def test_slots_are_given_in_order_and_given_up_when_cancelled() -> None:
    slots = Slots(1)
    await slots.acquire()
    order: list[int] = []

    async def wait(number: int) -> None:
        await slots.acquire()
        order.append(number)

    tasks = [asyncio.create_task(wait(number)) for number in range(3)]
    await asyncio.sleep(0)
    assert slots.waiting == 3
    tasks[0].cancel()
    await asyncio.sleep(0)
    slots.release()
    await tasks[1]
    slots.release()
    await tasks[2]
    slots.release()
    assert (order, slots.used, slots.waiting) == ([1, 2], 0, 0)


def test_equal_wishes_share_a_stream_at_the_highest_rate() -> None:
    watches = Watches()
    one, two = ClientId("c1"), ClientId("c2")
    stream = watches.add(one, Watch(watch=1, probe="filters", node="conv1", rate=5))
    assert watches.add(two, Watch(watch=9, probe="filters", node="conv1", rate=20)) is stream
    assert [spec.rate for spec in watches.specs()] == [20]
    assert watches.add(two, Watch(watch=9, probe="filters", node="conv2", rate=20)) is not stream
    assert [(spec.node, spec.rate) for spec in watches.specs()] == [("conv1", 5), ("conv2", 20)]
    watches.remove_client(one)
    assert [spec.node for spec in watches.specs()] == ["conv2"]
    watches.remove_client(two)
    assert len(watches) == 0


def test_ones_own_input_is_shared_with_nobody() -> None:
    watches = Watches()
    for name in ("c1", "c2"):
        watches.add(ClientId(name), Watch(watch=1, probe="example", source="mine"))
    assert [spec.source for spec in watches.specs()] == ["slot:c1", "slot:c2"]


def test_watches_of_a_run_are_bounded() -> None:
    watches = Watches()
    for number in range(PER_RUN):
        watches.add(ClientId(f"c{number // 60}"), Watch(watch=number, probe="p", source=f"test:{number}"))
    with pytest.raises(RefusedError, match="already shows"):
        watches.add(ClientId("late"), Watch(watch=0, probe="p", source="train:1"))
    assert len(watches) == PER_RUN
    with pytest.raises(RefusedError, match="not finite"):
        watches.add(ClientId("c1"), Watch(watch=1, probe="p", options={"x": float("nan")}))


def test_inputs_are_bounded() -> None:
    inputs = Inputs()
    command = Input(pixels=base64.b64encode(b"ab").decode(), shape=[2])
    for number in range(MAX_SLOTS):
        inputs.fill(ClientId(f"c{number}"), command)
    with pytest.raises(RefusedError):
        inputs.fill(ClientId("one more"), command)
    assert inputs.fill(ClientId("c1"), command)[1] == b"ab"
    assert inputs.forget(ClientId("c1")) is True
    assert inputs.forget(ClientId("c1")) is False


def test_a_change_counts_revisions_and_keeps_the_rest() -> None:
    document = Document(load_preset("mnist-cnn"))
    before = document.experiment
    changed = document.set(LR, 0.01, 0)
    assert changed is not None
    assert (changed.label, changed.trains, document.revision) == ("learning rate 0.003 → 0.01", True, 1)
    assert document.experiment.network == before.network
    with pytest.raises(RevisionConflictError):
        document.set(LR, 0.02, 0)
    assert document.set(LR, 0.01, 1) is None
    assert document.revision == 1


@pytest.mark.parametrize(
    ("preset", "path", "value", "kind", "label"),
    [
        ("spiral-mlp", "data.kind", "circle", "set", "data spiral → circle"),
        ("spiral-mlp", "data.config.noise", 0.3, "set", "noise 0 → 0.3"),
        ("mnist-cnn", "data.split.train", 500, "set", "training examples none → 500"),
        ("mnist-cnn", "network.nodes.conv1.config.out_channels", 12, "edit", "Conv 1: filters 8 → 12"),
        ("mnist-cnn", "training.precision", "float64", "set", "precision float32 → float64"),
        ("saliency", "training.schedule.kind", "cosine", "set", "schedule constant → cosine"),
        ("mnist-cnn", "seed", 7, "set", "seed 1 → 7"),
        ("mnist-cnn", "training.optimizers.model.kind", "sgd", "set", "optimizer adam → sgd"),
        ("mnist-cnn", "recipe.config.loss.kind", "hinge", "set", "loss cross_entropy → hinge"),
    ],
)
def test_everything_that_makes_sense_can_change(preset: str, path: str, value: object, kind: str, label: str) -> None:
    document = Document(load_preset(preset))
    changed = document.set(path, value, 0)
    assert changed is not None
    assert (changed.kind, changed.label, changed.trains) == (kind, label, True)


def test_another_kind_keeps_the_settings_that_both_have() -> None:
    document = Document(load_preset("spiral-mlp"))
    document.set("data.config.noise", 0.2, 0)
    document.set("data.kind", "circle", 1)
    assert document.experiment.data.config["noise"] == 0.2
    document = Document(load_preset("mnist-cnn"))
    document.set("training.optimizers.model.kind", "adamw", 0)
    assert document.experiment.training.optimizers["model"].config["lr"] == 0.003
    document.set("training.optimizers.model.kind", "sgd", 1)  # its rate means something else
    assert "lr" not in document.experiment.training.optimizers["model"].config


def test_what_cannot_change_says_why_and_the_way_out() -> None:
    document = Document(load_preset("mnist-cnn"))
    training = document.experiment.training.model_dump(mode="json")
    for path, value in (("training.device", "cpu"), ("training", {**training, "device": "cpu"}), ("stages", [])):
        with pytest.raises(RefusedError, match="start a new run") as refused:
            document.set(path, value, 0)
        assert refused.value.code == "fixed"
    assert document.revision == 0


def test_an_edit_says_what_it_did_and_is_refused_whole() -> None:
    document = Document(load_preset("mnist-mlp"))
    network = document.experiment.network.model_dump(mode="json")
    first = next(node["id"] for node in network["nodes"] if node["kind"] == "linear")
    longer = {**network, "nodes": [*network["nodes"], {"id": "spare", "kind": "linear", "config": {"out_features": 3}}]}
    longer["edges"] = [*network["edges"], {"source": first, "target": "spare"}]
    changed = document.edit({"network": longer}, 0)
    assert changed is not None
    assert (changed.label, changed.kind, document.revision) == ("added spare (dense)", "edit", 1)
    assert document.edit({"network": longer}, 1) is None
    broken = {**network, "nodes": [node for node in network["nodes"] if node["id"] != first]}
    with pytest.raises(RefusedError) as refused:
        document.edit({"network": broken}, 1)
    assert refused.value.node or refused.value.field
    assert document.revision == 1
    undone = document.edit({"network": network}, 1)
    assert undone is not None
    assert undone.label == "removed spare (dense)"


def test_assignments_wait_for_a_checkpoint() -> None:
    assigned = Assigned()
    command = Assign(node="a", parameter="weight", index=[0, 1], value=0.5)
    first, second = assigned.add(command, "a"), assigned.add(command, "a")
    assigned.saved(first.number)
    assert [message.number for message in assigned.all()] == [second.number]
    assert Assigned().add(command, "a").number >= first.number  # a later life of the server counts on
    assigned.clear()
    assert assigned.all() == []


def test_names_and_views_do_not_train() -> None:
    document = Document(load_preset("mnist-cnn"))
    renamed = document.set("name", "Mine", 0)
    moved = document.set("view.positions.conv1", [1.0, 2.0], 1)
    assert renamed is not None
    assert moved is not None
    assert (renamed.trains, moved.trains, document.revision) == (False, False, 1)
    assert document.experiment.view.positions == {"conv1": (1.0, 2.0)}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("data.batch_size", 128),
        ("training.regularization.l2", 0.001),
        ("training.gradient_clipping", 1.0),
        ("training.stop.epochs", 3),
    ],
)
def test_what_may_change_while_training(path: str, value: object) -> None:
    document = Document(load_preset("mnist-cnn"))
    changed = document.set(path, value, 0)
    assert changed is not None
    assert (changed.path, changed.value, changed.trains) == (path, value, True)


class _Nowhere:
    """A store that keeps nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


class _Mailbox:
    """Takes what a run tells its worker."""

    pid = None

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, message: worker.Start | worker.Go, body: bytes = b"") -> bool:
        self.sent.append(message.type)
        return True

    def wake(self) -> None:
        """It is on its way already."""


def _run_at_its_start(folder: Path, commands_before: Sequence[str], commands_meanwhile: Sequence[str]) -> list[bool]:
    """Whether the start message, and what follows ``ready``, tell the worker to train."""
    engine: Any = None  # not used here
    store: Any = _Nowhere()
    run = Run(load_preset("xor-mlp"), engine=engine, slots=Slots(1), directory=folder / "none", repository=store)
    run.supervisor = box = _Mailbox()  # type: ignore[assignment]  # the same methods
    client = Client()
    for kind in commands_before:
        obey(run, client, COMMANDS.validate_python({"type": kind}))
    run.enter(RunState.STARTING)
    start = run.start_message()
    for kind in commands_meanwhile:
        obey(run, client, COMMANDS.validate_python({"type": kind}))
    box.sent.clear()
    resolved = Resolved(stepper="eager", device="cpu", threads=1, memory_format="contiguous", dtype="float32")
    ready = worker.Ready(step=0, epoch=0, steps_per_epoch=1, parameters=9, resolved=resolved)
    hear(run, ready.model_dump(mode="json"), b"")
    return [start.go is not None, "go" in box.sent]


@pytest.mark.parametrize(
    ("before", "meanwhile", "told"),
    [
        ([], [], [False, False]),
        (["run"], [], [True, False]),
        ([], ["run"], [False, True]),
        (["run"], ["pause"], [True, False]),
        (["run"], ["pause", "run"], [True, True]),
    ],
)
def test_a_worker_is_told_once_to_train(
    tmp_path: Path, before: list[str], meanwhile: list[str], told: list[bool]
) -> None:
    """With its start, or after it is ready where the wish is a later one."""
    assert _run_at_its_start(tmp_path, before, meanwhile) == told
