"""Hebb's and Oja's rules against plain NumPy, and what they find against a singular value decomposition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from looking import Looker

from torchglass.catalog import validate
from torchglass.presets import load_preset
from torchglass.spec.experiment import Experiment
from torchglass.training.trainer import Trainer


def experiment(rule: str, **changes: Any) -> Experiment:
    raw = load_preset("hebb-oja").model_dump(mode="json")
    raw["recipe"]["config"]["rule"] = rule
    raw["training"]["precision"] = "float64"
    raw["data"] |= changes
    return Experiment.model_validate(raw)


@pytest.mark.parametrize("rule", ["hebb", "oja"])
@pytest.mark.parametrize("batch", [1, 4])
def test_the_weights_are_those_of_a_plain_loop(rule: str, batch: int) -> None:
    trainer = Trainer(experiment(rule, batch_size=batch), device="cpu", threads=1)
    weight = trainer.model.parameter("unit.weight").detach().numpy().copy()[0]
    seen = _shown(trainer, 200, batch)
    for x in seen:
        y = x @ weight
        decay = (y**2).mean() * weight if rule == "oja" else 0
        weight = weight + 0.01 * ((y[:, None] * x).mean(axis=0) - decay)
    np.testing.assert_allclose(trainer.model.parameter("unit.weight").detach().numpy()[0], weight, rtol=1e-9)


def _shown(trainer: Trainer, steps: int, batch: int) -> list[np.ndarray]:
    """Train, and keep the points of every step as the recipe got them."""
    seen: list[np.ndarray] = []
    step = trainer.recipe.step

    def watched(fields: Any, context: Any) -> Any:
        seen.append(fields["point"].numpy().copy())
        return step(fields, context)

    trainer.recipe.step = watched  # type: ignore[method-assign]
    while trainer.step < steps:
        trainer.run(steps - trainer.step)
    assert len(seen) == steps
    assert all(len(points) == batch for points in seen)
    return seen


def test_oja_finds_the_first_principal_direction_and_length_one() -> None:
    trainer = Trainer(experiment("oja", batch_size=50), device="cpu", threads=1)
    while trainer.step < 2000:
        trainer.run(2000 - trainer.step)
    points = trainer.data.raw("train", range(1000))["point"].astype(float)
    first = np.linalg.svd(points)[2][0]
    weight = trainer.model.parameter("unit.weight").detach().numpy()[0]
    assert np.linalg.norm(weight) == pytest.approx(1, abs=0.02)
    assert abs(weight @ first) / np.linalg.norm(weight) > 0.999
    picture = Looker(trainer)("direction")
    assert picture is not None
    assert picture.extra["angle"] < 2.6
    assert np.abs(picture.extra["principal"]) == pytest.approx(np.abs(first), abs=1e-6)


def test_a_unit_that_does_not_fit_is_refused_in_words() -> None:
    raw = load_preset("hebb-oja").model_dump(mode="json")
    raw["network"]["nodes"][1]["config"]["bias"] = True
    (problem,) = validate(Experiment.model_validate(raw)).problems
    assert "no bias" in problem.message
