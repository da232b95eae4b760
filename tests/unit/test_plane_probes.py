"""Pictures over the plane and of tables, with the real trainer, against independent computations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from torchglass.presets import load_preset
from torchglass.probes.base import PROBES, Picture, Target
from torchglass.training.trainer import Trainer
from torchglass.worker.capture import Moment, Pinned, View, looking
from torchglass.worker.sources import Sources


def trainer_of(preset: str, steps: int = 20) -> Trainer:
    trainer = Trainer(load_preset(preset), device="cpu", threads=1)
    while trainer.step < steps:
        trainer.run(steps - trainer.step)
    return trainer


class Looker:
    """Looks at one trainer; the pinned passes are kept between looks, as the service keeps them."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer, self.pinned = trainer, Pinned(trainer)

    def __call__(self, kind: str, node: str | None = None, **options: Any) -> Picture | None:
        with looking(self.trainer.model):
            moment = Moment(self.trainer, Sources(self.trainer.data), self.pinned, [], self.trainer.step, 0.0, False)
            return PROBES.make(kind, options).capture(Target(node), View(moment, "test:0"))


def count_passes(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    rows: list[int] = []
    run = trainer.model.run
    monkeypatch.setattr(trainer.model, "run", lambda fields: rows.append(len(fields["point"])) or run(fields))
    return rows


def test_every_picture_of_a_step_comes_from_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = trainer_of("spiral-mlp")
    look, rows = Looker(trainer), count_passes(trainer, monkeypatch)
    nodes = [node.id for node in trainer.subject.network.nodes]
    pictures = [look("plane", node, size=20) for node in nodes] + [look("plane", size=20)]
    assert rows == [400]
    assert [len(picture.values) for picture in pictures if picture] == [2, 2, 8, 8, 8, 8, 1, 1]
    trainer.run(1)
    look("plane", size=20)
    assert rows[-1] == 400
    assert len(rows) == 3  # the training step's own in between


def test_the_picture_is_the_function_of_the_unit() -> None:
    trainer = trainer_of("spiral-mlp")
    look = Looker(trainer)
    picture = look("plane", "tanh1", size=10, unit=3)
    assert picture is not None
    assert (picture.axes, picture.values.shape, picture.extra["total"]) == (("unit", "y", "x"), (1, 10, 10), 8)
    weight, bias = (trainer.model.parameter(f"hidden1.{name}").detach() for name in ("weight", "bias"))
    for row, column in ((0, 0), (0, 9), (7, 2)):
        place = torch.tensor([-6 + 1.2 * (column + 0.5), 6 - 1.2 * (row + 0.5)])
        expected = torch.tanh(weight[3] @ place + bias[3]).item()
        assert picture.values[0, row, column] == pytest.approx(expected, abs=1e-5)
    thinned = look("plane", "tanh1", size=10, unit=3, every=2)
    assert thinned is not None
    np.testing.assert_array_equal(thinned.values[0], picture.values[0, ::2, ::2])


def test_what_the_network_says_lies_between_the_classes() -> None:
    trainer = trainer_of("circle-mlp")
    look = Looker(trainer)
    said, scores = look("plane", size=12), look("plane", "output", size=12)
    assert said is not None
    assert scores is not None
    np.testing.assert_allclose(said.values, np.tanh(scores.values / 2), atol=1e-5)
    assert (said.extra["scale"], said.extra["classes"], said.extra["lo"]) == ("certainty", ["blue", "orange"], -6)


def test_points_carry_their_class_and_what_is_said() -> None:
    trainer = trainer_of("circle-mlp")
    picture = Looker(trainer)("points", split="test", limit=30)
    assert picture is not None
    raw = trainer.data.raw("test", range(30))
    np.testing.assert_array_equal(picture.values[:, :2], raw["point"])
    np.testing.assert_array_equal(picture.values[:, 2], raw["label"])
    assert picture.encoding == "exact"
    assert picture.extra["total"] == 250
    with looking(trainer.model):
        read = trainer.recipe.predict(trainer.model.run(trainer.data.batch("test", range(30))))
    np.testing.assert_allclose(picture.values[:, 3], 2 * read[:, 0].numpy() - 1, atol=1e-6)


def test_weights_are_exact() -> None:
    trainer = trainer_of("xor-mlp")
    look = Looker(trainer)
    picture = look("weights", "hidden1")
    assert picture is not None
    np.testing.assert_array_equal(picture.values, trainer.model.parameter("hidden1.weight").detach().numpy())
    assert picture.extra["bias"] == trainer.model.parameter("hidden1.bias").tolist()
    assert look("weights", "tanh1") is None


def test_scatter_is_in_the_units_of_the_data() -> None:
    trainer = trainer_of("diabetes-regression", 200)
    look = Looker(trainer)
    picture = look("scatter")
    assert picture is not None
    count = trainer.data.count("test")
    true = trainer.data.raw("test", range(count))["value"]
    np.testing.assert_allclose(picture.values[:, 0], true, rtol=1e-4)
    error = picture.values[:, 1].astype(float) - true
    assert picture.extra["r2"] == pytest.approx(1 - (error**2).mean() / true.var(dtype=float), abs=1e-4)
    assert picture.extra["absolute_error"] == pytest.approx(np.abs(error).mean(), rel=1e-4)
    assert picture.extra["r2"] > 0.3
    assert look("predictions").values == pytest.approx(picture.values[:1, 1], rel=1e-4)


def test_one_probability_is_shown_as_two_classes() -> None:
    trainer = trainer_of("circle-mlp")
    look = Looker(trainer)
    shares, counts = look("predictions"), look("confusion")
    assert shares is not None
    assert counts is not None
    assert shares.values.sum() == pytest.approx(1, abs=1e-6)
    assert counts.values.sum() == 250
    assert counts.values.shape == (2, 2)


def test_refusals_in_words() -> None:
    tables, plane = Looker(trainer_of("iris-mlp", 1)), Looker(trainer_of("xor-mlp", 1))
    for kind in ("plane", "points"):
        with pytest.raises(ValueError, match="no points of a plane"):
            tables(kind)
    with pytest.raises(ValueError, match="no unit 4: there are 4"):
        plane("plane", "hidden1", unit=4)
    assert tables("scatter") is None


def test_the_plane_of_other_points_has_room_for_all_of_them() -> None:
    document = load_preset("circle-mlp").model_dump(mode="json")
    document["data"] |= {"kind": "two_blobs", "config": {}}
    trainer = Trainer(type(load_preset("circle-mlp")).model_validate(document), device="cpu", threads=1)
    picture = Looker(trainer)("plane", size=8)
    assert picture is not None
    reach = np.abs(trainer.data.raw("train", range(1000))["point"]).max()
    assert picture.extra["hi"] == pytest.approx(1.1 * reach)
    assert picture.extra["lo"] == -picture.extra["hi"]
