"""States, slots, watches and the document of a run."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from itertools import product

import pytest

from torchglass.ids import ClientId
from torchglass.presets import load_preset
from torchglass.protocol.commands import Input, Watch
from torchglass.protocol.run import RunState
from torchglass.sessions.document import Document
from torchglass.sessions.errors import RefusedError, RevisionConflictError
from torchglass.sessions.inputs import MAX_SLOTS, Inputs
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
    assert (changed.label, changed.trains, document.revision) == ("learning rate 0.002 → 0.01", True, 1)
    assert document.experiment.network == before.network
    with pytest.raises(RevisionConflictError):
        document.set(LR, 0.02, 0)
    assert document.set(LR, 0.01, 1) is None
    assert document.revision == 1


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
