"""How a run ends by itself: at the condition that was set, in its words, and with the best weights where asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edited import dense, made, state
from tests.export_runs import run_here, write
from tests.fakes.session_desk import SessionDesk

from torchglass.protocol import worker as wire
from torchglass.spec.training import Stop

Opening = Callable[..., SessionDesk]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Opening]:
    opened: list[SessionDesk] = []

    def start(experiment: dict[str, Any], folder: str = "run", **more: Any) -> SessionDesk:
        opened.append(SessionDesk(experiment, tmp_path / folder, **more))
        return opened[-1]

    yield start
    for one in opened:
        one.kill()


def overfitting(**stop: Any) -> dict[str, Any]:
    """Few noisy points and a rate at which the test curve soon turns."""
    raw: dict[str, Any] = dense(32, stop=stop)
    raw["data"] = {"kind": "circle", "batch_size": 10, "config": {"count": 100, "noise": 0.5, "test_share": 0.6}}
    raw["network"]["nodes"][-1]["config"]["out_features"] = 1
    raw["recipe"]["config"]["loss"] = {"kind": "binary_cross_entropy", "config": {}}
    raw["training"]["optimizers"]["model"]["config"]["lr"] = 0.1
    return raw


def ended(one: SessionDesk) -> str:
    """Waits for the end; what the mark on the curve says."""
    one.link.until(lambda: any(header["state"] == "finished" for header in one.of("state")))
    return str([h["mark"]["label"] for h in one.of("marked") if h["mark"]["kind"] == "finished"][-1])


def judged(raw: dict[str, Any]) -> list[float]:
    """The test loss of a plain training at the end of each epoch."""
    trainer = made(raw)
    found = []
    for epoch in range(1, 41):
        while trainer.cursor.epoch < epoch:
            trainer.run(1)
        found.append([values for values in trainer.evaluate() if values is not None][-1]["loss"])
    return found


def test_patience_ends_where_the_curve_turns_and_takes_the_best_weights_back(desk: Opening) -> None:
    losses = judged(overfitting())
    best = next(n for n in range(len(losses)) if min(losses[n + 1 : n + 6]) >= losses[n] == min(losses[: n + 1]))
    one = desk(overfitting(patience=5))
    one.tell(wire.Go())
    step = 4 * (best + 1)
    assert ended(one) == f"finished: test loss no better for 5 epochs; back to the best, of step {step}"
    assert one.trainer.step == step + 20, "the run stays at its step, so that the curve keeps what it learned"
    plain = state(made(overfitting(), step))
    assert all(np.array_equal(plain[name], value) for name, value in state(one.trainer).items())
    last = [h["series"]["test.loss"]["values"][-1] for h in one.of("metrics") if "test.loss" in h["series"]][-1]
    assert last == pytest.approx(losses[best])


def test_without_restoring_the_last_weights_stay(desk: Opening) -> None:
    one = desk(overfitting(patience=5, restore_best=False))
    one.tell(wire.Go())
    assert ended(one) == "finished: test loss no better for 5 epochs"
    plain = state(made(overfitting(), one.trainer.step))
    assert all(np.array_equal(plain[name], value) for name, value in state(one.trainer).items())


def test_a_process_that_was_killed_ends_where_it_would_have_ended(desk: Opening) -> None:
    undisturbed = desk(overfitting(patience=5), "undisturbed")
    undisturbed.tell(wire.Go())
    words = ended(undisturbed)
    killed = desk(overfitting(patience=5))
    killed.train(undisturbed.trainer.judged.step + 6)
    killed.save()
    killed.kill()
    again = desk(overfitting(patience=5), restore=True)
    assert again.trainer.step == killed.trainer.step
    again.tell(wire.Go())
    assert ended(again) == words


def test_running_on_waits_anew(desk: Opening) -> None:
    one = desk(overfitting(patience=3))
    one.tell(wire.Go())
    ended(one)
    there = one.trainer.step
    one.tell(wire.Go())
    one.link.until(lambda: len([h for h in one.of("state") if h["state"] == "finished"]) == 2)
    assert one.trainer.step > there


@pytest.mark.parametrize(
    ("stop", "words"),
    [
        ({"steps": 7}, "finished: 7 steps"),
        ({"epochs": 2}, "finished: 2 epochs"),
        ({"seconds": 1}, "finished: 1 s of training"),
        ({"judge": "accuracy", "target": 0.4}, "finished: test accuracy "),
        ({"loss_above": 1e-6}, "finished: diverged, training loss "),
    ],
)
def test_every_end_is_said_in_words(desk: Opening, stop: dict[str, Any], words: str) -> None:
    one = desk(overfitting(**stop))
    one.tell(wire.Go())
    assert ended(one).startswith(words)


def test_an_end_that_is_set_while_it_trains_holds(desk: Opening) -> None:
    one = desk(overfitting())
    one.tell(wire.Go())
    one.link.until(lambda: one.of("metrics"))
    one.tell(wire.Change(path="training.stop.patience", experiment=overfitting(patience=5)))
    assert "no better for 5 epochs" in ended(one)


def test_the_script_stops_at_the_same_step_with_the_same_weights(desk: Opening, tmp_path: Path) -> None:
    raw = overfitting(patience=5, seconds=600, loss_above=1e6, target=1e-9)
    one = desk(raw)
    one.tell(wire.Go())
    ended(one)
    finished = run_here(write({"script": raw}, tmp_path)["script"], 10_000)[-1]
    assert (finished["event"], finished["step"]) == ("finished", one.trainer.step)
    assert finished["metrics"]["test_loss"] == pytest.approx(one.trainer.judged.best, rel=1e-6)


def test_only_target_and_patience_have_epochs_judged() -> None:
    assert not Stop(steps=3, epochs=2, seconds=9, loss_above=4).judges
    assert Stop(target=0.5).judges
    assert Stop(patience=1).judges
