"""Pictures over the plane and of tables, with the real trainer, against independent computations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from looking import Looker

from torchglass.presets import load_preset
from torchglass.training.trainer import Trainer
from torchglass.worker.capture import Looking


def trainer_of(preset: str, steps: int = 20) -> Trainer:
    trainer = Trainer(load_preset(preset), device="cpu", threads=1)
    while trainer.step < steps:
        trainer.run(steps - trainer.step)
    return trainer


def several(kind: str, classes: int) -> Any:
    """The spiral preset with so many classes: an output each and cross-entropy."""
    document = load_preset("spiral-mlp").model_dump(mode="json")
    document["data"] |= {"kind": kind, "config": {"count": 300, "classes": classes}}
    document["network"]["nodes"][-1]["config"]["out_features"] = classes
    document["recipe"]["config"]["loss"] = {"kind": "cross_entropy", "config": {}}
    return type(load_preset("spiral-mlp")).model_validate(document)


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
    assert rows.count(400) == 2  # whatever the training step ran in between


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
    with Looking(trainer.model)():
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


def test_all_neurons_come_in_one_picture_from_the_shared_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = trainer_of("spiral-mlp")
    look, rows = Looker(trainer), count_passes(trainer, monkeypatch)
    nodes = ["features", "tanh1", "tanh2", "gone", "output"]
    picture = look("neurons", nodes=nodes, size=20, every=2)
    singles = {node: look("plane", node, size=20, every=2) for node in nodes if node != "gone"}
    assert rows == [400]
    assert picture is not None
    assert (picture.values.dtype, picture.values.shape) == (np.uint8, (2 + 8 + 8 + 1, 10, 10))
    assert [layer["node"] for layer in picture.extra["layers"]] == list(singles)
    for layer in picture.extra["layers"]:
        expected = singles[layer["node"]]
        assert expected is not None
        bytes_ = picture.values[layer["first"] : layer["first"] + layer["count"]].astype(float)
        shown = layer["lo"] + bytes_ / 255 * (layer["hi"] - layer["lo"])
        np.testing.assert_allclose(shown, expected.values, atol=(layer["hi"] - layer["lo"]) / 255)


def test_neurons_that_are_no_numbers_are_counted_and_drawn_as_zero() -> None:
    trainer = trainer_of("xor-mlp", 1)
    with torch.no_grad():
        trainer.model.parameter("hidden1.weight")[0] = float("nan")
    picture = Looker(trainer)("neurons", nodes=["features", "hidden1"], size=8, every=1)
    assert picture is not None
    assert picture.extra["nonfinite"] == 64
    assert picture.values[2:3].min() == picture.values[2:3].max()


def test_wiring_holds_every_weight_and_bias() -> None:
    trainer = trainer_of("spiral-mlp")
    picture = Looker(trainer)("wiring")
    assert picture is not None
    assert picture.encoding == "exact"
    assert [layer["node"] for layer in picture.extra["layers"]] == ["hidden1", "hidden2", "output"]
    for layer in picture.extra["layers"]:
        weight = trainer.model.parameter(f"{layer['node']}.weight").detach().numpy()
        assert (layer["units"], layer["inputs"]) == weight.shape
        np.testing.assert_array_equal(picture.values[layer["weight"] :][: weight.size], weight.ravel())
        bias = trainer.model.parameter(f"{layer['node']}.bias").detach().numpy()
        np.testing.assert_array_equal(picture.values[layer["bias"] :][: bias.size], bias)


def test_the_path_of_a_point_ends_in_what_is_said() -> None:
    trainer = trainer_of("circle-mlp")
    look = Looker(trainer)
    picture, points = look("path"), look("points", split="test", limit=1)
    assert picture is not None
    assert points is not None
    places = {layer["node"]: picture.values[layer["first"] :][: layer["count"]] for layer in picture.extra["layers"]}
    np.testing.assert_array_equal(places["input"], points.values[0, :2])
    weight, bias = (trainer.model.parameter(f"output.{name}").detach().numpy() for name in ("weight", "bias"))
    np.testing.assert_allclose(weight @ places["tanh1"] + bias, places["output"], atol=1e-5)
    assert picture.extra["scale"] == "certainty"
    assert picture.extra["target"] == points.values[0, 2]
    assert picture.values[picture.extra["said"] :].tolist() == pytest.approx([points.values[0, 3]])


def test_more_than_two_classes_have_a_picture_each() -> None:
    trainer = Trainer(several("spiral", 3), device="cpu", threads=1)
    look = Looker(trainer)
    said, points, path = look("plane", size=10), look("points", split="train", limit=9), look("path")
    assert said is not None
    assert points is not None
    assert path is not None
    assert said.values.shape == (3, 10, 10)
    np.testing.assert_allclose(said.values.sum(axis=0), 1, atol=1e-5)
    assert (said.extra["scale"], said.extra["classes"]) == ("probability", ["blue", "red", "green"])
    assert points.values[:, 2].tolist() == [0, 1, 2, 0, 1, 2, 0, 1, 2]
    assert path.values[path.extra["said"] :].sum() == pytest.approx(1, abs=1e-5)


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


def test_answers_that_no_class_has_are_columns_of_their_own() -> None:
    look = Looker(trainer_of("labels-binary-code", 1))
    counts, shares = look("confusion"), look("predictions")
    assert counts is not None
    assert shares is not None
    assert counts.values.shape == (5, 8)
    assert counts.values.sum() == 300
    assert counts.extra["said"][4:] == ["cyan", "101", "110", "111"]
    assert shares.extra["classes"] == counts.extra["said"]
    assert shares.values.sum() == pytest.approx(1, abs=1e-5)


def test_an_interval_is_read_as_its_mean_where_one_number_is_asked_for() -> None:
    look = Looker(trainer_of("uncertainty", 1))
    one, pairs, along = look("predictions"), look("scatter"), look("line", size=12)
    assert one is not None
    assert pairs is not None
    assert along is not None
    assert one.values.shape == (1,)
    assert pairs.values.shape == (400, 2)
    assert pairs.values[0, 1] == pytest.approx(one.values[0], rel=1e-5)
    mean, low, high = along.values
    assert (low < mean).all()
    np.testing.assert_allclose(mean - low, high - mean, rtol=1e-4)
