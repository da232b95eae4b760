"""The output solved at once: against NumPy's pseudo-inverse, and the double descent that comes of it."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from torchglass.catalog import parse_experiment, validate
from torchglass.presets import load_preset
from torchglass.protocol.sweep import SweepRequest, Vary
from torchglass.recipes.base import RECIPES
from torchglass.sessions.sweeps import plan, sizes
from torchglass.spec.experiment import Experiment
from torchglass.training.sweep import Members
from torchglass.training.trainer import Trainer

WIDTH = "network.nodes.hidden.config.out_features"


def document(**config: Any) -> dict[str, Any]:
    raw = copy.deepcopy(dict(RECIPES["least_squares"].example))
    raw["recipe"]["config"] |= config
    raw["data"]["batch_size"] = 60
    return raw


@pytest.mark.parametrize("ridge", [0.0, 0.5])
@pytest.mark.parametrize("bias", [True, False])
def test_the_weights_are_those_of_numpy(ridge: float, bias: bool) -> None:
    raw = document(ridge=ridge)
    raw["network"]["nodes"][-1]["config"]["bias"] = bias
    trainer = Trainer(parse_experiment(raw), device="cpu", threads=1)
    batch = trainer.data.batch("train", range(trainer.data.count("train")))
    features = trainer.model.run(batch)["tanh"].detach().double().numpy()
    target = batch["value"].double().numpy().reshape(-1, 1)[: len(features)]
    count = features.shape[1] + bias
    h = np.concatenate([features, np.ones((len(features), 1))], axis=1) if bias else features
    cost = ridge * np.eye(count)
    if bias:
        cost[-1, -1] = 0
    wanted = np.linalg.pinv(h, rcond=1e-6) @ target if ridge == 0 else np.linalg.solve(h.T @ h + cost, h.T @ target)
    loss = trainer.run(1).metrics["loss"][0]
    found = trainer.model.parameter("y.weight").detach().numpy()[0]
    scale = np.abs(wanted).max()
    np.testing.assert_allclose(found / scale, wanted[: features.shape[1], 0] / scale, atol=1e-4)
    assert loss == pytest.approx(((h @ wanted - target) ** 2).mean(), rel=1e-3, abs=1e-6)


def test_the_peak_of_double_descent_stands_where_there_are_as_many_features_as_examples() -> None:
    preset = load_preset("double-descent")
    widths = [10, 40, 80, 90, 100, 110, 120, 200, 1000]
    networks = plan(SweepRequest(experiment={}, vary=[Vary(path=WIDTH, values=widths)], seeds=3, steps=1), preset)
    members = Members([one for _, one in networks], 1)
    list(members.rounds(lambda member: None, lambda last: None))
    trained = [member.means["loss"] for member in members.all]
    by_width = np.array([member.test()["loss"] for member in members.all]).reshape(len(widths), 3)
    middle = dict(zip(widths, np.median(by_width, axis=1), strict=True))
    assert max(middle, key=lambda width: middle[width]) == 100
    assert middle[100] > 10 * max(middle[80], middle[120])
    assert middle[10] < middle[40] < middle[80] < middle[90]
    assert middle[110] > middle[120] > middle[200] > middle[1000]
    assert middle[1000] < middle[10]
    fits = np.array(trained).reshape(len(widths), 3)
    assert (fits[widths.index(90)] > 1e-3).all()
    assert (fits[widths.index(110) :] < 1e-5).all()
    assert [one.weights for one, _ in networks[::3]] == [10 * width for width in widths]
    assert {one.numbers for one, _ in networks} == {1000}


def test_ridge_takes_the_peak_away() -> None:
    preset = load_preset("double-descent").model_dump(mode="json")
    losses = []
    for ridge in (0.0, 1.0):
        preset["recipe"]["config"]["ridge"] = ridge
        trainer = Trainer(Experiment.model_validate(preset), device="cpu", threads=1)
        trainer.run(1)
        losses.append(next(found for found in trainer.evaluate("test", 500) if found)["loss"])
    assert losses[1] < 0.1 < losses[0]


def test_what_can_not_be_solved_is_said_at_its_place() -> None:
    raw = document()
    raw["recipe"]["config"]["output"] = "tanh"
    problem = validate(parse_experiment(raw)).problems[0]
    assert "dense layer" in problem.message
    raw = document(target="nothing")
    assert "they have: " in validate(parse_experiment(raw)).problems[0].message
    raw = document()
    raw["network"]["nodes"][-1]["config"]["out_features"] = 3
    assert "needs 1 units" in validate(parse_experiment(raw)).problems[0].message


def test_what_is_frozen_stays() -> None:
    raw = document()
    raw["training"]["held"] = {"y": {"frozen_units": [0]}}
    trainer = Trainer(parse_experiment(raw), device="cpu", threads=1)
    before = trainer.model.parameter("y.weight").detach().clone()
    trainer.run(1)
    assert (trainer.model.parameter("y.weight") == before).all()


def test_weights_that_learn_are_counted_without_what_is_frozen() -> None:
    experiment = load_preset("data-hunger")
    assert sizes(experiment) == (3 * 16 + 17 * 16 + 17, 1000)
    held = experiment.model_dump(mode="json")
    held["training"]["held"] = {"hidden2": {"frozen": True}}
    assert sizes(Experiment.model_validate(held)) == (3 * 16 + 17, 1000)
