"""Layers side by side, activations, normalisations, losses and mistakes as pictures, against independent numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from looking import Looker

from torchglass.losses.base import LOSSES
from torchglass.presets import load_preset
from torchglass.probes.mistakes import margin_of
from torchglass.training.trainer import Trainer


def trained(preset: str, steps: int, **changes: Any) -> Trainer:
    document = load_preset(preset).model_dump(mode="json")
    for path, value in changes.items():
        *way, last = path.split("__")
        here: Any = document
        for key in way:
            here = here[int(key)] if key.isdigit() else here[key]
        here[last] = value
    trainer = Trainer(type(load_preset(preset)).model_validate(document), device="cpu", threads=1)
    while trainer.step < steps:
        trainer.run(steps - trainer.step)
    return trainer


def test_gradients_vanish_towards_the_first_layer_of_a_sigmoid_network_and_not_of_one_with_relu() -> None:
    def ratio(preset: str) -> float:
        picture = Looker(trained(preset, 1))("layers")
        assert picture is not None
        layers = picture.extra["layers"]
        assert [layer["node"] for layer in layers] == [*(f"hidden{i}" for i in range(1, 11)), "output"]
        assert picture.values.sum(axis=1).tolist() == [200 * 6] * 10 + [200]
        return float(layers[0]["gradient"] / layers[-1]["gradient"])

    assert ratio("vanishing-sigmoid") <= 1e-4
    assert ratio("vanishing-relu") >= 1e-1


def test_dead_and_saturated_units_are_counted() -> None:
    dead = Looker(trained("dead-relu", 300))("layers")
    assert dead is not None
    assert max(layer["dead"] for layer in dead.extra["layers"] if layer["dead"] is not None) == 1.0
    cut = Looker(trained("one-saturated-layer", 1))("layers")
    assert cut is not None
    shares = {layer["node"]: layer["saturated"] for layer in cut.extra["layers"]}
    assert shares["hidden3"] > 0.9


@pytest.mark.parametrize(
    ("kind", "function"),
    [
        ("relu", lambda x: x.relu()),
        ("tanh", lambda x: x.tanh()),
        ("silu", lambda x: x * x.sigmoid()),
        ("leaky_relu", lambda x: torch.where(x > 0, x, 0.01 * x)),
        ("prelu", lambda x: torch.where(x > 0, x, 0.25 * x)),
        ("step", lambda x: (x > 0).to(x)),
    ],
)
def test_an_activation_is_drawn_as_the_function_that_it_is(kind: str, function: Any) -> None:
    trainer = trained("dead-relu", 0, network__nodes__3__kind=kind)
    node = trainer.subject.network.nodes[3]
    picture = Looker(trainer)("activation_function", node.id)
    assert picture is not None
    lo, hi, size = picture.extra["lo"], picture.extra["hi"], picture.values.shape[1]
    x = torch.linspace(lo, hi, size, dtype=torch.float32, requires_grad=True)
    y = function(x)
    np.testing.assert_allclose(picture.values[0], y.detach(), atol=1e-4)
    if y.requires_grad and kind != "step":
        (slope,) = torch.autograd.grad(y.sum(), x)
        away = np.abs(x.detach().numpy()) > 1e-6
        np.testing.assert_allclose(picture.values[1][away], slope[away], atol=1e-3)
    assert picture.values[2].sum() == picture.extra["inputs"] == 200 * 8
    assert ("slope" in picture.extra) == (kind == "prelu")


def test_batch_normalisation_differs_between_training_and_prediction_until_its_numbers_are_learned() -> None:
    fresh, later = (trained("batch-norm", steps) for steps in (0, 60))
    node = next(n.id for n in fresh.subject.network.nodes if n.kind == "batch_norm")
    before, after = Looker(fresh)("normalisation", node), Looker(later)("normalisation", node)
    assert before is not None
    assert after is not None
    assert before.extra["std"][1] == pytest.approx(1.0, abs=0.01)  # by its own batch
    assert abs(before.extra["mean"][1]) < 1e-4
    assert before.extra["gap"] > 5 * after.extra["gap"]


@pytest.mark.parametrize("kind", ["binary_cross_entropy", "logistic", "hinge"])
def test_the_loss_of_two_classes_is_a_curve_for_each_answer(kind: str) -> None:
    loss = {"kind": kind, "config": {}}
    picture = Looker(trained("logistic-regression", 20, recipe__config__loss=loss))("loss_curve")
    assert picture is not None
    extra = picture.extra
    curves = picture.values[: 2 * extra["places"]].reshape(2, -1)
    x = np.linspace(extra["lo"], extra["hi"], extra["places"])
    for answer, sign in ((0, -1), (1, 1)):
        wanted = np.maximum(0, 1 - sign * x) if kind == "hinge" else np.log1p(np.exp(-sign * x))
        np.testing.assert_allclose(curves[answer], wanted, atol=1e-4)
    dots = picture.values[2 * extra["places"] :].reshape(-1, 3)
    assert len(dots) == extra["examples"] == 200
    for at, cost, answer in dots[:20]:
        assert np.interp(at, x, curves[int(answer)]) == pytest.approx(cost, abs=0.02)


def test_every_loss_that_a_network_can_learn_by_has_a_curve() -> None:
    regression = {"kind": "huber", "config": {}}
    error = Looker(trained("linear-regression", 5, recipe__config__loss=regression))("loss_curve")
    one = Looker(trained("softmax-regression", 5))("loss_curve")
    assert error is not None
    assert one is not None
    assert (error.extra["mode"], one.extra["mode"]) == ("error", "one")
    assert set(LOSSES) >= {"huber", "cross_entropy"}
    label = one.extra["unit"]
    assert np.argmin(one.values[: one.extra["places"]]) == one.extra["places"] - 1, label


def test_the_margin_is_that_of_a_support_vector_machine() -> None:
    from sklearn.svm import SVC

    draw = np.random.default_rng(0)
    points = draw.normal(size=(80, 2)) + np.where(np.arange(80)[:, None] < 40, 4.0, -4.0)
    signs = np.where(np.arange(80) < 40, 1.0, -1.0)
    # Through the origin: each point and its mirror image, with opposite signs.
    machine = SVC(kernel="linear", C=1e9, tol=1e-10).fit(np.vstack([points, -points]), np.concatenate([signs, -signs]))
    assert margin_of(points, signs) == pytest.approx(1 / np.linalg.norm(machine.coef_), rel=1e-4)
    assert margin_of(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([1.0, -1.0])) is None


def test_the_perceptron_makes_at_most_so_many_mistakes_as_novikoff_allows() -> None:
    picture = Looker(trained("perceptron", 1000))("mistakes")
    assert picture is not None
    shown, mistakes = picture.values[-1]
    assert shown == 1000
    assert 0 < mistakes <= picture.extra["bound"]
    assert (np.diff(picture.values, axis=0) >= 0).all()
    endless = Looker(trained("perceptron-xor", 600))("mistakes")
    assert endless is not None
    assert endless.extra["bound"] is None
    assert endless.values[-1][1] > 100


def test_a_long_count_is_thinned_and_keeps_its_end() -> None:
    picture = Looker(trained("perceptron-xor", 2000))("mistakes")
    assert picture is not None
    assert len(picture.values) <= 514
    assert picture.values[-1][0] == 2000
