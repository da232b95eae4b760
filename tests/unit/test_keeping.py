"""Going back in time inside a worker: the same numbers again, the state of now to come back to, nothing lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edited import document, state
from tests.fakes.session_desk import SessionDesk
from tests.seams.fixtures import chain, node

from torchglass.protocol import worker as wire
from torchglass.training.checkpoints import load

Opening = Callable[..., SessionDesk]


def small(lr: float = 0.01, units: int = 6) -> dict[str, Any]:
    """With dropout and batch normalisation: random streams and buffers belong to a step as well."""
    nodes = [
        node("x", "input", field="point"),
        node("hidden", "linear", out_features=units),
        node("norm", "batch_norm"),
        node("act", "tanh"),
        node("drop", "dropout", p=0.2),
        node("out", "linear", out_features=2),
    ]
    raw = document(nodes, chain("x", "hidden", "norm", "act", "drop", "out"))
    raw["training"]["optimizers"]["model"]["config"]["lr"] = lr
    return raw


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Opening]:
    opened: list[SessionDesk] = []

    def start(experiment: dict[str, Any] | None = None, folder: Path | None = None, **more: Any) -> SessionDesk:
        opened.append(SessionDesk(experiment or small(), folder or tmp_path / f"run-{len(opened)}", **more))
        return opened[-1]

    yield start
    for one in opened:
        one.kill()


def rewind(desk: SessionDesk, step: int, aside: int = 1, **more: Any) -> dict[str, Any]:
    return desk.ask(lambda ask: wire.Rewind(ask=ask, step=step, aside=aside, **more))


def change(desk: SessionDesk, experiment: dict[str, Any]) -> None:
    desk.tell(wire.Change(path="", experiment=experiment))


def same(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


def test_going_on_from_a_kept_step_gives_the_same_numbers_again(desk: Opening) -> None:
    one = desk()
    one.train(5)
    one.save()
    there = state(one.trainer)
    one.train(20)
    then = state(one.trainer)
    answer = rewind(one, 5)
    assert (answer["type"], answer["step"], answer["left"]) == ("rewound", 5, 25)
    assert same(state(one.trainer), there)
    one.train(20)
    assert same(state(one.trainer), then)


def test_the_document_of_the_step_comes_back_and_so_does_the_later_state(desk: Opening) -> None:
    one = desk()
    one.train(5)
    change(one, small(lr=0.1, units=9))
    one.train(10)
    one.save()
    later = state(one.trainer)
    answer = rewind(one, 5)
    assert answer["experiment"]["training"]["optimizers"]["model"]["config"]["lr"] == 0.01
    assert one.trainer.model.module("hidden").out_features == 6
    one.train(3)
    answer = rewind(one, 15, aside=2, branch=1, base=5)
    assert (answer["step"], answer["left"]) == (15, 8)
    assert same(state(one.trainer), later)
    assert {0, 5, 15} <= set(one.kept(branches={"2": 8}))


def test_the_state_after_an_edit_at_the_same_step_comes_back(desk: Opening) -> None:
    one = desk()
    one.train(4)
    change(one, small(units=3))
    one.save()
    edited = state(one.trainer)
    assert rewind(one, 4)["left"] == 4
    assert one.trainer.model.module("hidden").out_features == 6
    assert rewind(one, 4, aside=2, branch=1, base=4)["type"] == "rewound"
    assert same(state(one.trainer), edited)


def test_a_step_that_is_not_kept_is_refused_and_nothing_changes(desk: Opening) -> None:
    one = desk()
    one.train(7)
    before = state(one.trainer)
    answer = rewind(one, 6)
    assert (answer["type"], answer["problem"]["code"]) == ("refused", "not-kept")
    assert same(state(one.trainer), before)
    assert desk_fork(one, 3, Path("nowhere"))["problem"]["code"] == "not-kept"


def desk_fork(desk: SessionDesk, step: int, folder: Path) -> dict[str, Any]:
    return desk.ask(lambda ask: wire.Fork(ask=ask, step=step, directory=str(folder)))


def test_a_fork_begins_with_the_state_and_the_document_of_its_step(desk: Opening, tmp_path: Path) -> None:
    one = desk()
    one.train(5)
    change(one, small(lr=0.1))
    one.train(5)
    answer = desk_fork(one, 5, tmp_path / "fork")
    assert answer["experiment"]["training"]["optimizers"]["model"]["config"]["lr"] == 0.01
    fork = desk(answer["experiment"], tmp_path / "fork", restore=True)
    assert fork.of("ready")[0]["step"] == 5
    straight = desk()
    straight.train(12)
    fork.train(7)
    assert same(state(fork.trainer), state(straight.trainer))
    (tmp_path / "file").write_text("")
    assert desk_fork(one, 5, tmp_path / "file")["problem"]["code"] == "disk"


def test_a_killed_worker_comes_back_with_what_was_kept(desk: Opening, tmp_path: Path) -> None:
    one = desk(folder=tmp_path)
    one.train(5)
    one.save()
    there = state(one.trainer)
    one.train(10)
    assert rewind(one, 5)["left"] == 15
    one.kill()
    stored = load(tmp_path)
    assert stored is not None
    assert stored.step == 5  # on the disk before it was answered
    two = desk(folder=tmp_path, restore=True)
    assert two.of("ready")[0]["step"] == 5
    assert same(state(two.trainer), there)
    assert {0, 5} <= set(two.kept(branches={"1": 15}))
    assert rewind(two, 15, aside=2, branch=1, base=5)["type"] == "rewound"


def test_a_reset_makes_what_was_kept_void(desk: Opening, tmp_path: Path) -> None:
    one = desk(folder=tmp_path)
    one.train(5)
    one.save()
    one.tell(wire.Restart(seed=99))
    one.save()
    one.link.until(lambda: one.kept() == [0])
    one.train(2)
    rewind(one, 0)
    assert one.trainer.experiment.seed == 99


def test_back_from_a_divergence(desk: Opening) -> None:
    one = desk()
    one.train(5)
    for unit, value in enumerate((1e308, -1e308)):
        one.tell(
            wire.Assign(number=unit + 1, node="out", parameter="weight", index=[unit, 0], value=value, label="far")
        )
    one.tell(wire.Go())
    one.link.until(lambda: any(header["problem"] for header in one.of("state")))
    answer = rewind(one, 5)
    assert (answer["type"], answer["left"]) == ("rewound", None)
    one.train(3)
    assert one.of("state")[-1]["step"] == 8
    assert one.of("state")[-1]["problem"] is None


def weights_of(desk: SessionDesk, stream: int, after: int) -> list[tuple[int, bytes]]:
    pictures = [pair for pair in list(desk.link.heard)[after:] if pair[0].get("stream") == stream]
    return [(header["step"], body) for header, body in pictures if header["type"] == "frame"]


def test_a_kept_step_is_looked_at_while_the_training_goes_on(desk: Opening) -> None:
    def watch(at: int | None) -> wire.Watches:
        spec = wire.WatchSpec(stream=1, at=at, probe="weights", node="hidden", source="test:0", rate=20)
        return wire.Watches(watches=[spec])

    one = desk()
    one.tell(watch(None))
    one.train(5)
    one.save()
    one.link.until(lambda: any(step == 5 for step, _ in weights_of(one, 1, 0)))
    then = weights_of(one, 1, 0)[-1]
    change(one, small(units=3))
    one.tell(wire.Go())
    one.link.until(lambda: any(step > 30 for step, _ in weights_of(one, 1, 0)))
    after = len(one.link.heard)
    one.tell(watch(5))
    one.link.until(lambda: any(step == 5 for step, _ in weights_of(one, 1, after)))
    assert weights_of(one, 1, after)[-1] == then
    after = len(one.link.heard)
    one.tell(watch(0))
    one.link.until(lambda: any(step == 0 for step, _ in weights_of(one, 1, after)))
    one.tell(watch(None))
    one.link.until(lambda: any(step > 40 for step, _ in weights_of(one, 1, after)))
    after = len(one.link.heard)
    one.tell(watch(10**6))
    one.link.until(lambda: len([h for h, _ in list(one.link.heard)[after:] if h["type"] == "watch_problem"]))
    assert "no longer kept" in one.of("watch_problem")[-1]["message"]
