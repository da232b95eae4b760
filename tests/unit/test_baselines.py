"""Classical models on the split of a network: what they reach, and what can not be fitted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from torchglass.catalog import parse_experiment
from torchglass.datasets.base import DATASETS
from torchglass.presets import load_preset
from torchglass.protocol.baselines import BaselinesBegun
from torchglass.training.baselines import NoBaselineError, fitted


def found(preset: str, **data: Any) -> tuple[BaselinesBegun, dict[str, float]]:
    raw = load_preset(preset).model_dump(mode="json")
    raw["data"] |= data
    begun, *models = fitted(parse_experiment(raw))
    assert isinstance(begun, BaselinesBegun)
    scores = {model.name: model.score for model in models}
    assert list(scores) == begun.models
    return begun, scores


def test_ridge_regression_explains_half_of_diabetes_on_the_very_split() -> None:
    begun, scores = found("diabetes-regression")
    splits = DATASETS.make("diabetes", {}).load(load_preset("diabetes-regression").seed)
    x, y = splits.train["features"].astype(float), splits.train["value"]
    mean, deviation = x.mean(0), x.std(0)
    own = Ridge(alpha=1.0).fit((x - mean) / deviation, y)
    expected = own.score((splits.test["features"] - mean) / deviation, splits.test["value"])
    assert scores["Ridge regression"] == pytest.approx(expected, abs=2e-3)
    assert 0.4 < expected < 0.6
    assert (begun.measure, begun.examples, begun.test) == ("r2", len(x), len(splits.test["value"]))


def test_classes_are_told_apart_as_well_as_they_can_be() -> None:
    begun, scores = found("circle-mlp")
    assert begun.measure == "accuracy"
    assert scores["Kernel machine"] > 0.95
    assert scores["Logistic regression"] < 0.7


def test_pictures_are_read_as_rows_and_bounded() -> None:
    begun, scores = found("mnist-softmax", split={"train": 300, "test": 100})
    assert (begun.examples, begun.test) == (300, 100)
    assert np.mean(list(scores.values())) > 0.6


def test_few_examples_have_few_neighbours() -> None:
    _, scores = found("circle-mlp", split={"train": 3, "test": 50})
    assert all(0 <= score <= 1 for score in scores.values())


def test_what_can_not_be_fitted_is_said() -> None:
    with pytest.raises(NoBaselineError, match="of one class"):
        found("circle-mlp", split={"train": 1, "test": 50})
    with pytest.raises(NoBaselineError, match="inputs and one class"):
        found("optimizer-landscape")
