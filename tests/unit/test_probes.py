"""Every probe against an independent computation on a tiny network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from probes_fakes import CLASSES, FakeTrainer

from torchglass.probes.base import PROBES, Picture, Target
from torchglass.worker.capture import Looking, Moment, View
from torchglass.worker.pinned import Pinned
from torchglass.worker.sources import Sources


def captured(trainer: FakeTrainer, kind: str, target: Target, **options: Any) -> Picture | None:
    with Looking(trainer.model)():
        moment = Moment(trainer, Sources(trainer.data), Pinned(trainer), [], 0, 0.0, False)
        return PROBES.make(kind, options).capture(target, View(moment, target.source))


@pytest.fixture
def trainer() -> FakeTrainer:
    return FakeTrainer()


def outputs(trainer: FakeTrainer, split: str = "test", indices: Any = (0,)) -> dict[str, torch.Tensor]:
    trainer.model.eval()
    with torch.no_grad():
        result = trainer.model.run(trainer.data.batch(split, indices))
    trainer.model.train()
    return result


def test_example_is_the_picture_as_stored(trainer: FakeTrainer) -> None:
    picture = captured(trainer, "example", Target(source="test:7"))
    assert picture is not None
    raw = trainer.data.raw("test", [7])
    np.testing.assert_array_equal(picture.values, raw["image"].reshape(1, 8, 8))
    assert picture.extra == {"label": int(raw["label"][0]), "classes": list(CLASSES), "split": "test", "index": 7}
    assert picture.signed is False


def test_activations_are_limited_maps_or_units(trainer: FakeTrainer) -> None:
    maps = captured(trainer, "activations", Target("conv", "out", "test:3"), limit=2)
    units = captured(trainer, "activations", Target("dense", "out", "test:3"))
    assert maps is not None
    assert units is not None
    expected = outputs(trainer, indices=[3])
    np.testing.assert_allclose(maps.values, expected["conv"][0, :2].numpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(units.values, expected["dense"][0].numpy(), rtol=1e-5, atol=1e-6)
    assert (maps.axes, maps.extra["total"], units.axes) == (("C", "H", "W"), 4, ("D",))
    assert (maps.encoding, units.encoding) == ("quantised", "exact")  # few numbers are read


def test_filters_of_convolution_and_dense(trainer: FakeTrainer) -> None:
    kernels = captured(trainer, "filters", Target("conv", "weight"))
    rows = captured(trainer, "filters", Target("dense", "weight"))
    assert kernels is not None
    assert rows is not None
    assert (kernels.axes, kernels.values.shape) == (("K", "C", "H", "W"), (4, 1, 3, 3))
    assert (rows.axes, rows.values.shape) == (("K", "D"), (3, 256))
    assert captured(trainer, "filters", Target("relu", "weight")) is None


def test_dense_weights_right_behind_the_picture_are_images(trainer: FakeTrainer) -> None:
    network = trainer.subject.network
    nodes = [node for node in network.nodes if node.id in {"input", "flatten", "dense"}]
    edges = [network.edges[0].model_copy(update={"source": "input", "target": "flatten"})]
    edges += [network.edges[0].model_copy(update={"source": "flatten", "target": "dense"})]
    trainer.subject.network = network.model_copy(update={"nodes": nodes, "edges": edges})
    trainer.model.nodes["dense"] = torch.nn.Linear(64, 3)
    picture = captured(trainer, "filters", Target("dense", "weight"))
    assert picture is not None
    assert (picture.axes, picture.values.shape) == (("K", "C", "H", "W"), (3, 1, 8, 8))


def test_predictions_are_exact_probabilities(trainer: FakeTrainer) -> None:
    picture = captured(trainer, "predictions", Target(source="train:2"))
    assert picture is not None
    expected = outputs(trainer, "train", [2])["dense"][0].softmax(-1)
    np.testing.assert_allclose(picture.values, expected.numpy(), rtol=1e-5)
    assert picture.encoding == "exact"
    assert picture.extra["label"] == int(trainer.data.raw("train", [2])["label"][0])
    assert picture.extra["reading"] == "softmax"


def test_samples_name_class_and_confidence(trainer: FakeTrainer) -> None:
    picture = captured(trainer, "samples", Target(), start=20, count=24)
    assert picture is not None
    read = outputs(trainer, indices=range(20, 30))["dense"].softmax(-1)
    assert picture.values.shape == (10, 1, 8, 8)
    assert picture.extra["indices"] == list(range(20, 30))
    assert picture.extra["predicted"] == read.argmax(1).tolist()
    np.testing.assert_allclose(picture.extra["confidence"], read.amax(1).numpy(), atol=1e-4)
    with pytest.raises(ValueError, match="no example 99"):
        captured(trainer, "samples", Target(), start=99)


def test_confusion_counts_every_pair(trainer: FakeTrainer) -> None:
    picture = captured(trainer, "confusion", Target())
    assert picture is not None
    expected = np.zeros((3, 3))
    guessed = outputs(trainer, indices=range(30))["dense"].argmax(1).tolist()
    for true, guess in zip(trainer.data.raw("test", range(30))["label"], guessed, strict=True):
        expected[true, guess] += 1
    np.testing.assert_array_equal(picture.values, expected)
    assert picture.extra["total"] == 30


def gradients(trainer: FakeTrainer) -> dict[str, torch.Tensor]:
    """Reference: a plain backward pass in eval mode on a copy of the weights."""
    reference = FakeTrainer(seed=1)
    reference.model.load_state_dict(trainer.model.state_dict())
    reference.model.eval()
    batch = reference.data.batch("train", range(40))
    reference.recipe.loss(reference.model.run(batch), batch).backward()
    return {name: p.grad for name, p in reference.model.parameters_by_name().items() if p.grad is not None}


def test_histogram_of_gradients(trainer: FakeTrainer) -> None:
    picture = captured(trainer, "histogram", Target("dense", "weight.grad"), bins=11)
    assert picture is not None
    values = gradients(trainer)["dense.weight"].numpy()
    counts, edges = np.histogram(values, 11)
    assert picture.values.sum() == values.size
    assert np.abs(picture.values - counts).sum() <= 4  # a value on an edge may fall on either side
    assert picture.extra["lo"] == pytest.approx(edges[0], rel=1e-4)
    assert picture.extra["std"] == pytest.approx(values.std(), rel=1e-4)
    assert picture.extra["norm"] == pytest.approx(np.linalg.norm(values), rel=1e-4)
    assert all(p.grad is None for p in trainer.model.parameters())


def test_histogram_survives_constants_and_nan(trainer: FakeTrainer) -> None:
    with torch.no_grad():
        trainer.model.nodes["dense"].bias.fill_(2.0)
        trainer.model.nodes["conv"].bias[0] = torch.nan
    constant = captured(trainer, "histogram", Target("dense", "bias"))
    broken = captured(trainer, "histogram", Target("conv", "bias"))
    assert constant is not None
    assert broken is not None
    assert (constant.values.sum(), constant.extra["lo"], constant.extra["hi"]) == (3, 1.5, 2.5)
    assert (broken.values.sum(), broken.extra["nonfinite"]) == (3, 1)


@pytest.mark.parametrize(("row", "column"), [(0, 0), (3, 5), (7, 7)])
def test_one_number_of_a_convolution_adds_up(trainer: FakeTrainer, row: int, column: int) -> None:
    picture = captured(trainer, "one_number", Target("conv", "out"), channel=1, row=row, column=column)
    assert picture is not None
    extra = picture.extra
    expected = float(outputs(trainer)["conv"][0, 1, row, column])
    total = float((np.asarray(extra["patch"]) * np.asarray(extra["weight"])).sum())
    assert extra["sum"] == pytest.approx(total, abs=1e-6)
    assert total + extra["bias"] == pytest.approx(expected, abs=1e-5)
    assert picture.values[0] == pytest.approx(expected, abs=1e-6)
    assert (extra["top"], extra["left"], extra["input_node"]) == (row - 1, column - 1, "input")
    np.testing.assert_allclose(extra["gradient"], gradients(trainer)["conv.weight"][1].numpy(), rtol=1e-3, atol=1e-6)


def test_one_number_backward_is_its_share_of_the_gradient(trainer: FakeTrainer) -> None:
    """A dense unit's gradient on one example is delta times the inputs: checked against autograd on its weights."""
    trainer.model.eval()
    batch = trainer.data.batch("test", [0])
    loss = trainer.recipe.loss(trainer.model.run(batch), batch)
    (expected,) = torch.autograd.grad(loss, [trainer.model.nodes["dense"].weight])
    extra = captured(trainer, "one_number", Target("dense", "out"), unit=2).extra  # type: ignore[union-attr]
    found = extra["delta"] * np.asarray(extra["inputs"])
    np.testing.assert_allclose(found, expected[2].numpy()[extra["indices"]], rtol=1e-4, atol=1e-7)
    quiet = captured(trainer, "one_number", Target("dense", "out"), unit=2, gradient=False).extra  # type: ignore[union-attr]
    assert (quiet["delta"], quiet["gradient"]) == (None, None)


