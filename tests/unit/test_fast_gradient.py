"""Adversarial examples: against finite differences, and what a change in that direction does to a trained network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from torchglass.catalog import parse_experiment
from torchglass.presets import load_preset
from torchglass.probes.base import PROBES, Picture, Target
from torchglass.probes.fast_gradient import PLACES
from torchglass.protocol.studies import RobustnessRequest
from torchglass.training.trainer import Trainer
from torchglass.worker.attacking import attacked
from torchglass.worker.capture import Looking, Moment, View
from torchglass.worker.pinned import Pinned
from torchglass.worker.robustness import robustness
from torchglass.worker.sources import Sources


def trainer(preset: str, steps: int = 0, precision: str = "float32") -> Trainer:
    raw = load_preset(preset).model_dump(mode="json")
    raw["training"]["precision"] = precision
    subject = Trainer(parse_experiment(raw), device="cpu", threads=1)
    while subject.step < steps:
        subject.run(steps - subject.step)
    subject.model.eval()
    return subject


class Looker:
    """Looks at a trainer from any of its examples."""

    def __init__(self, subject: Trainer) -> None:
        self.subject = subject

    def view(self, source: str) -> View:
        moment = Moment(self.subject, Sources(self.subject.data), Pinned(self.subject), [], 0, 0.0, False)
        return View(moment, source)

    def see(self, kind: str, source: str = "test:0", node: str | None = None, **options: Any) -> Picture:
        with Looking(self.subject.model)():
            found = PROBES.make(kind, options).capture(Target(node, source=source), self.view(source))
        assert found is not None
        return found


def losses(subject: Trainer, batch: dict[str, torch.Tensor]) -> np.ndarray:
    """Of every example by itself."""
    outputs = subject.model.run(batch)
    found = []
    for i in range(len(next(iter(batch.values())))):
        one = {name: value[i : i + 1] for name, value in batch.items()}
        loss = subject.recipe.loss({name: value[i : i + 1] for name, value in outputs.items()}, one)
        assert loss is not None
        found.append(float(loss.detach()))
    return np.array(found)


@pytest.mark.parametrize("preset", ["spiral-mlp", "softmax-regression", "iris-mlp"])
def test_the_direction_is_that_of_finite_differences(preset: str) -> None:
    subject = trainer(preset, 50, "float64")
    view = Looker(subject).view("test:0")
    attack = attacked(subject, "test", list(range(12)), view)
    assert attack is not None
    batch = subject.data.batch("test", range(12))
    step = 1e-6
    slopes = np.zeros(attack.x.shape)
    for column in range(attack.x.shape[1]):
        nudge = torch.zeros_like(attack.x)
        nudge[:, column] = step
        above = losses(subject, {**batch, attack.field: attack.x + nudge})
        below = losses(subject, {**batch, attack.field: attack.x - nudge})
        slopes[:, column] = (above - below) / (2 * step)
    steep = np.abs(slopes) > 1e-6
    assert steep.mean() > 0.9
    assert np.array_equal(np.sign(slopes)[steep], attack.direction.numpy()[steep])
    moved = attack.moved(0.1)
    assert np.allclose((moved - attack.x).abs().numpy()[steep], 0.1 * attack.unit.expand_as(moved).numpy()[steep])


@pytest.mark.parametrize(("preset", "steps", "epsilon"), [("mnist-mlp", 400, 0.05), ("circle-mlp", 600, 0.2)])
def test_it_raises_the_loss_of_99_in_100_examples_of_a_trained_network(preset: str, steps: int, epsilon: float) -> None:
    subject = trainer(preset, steps)
    view = Looker(subject).view("test:0")
    attack = attacked(subject, "test", list(range(200)), view)
    assert attack is not None
    batch = subject.data.batch("test", range(len(attack.x)))
    with torch.no_grad():
        before = losses(subject, batch)
        after = losses(subject, {**batch, attack.field: attack.moved(epsilon)})
    assert (after > before).mean() >= 0.99


def test_the_curve_begins_at_the_accuracy_and_falls_far_below_it() -> None:
    subject = trainer("adversarial", 600)
    looker = Looker(subject)
    curve = looker.see("fast_gradient", show="curve", count=200)
    assert curve.values.shape == (PLACES, 3)
    read, truth = looker.view("test:0").examples("test", list(range(200)))[1], subject.data.batch("test", range(200))
    assert read is not None
    accuracy = float((read.argmax(dim=1) == truth["label"]).float().mean())
    assert curve.values[0].tolist()[:2] == pytest.approx([0.0, accuracy])
    assert curve.values[0, 1] > 0.9 > 0.3 > curve.values[6, 1]
    assert (np.diff(curve.values[:, 2]) > 0).all()


def test_pictures_show_the_change_and_points_where_they_went() -> None:
    looker = Looker(trainer("adversarial", 100))
    seen = looker.see("fast_gradient", source="test:3", show="examples", epsilon=0.1, count=2)
    assert seen.values.shape == (2, 3, 1, 28, 28)
    original, change, moved = seen.values[0]
    assert np.allclose(original + change, moved, atol=1e-6)
    assert np.all((np.abs(np.abs(change) - 0.1) < 1e-6) | (change == 0))
    stored = looker.view("test:3").examples_raw("test", [3])["image"].reshape(1, 28, 28) / 255
    assert np.allclose(original, stored, atol=1e-6)
    assert seen.extra["indices"] == [3, 4]
    points = Looker(trainer("circle-mlp", 100)).see("fast_gradient", show="examples", epsilon=0.5, count=30)
    assert points.values.shape == (30, 7)
    assert np.allclose(np.abs(points.values[:, 2:4] - points.values[:, :2]), 0.5, atol=1e-5)
    rows = Looker(trainer("iris-mlp", 100)).see("fast_gradient", show="examples", count=10)
    assert rows.values.shape == (10, 3)


def test_several_steps_stay_within_epsilon_and_fool_more_than_one() -> None:
    subject = trainer("adversarial", 300)
    view = Looker(subject).view("test:0")
    attack = attacked(subject, "test", list(range(256)), view)
    assert attack is not None
    with torch.no_grad():
        walked = attack.walked(0.05, 10)
        assert float(((walked - attack.x).abs() - 0.05 * attack.unit).max()) <= 1e-6
        assert torch.allclose(attack.walked(0.05, 1), attack.moved(0.05))  # 2.5 steps, cut off at one
        losses_after = [attack.judge(x)[1] for x in (attack.x, attack.moved(0.05), walked)]
        assert losses_after[0] < losses_after[1] < losses_after[2]
        goal = attack.judge(attack.walked(0.15, 20, goal=8))[0].argmax(dim=1)
    assert float((goal == 8).float().mean()) > 0.8
    seen = Looker(subject).see("fast_gradient", show="examples", method="targeted", goal=8, epsilon=0.15, count=4)
    assert np.abs(seen.values[:, 1]).max() <= 0.15 + 1e-6
    with pytest.raises(ValueError, match="no class 10"):
        Looker(subject).see("fast_gradient", show="examples", method="targeted", goal=10)


def test_the_curve_of_a_study_falls_faster_than_that_of_one_step() -> None:
    subject = trainer("adversarial", 300)
    curves = {
        method: list(robustness(subject, RobustnessRequest(method=method, places=4, goal=1)))
        for method in ("fast", "iterative", "targeted")
    }
    fast, iterative, targeted = ([place.accuracy for place in curve] for curve in curves.values())
    assert fast[0] == iterative[0] == targeted[0] > 0.85
    assert all(a >= b for a, b in zip(fast, iterative, strict=True))
    assert iterative[1] < 0.3
    reached = [place.reached or 0.0 for place in curves["targeted"]]
    assert reached[-1] > 0.9 > 0.2 > reached[0]
    assert curves["fast"][0].reached is None


def test_what_can_not_be_attacked_says_so_and_nothing_of_the_training_is_touched() -> None:
    with pytest.raises(ValueError, match="tells classes apart"):
        Looker(trainer("diabetes-regression", 5)).see("fast_gradient")
    watched, alone = trainer("circle-mlp", 30), trainer("circle-mlp", 30)
    Looker(watched).see("fast_gradient", show="curve")
    assert np.array_equal(watched.run(20).metrics["loss"], alone.run(20).metrics["loss"])
