"""Curves of one number, and the pictures along the line, against independent computations."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.test_plane_probes import Looker, trainer_of

from torchglass.datasets.base import DATASETS


def drawn(kind: str, **config: object) -> tuple[np.ndarray, np.ndarray]:
    """(x, value) of the training split."""
    train = DATASETS.make(kind, config).load(3).train
    return train["x"][:, 0], train["value"]


def test_a_line_without_noise_is_slope_and_intercept() -> None:
    x, value = drawn("line", slope=-2.0, intercept=0.5)
    np.testing.assert_allclose(value, 0.5 - 2 * x, atol=1e-6)
    assert x.min() >= 0
    assert x.max() <= 1


@pytest.mark.parametrize("form", ["sine", "hills", "steps", "saw", "kink"])
def test_curves_stay_in_sight_and_differ(form: str) -> None:
    x, value = drawn("curve", form=form, count=1000)
    assert np.abs(value).max() <= 1.3
    assert value.std() > 0.3
    assert np.abs(x).max() <= 3


def test_the_gap_is_in_the_training_points_alone() -> None:
    data = DATASETS.make("curve", {"gap": True, "count": 1000}).load(3)
    assert np.abs(data.train["x"]).min() >= 1
    assert np.abs(data.test["x"]).min() < 0.1
    np.testing.assert_allclose(data.train["value"], np.sin(2 * data.train["x"][:, 0]), atol=1e-5)


def test_noise_that_grows() -> None:
    x, value = drawn("curve", noise=0.5, growing=True, count=20_000)
    off = value - np.sin(2 * x)
    left, right = off[x < -2].std(), off[x > 2].std()
    assert left == pytest.approx(0.5 * 2 * 0.096, rel=0.1)  # root of the mean of t² for t in 0..1/6
    assert right == pytest.approx(0.5 * 2 * 0.918, rel=0.1)


def test_what_is_said_along_the_line_and_the_pieces_that_it_is_the_sum_of() -> None:
    trainer = trainer_of("universal-approximation")
    look = Looker(trainer)
    said, pieces, units = look("line", size=50), look("line", "output", size=50, pieces=True), look("line", "tanh1")
    assert said is not None
    assert pieces is not None
    assert units is not None
    parameters = {name: p.detach().numpy() for name, p in trainer.model.parameters_by_name().items()}
    x = -3 + (np.arange(50) + 0.5) * 6 / 50
    hidden = np.tanh(parameters["hidden1.weight"] @ x[None] + parameters["hidden1.bias"][:, None])
    np.testing.assert_allclose(
        said.values[0], parameters["output.weight"][0] @ hidden + parameters["output.bias"], atol=1e-5
    )
    np.testing.assert_allclose(pieces.values[:-1], parameters["output.weight"][0][:, None] * hidden, atol=1e-5)
    np.testing.assert_allclose(pieces.values.sum(axis=0), said.values[0], atol=1e-5)
    assert units.values.shape == (20, 200)
    assert (said.extra["lo"], said.extra["hi"]) == (-3.0, 3.0)


def test_points_are_the_data() -> None:
    trainer = trainer_of("fit-the-line")
    points = Looker(trainer)("line_points")
    assert points is not None
    np.testing.assert_allclose(points.values[:, 1], 0.1 * points.values[:, 0] + 0.3, atol=1e-6)
    assert len(points.values) == points.extra["total"] == 100


def test_other_data_has_no_line() -> None:
    look = Looker(trainer_of("circle-mlp", 1))
    for probe in ("line", "line_points"):
        with pytest.raises(ValueError, match="more than one number"):
            look(probe)
    assert Looker(trainer_of("universal-approximation", 1))("line", "hidden1", pieces=True) is None
