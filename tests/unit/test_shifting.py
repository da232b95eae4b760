"""Shifts by whole pixels: what moves along, what stays, what is lost; and pixels in another order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from tests.unit.test_sliding_window import document, node, seen

from torchglass.catalog import parse_experiment
from torchglass.datasets.base import DATASETS
from torchglass.datasets.mnist import shifted
from torchglass.prepare.base import PREPARES
from torchglass.presets import load_preset
from torchglass.probes._moving import moved
from torchglass.probes._reach import reach_of
from torchglass.training.trainer import Trainer
from torchglass.worker.capture import Looking, Moment, Pinned, View
from torchglass.worker.sources import Sources


def rows(raw: dict[str, Any], **options: Any) -> dict[str, dict[str, Any]]:
    return {row["node"]: row for row in seen(raw, "shift", None, **options).extra["layers"]}


def test_what_is_moved_repeats_the_edge() -> None:
    picture = np.arange(6.0).reshape(1, 2, 3)
    np.testing.assert_array_equal(moved(picture, 1, 0), [[[0, 0, 1], [3, 3, 4]]])
    np.testing.assert_array_equal(moved(picture, -1, 1), [[[1, 2, 2], [1, 2, 2]]])
    np.testing.assert_array_equal(moved(picture, 0, 0), picture)


def test_maps_of_convolutions_move_along_and_pooling_by_its_stride() -> None:
    raw = document(
        node("conv", "conv2d", out_channels=3, padding=1),
        node("relu", "relu"),
        node("pool", "max_pool2d", kernel_size=2),
        node("deep", "conv2d", out_channels=4),
    )
    two = rows(raw, right=2, down=-4)
    assert all(two[name]["along"] == pytest.approx(0, abs=1e-5) for name in ("conv", "relu", "pool", "deep"))
    assert all(two[name]["distance"] > 0.3 for name in ("conv", "pool", "deep", "dense"))
    one = rows(raw, right=1)
    assert one["conv"]["along"] == pytest.approx(0, abs=1e-5)
    assert one["pool"]["along"] is None  # half a pixel of a pooled map
    assert rows(raw)["dense"] == {"node": "dense", "numbers": 10, "changed": 0, "distance": 0, "along": None}


def test_a_global_mean_hardly_notices_a_shift() -> None:
    raw = document(
        node("conv", "conv2d", out_channels=6, padding=1), node("relu", "relu"), node("mean", "adaptive_avg_pool2d")
    )
    found = rows(raw, right=2)
    assert found["mean"]["distance"] < 0.02 < 0.3 < found["relu"]["distance"]


def test_pooling_notices_a_small_shift_less_than_what_it_pools() -> None:
    raw = load_preset("pooling").model_dump(mode="json")
    raw["data"]["split"] = {"train": 64, "test": 32}
    found = rows(raw, right=1)
    assert found["max"]["distance"] < 0.6 * found["relu"]["distance"]
    assert found["mean"]["distance"] < 0.7 * found["relu"]["distance"]
    assert found["max"]["changed"] < found["relu"]["changed"]


def test_accuracy_is_counted_on_the_pictures_that_are_moved() -> None:
    raw = document()
    picture = seen(raw, "shift_accuracy", None, most=3, count=32)
    subject = Trainer(parse_experiment(raw), device="cpu", threads=1)
    images = np.asarray(subject.data.raw("test", range(32))["image"])
    truth = subject.data.raw("test", range(32))["label"]
    for pixels in (0, 3):
        fed = subject.data.prepare_input("image", shifted(images, pixels) if pixels else images)
        said = subject.model.run({"image": fed})["dense"].argmax(1).numpy()
        assert picture.values[pixels, 1] == pytest.approx((said == truth).mean())
    assert picture.extra == {"networks": [""], "pictures": 32}


def test_test_digits_are_moved_and_training_digits_stay() -> None:
    still, away = (DATASETS.make("mnist", {"test_shift": pixels}).load(0) for pixels in (0, 3))
    np.testing.assert_array_equal(still.train["image"][:8], away.train["image"][:8])
    for number, (right, down) in enumerate(((3, 0), (-3, 0), (0, 3), (0, -3))):
        np.testing.assert_array_equal(away.test["image"][number], moved(still.test["image"][number], right, down))


@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (2, 7)])
def test_pixels_in_another_order_come_back(shape: tuple[int, ...]) -> None:
    step = PREPARES.make("permute", {"seed": 3})
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    fitted = {name: torch.as_tensor(value) for name, value in step.fit([values]).items()}
    mixed = step.apply(torch.from_numpy(values), fitted)
    order = np.random.default_rng(3).permutation(int(np.prod(shape[2:])) if len(shape) > 2 else shape[1])
    flat = values.reshape(*shape[:2], -1) if len(shape) > 2 else values
    np.testing.assert_array_equal(mixed.numpy(), flat[..., order].reshape(shape))
    np.testing.assert_array_equal(step.undo(mixed, fitted).numpy(), values)


DEEP = [
    [node("a", "conv2d", out_channels=2, kernel_size=5, stride=2, padding=3)],
    [node("a", "conv2d", out_channels=2, dilation=3), node("b", "avg_pool2d", kernel_size=3, stride=2, padding=1)],
    [
        node("a", "conv2d", out_channels=2, padding=1),
        node("relu", "relu"),
        node("b", "max_pool2d", kernel_size=2),
        node("c", "conv2d", out_channels=2, kernel_size=3, stride=2, dilation=2),
    ],
]


@pytest.mark.parametrize("layers", DEEP)
def test_the_receptive_field_is_where_the_gradient_reaches(layers: list[dict[str, Any]]) -> None:
    """Positive weights and several random pictures, so that nothing cancels and every pixel is once the largest."""
    subject = Trainer(parse_experiment(document(*layers)), device="cpu", threads=1)
    last = layers[-1]["id"]
    view = View(Moment(subject, Sources(subject.data), Pinned(subject), [], 0, 0.0, False), "test:0")
    with Looking(subject.model)():
        reach = reach_of(view, last)
    assert reach is not None
    with torch.no_grad():
        for parameter in subject.model.parameters():
            parameter.abs_()
    height, width = subject.subject.shapes[last].known()[1:]
    for unit in ((0, 0), (height // 2, width // 3), (height - 1, width - 1)):
        touched = torch.zeros(28, 28)
        for seed in range(12):
            x = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(seed)).requires_grad_()
            (gradient,) = torch.autograd.grad(subject.model.run({"image": x})[last][0, :, *unit].sum(), x)
            touched += gradient[0, 0].abs()
        seen_rows, seen_columns = (torch.nonzero(touched.sum(1 - axis)).ravel() for axis in (0, 1))
        (top, tall), (left, wide) = (reach[axis].span(unit[axis], 28) for axis in (0, 1))
        assert (int(seen_rows[0]), int(seen_rows[-1])) == (top, top + tall - 1)
        assert (int(seen_columns[0]), int(seen_columns[-1])) == (left, left + wide - 1)


def test_behind_a_flatten_everything_is_seen() -> None:
    subject = Trainer(parse_experiment(document(node("conv", "conv2d"))), device="cpu", threads=1)
    view = View(Moment(subject, Sources(subject.data), Pinned(subject), [], 0, 0.0, False), "test:0")
    assert reach_of(view, "dense") is None
    assert reach_of(view, "input") is not None


def test_the_patches_that_excite_a_channel_are_cut_where_it_answers_most() -> None:
    layers = [node("conv", "conv2d", out_channels=3, padding=1), node("pool", "max_pool2d", kernel_size=2)]
    raw = document(*layers)
    picture = seen(raw, "exciting_patches", "pool", first=1, channels=2, count=3, pictures=20)
    subject = Trainer(parse_experiment(raw), device="cpu", threads=1)
    maps = subject.model.run(subject.data.batch("train", range(20)))["pool"].detach().numpy()
    assert picture.extra["reach"] == [[2, -1, 4], [2, -1, 4]]
    assert picture.values.shape == (2, 3, 1, 4, 4)
    images = np.asarray(subject.data.raw("train", range(20))["image"])
    for number, row in enumerate(picture.extra["rows"]):
        channel = row["channel"]
        assert channel == number + 1
        order = np.argsort(-maps[:, channel].max(axis=(1, 2)), kind="stable")[:3]
        assert row["pictures"] == order.tolist()
        for patch, index, (i, j), answer in zip(picture.values[number], order, row["at"], row["answers"], strict=True):
            assert maps[index, channel, i, j] == pytest.approx(answer, abs=1e-4)
            around = np.pad(images[index, 0], 4, constant_values=128)[2 * i + 3 : 2 * i + 7, 2 * j + 3 : 2 * j + 7]
            np.testing.assert_array_equal(patch[0], around)
    with pytest.raises(ValueError, match="maps of a layer over a picture"):
        seen(raw, "exciting_patches", "dense")