def test_one_number_of_a_dense_layer_shows_its_largest_terms(trainer: FakeTrainer) -> None:
    picture = captured(trainer, "one_number", Target("dense", "out"), unit=2)
    assert picture is not None
    extra = picture.extra
    expected = float(outputs(trainer)["dense"][0, 2])
    assert extra["result"] == pytest.approx(expected, abs=1e-6)
    assert extra["sum"] + extra["bias"] == pytest.approx(expected, abs=1e-4)
    assert len(extra["indices"]) == 24
    np.testing.assert_allclose(np.multiply(extra["inputs"], extra["weights"]), extra["products"], rtol=1e-5)


@pytest.mark.parametrize(("node", "options"), [("relu", {}), ("conv", {"channel": 9}), ("dense", {"unit": 3})])
def test_one_number_says_what_it_cannot_show(trainer: FakeTrainer, node: str, options: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"only|no number|no unit"):
        captured(trainer, "one_number", Target(node, "out"), **options)


def test_flow_is_the_root_mean_square(trainer: FakeTrainer) -> None:
    picture = captured(trainer, "flow", Target())
    assert picture is not None
    expected = outputs(trainer)
    assert picture.extra["nodes"] == ["input", "conv", "relu", "flatten", "drop", "dense"]
    for name, value in zip(picture.extra["nodes"], picture.values, strict=True):
        assert value == pytest.approx(float(expected[name].square().mean().sqrt()), rel=1e-4)
    gradient = gradients(trainer)["conv.weight"].square().mean().sqrt()
    assert picture.extra["gradient_rms"]["conv"] == pytest.approx(float(gradient), rel=1e-3)
    assert set(picture.extra["weight_rms"]) == {"conv", "dense"}
