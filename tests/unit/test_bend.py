"""The bent plane against a forward pass by hand in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from looking import Looker

from torchglass.presets import load_preset
from torchglass.probes.bend import _flattened
from torchglass.training.trainer import Trainer


def test_every_stage_is_where_the_layers_move_the_places() -> None:
    trainer = Trainer(load_preset("bend-the-plane"), device="cpu", threads=1)
    trainer.run(20)
    picture = Looker(trainer)("bend", grid=6, points=9)
    assert picture is not None
    stages = picture.extra["stages"]
    assert [(stage["node"], stage["units"]) for stage in stages] == [
        ("input", 2), ("hidden1", 4), ("tanh1", 4), ("hidden2", 2), ("tanh2", 2), ("output", 1),
    ]  # fmt: skip
    middles = (np.arange(6) + 0.5) * 2 - 6
    lattice = [(x, y) for y in middles[::-1] for x in middles]
    data = trainer.data.raw("train", range(9))
    plane = np.concatenate([lattice, data["point"]])
    np.testing.assert_allclose(picture.values[0], plane, atol=1e-5)
    weight = {name: p.detach().numpy() for name, p in trainer.model.parameters_by_name().items()}
    first = np.tanh(plane @ weight["hidden1.weight"].T + weight["hidden1.bias"])
    second = np.tanh(first @ weight["hidden2.weight"].T + weight["hidden2.bias"])
    np.testing.assert_allclose(picture.values[4], second, atol=1e-5)
    end = second @ weight["output.weight"].T + weight["output.bias"]
    np.testing.assert_allclose(picture.values[5], np.column_stack([end, np.zeros(len(end))]), atol=1e-5)
    assert stages[4]["border"] == pytest.approx([*weight["output.weight"][0], *weight["output.bias"]])
    assert picture.extra["labels"] == data["label"].tolist()


def test_a_straight_cut_finds_what_is_linearly_separable() -> None:
    trained = Trainer(load_preset("bend-the-plane"), device="cpu", threads=1)
    while trained.step < 1500:
        trained.run(1500 - trained.step)
    picture = Looker(trained)("bend", grid=4)
    assert picture is not None
    cuts = [stage["cut"] for stage in picture.extra["stages"]]
    assert cuts[0] < 0.65
    assert cuts[-2] > 0.97


def test_more_units_are_seen_from_the_side_that_shows_most_lying_as_before() -> None:
    random = np.random.default_rng(0)
    before = random.standard_normal((50, 2)).astype(np.float32)
    turned, _ = np.linalg.qr(random.standard_normal((5, 5)))
    embedded = before @ turned[:2]  # a flat plane in five dimensions
    flat, kept = _flattened(embedded, 50, before)
    assert kept == pytest.approx(1)
    np.testing.assert_allclose(flat - flat.mean(axis=0), before - before.mean(axis=0), atol=1e-4)
