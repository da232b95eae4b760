"""A window by hand: the numbers of the probe against an independent NumPy convolution and pooling."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from torchglass.catalog import parse_experiment, validate
from torchglass.presets import load_preset
from torchglass.probes.base import PROBES, Picture, Target
from torchglass.sessions.document import Document
from torchglass.sessions.errors import RefusedError
from torchglass.training.trainer import Trainer
from torchglass.worker.capture import Looking, Moment, Pinned, View
from torchglass.worker.sources import Sources


def document(*layers: dict[str, Any], **data: Any) -> dict[str, Any]:
    """MNIST → layers → ten scores."""
    raw = load_preset("mnist-cnn").model_dump(mode="json")
    nodes = [{"id": "input", "kind": "input", "config": {"field": "image"}}, *layers]
    nodes += [{"id": "flatten", "kind": "flatten", "config": {}}]
    nodes += [{"id": "dense", "kind": "linear", "config": {"out_features": 10}}]
    edges = [{"source": a["id"], "target": b["id"]} for a, b in itertools.pairwise(nodes)]
    raw["network"] = {"nodes": nodes, "edges": edges}
    raw["data"] |= {"split": {"train": 64, "test": 32}, **data}
    return raw


def node(name: str, kind: str, **config: Any) -> dict[str, Any]:
    return {"id": name, "kind": kind, "config": config}


def seen(raw: dict[str, Any], kind: str, node_id: str | None, **options: Any) -> Picture:
    subject = Trainer(parse_experiment(raw), device="cpu", threads=1)
    subject.model.eval()
    view = View(Moment(subject, Sources(subject.data), Pinned(subject), [], 0, 0.0, False), "test:3")
    with Looking(subject.model)():
        found = PROBES.make(kind, options).capture(Target(node=node_id, source="test:3"), view)
    assert found is not None
    return found


def parts(picture: Picture) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Input (C, H, W), kernels (F, C', kh, kw), output (F, H', W')."""
    shapes = [tuple(picture.extra[name]) for name in ("input", "kernels", "output")]
    ends = np.cumsum([np.prod(shape, dtype=int) for shape in shapes])
    assert len(picture.values) == ends[-1]
    x, w, y = (
        picture.values[end - np.prod(shape, dtype=int) : end].reshape(shape)
        for end, shape in zip(ends, shapes, strict=True)
    )
    return x, w, y


def by_hand(picture: Picture, pool: Any = None) -> np.ndarray:
    """The output, number by number."""
    x, w, y = parts(picture)
    extra = picture.extra
    (sh, sw), (ph, pw), (dh, dw), (kh, kw) = (extra[k] for k in ("stride", "padding", "dilation", "window"))
    empty = -np.inf if pool is np.max else 0.0
    padded = np.pad(x.astype(np.float64), ((0, 0), (ph, ph), (pw, pw)), constant_values=empty)
    found = np.zeros(y.shape)
    for f, i, j in np.ndindex(*y.shape):
        piece = padded[:, i * sh : i * sh + dh * (kh - 1) + 1 : dh, j * sw : j * sw + dw * (kw - 1) + 1 : dw]
        if pool is not None:
            found[f, i, j] = pool(piece[extra["first"] + f])
        else:
            block = (extra["first"] + f) // (extra["filters"] // extra["groups"]) * w.shape[1]
            found[f, i, j] = (piece[block : block + w.shape[1]] * w[f]).sum() + extra["bias"][f]
    return found


@pytest.mark.parametrize(
    "config",
    [
        {"kernel_size": 3},
        {"kernel_size": 5, "stride": 2, "padding": 2},
        {"kernel_size": 3, "dilation": 2, "padding": 1},
        {"kernel_size": 3, "groups": 2, "stride": 3},
        {"kernel_size": 2, "bias": False},
    ],
)
def test_a_convolution_formed_by_hand_is_what_the_network_computes(config: dict[str, Any]) -> None:
    raw = document(node("first", "conv2d", out_channels=4), node("conv", "conv2d", out_channels=4, **config))
    picture = seen(raw, "sliding_window", "conv", first=1, count=3)
    assert picture.extra["output"][0] == 3
    np.testing.assert_allclose(by_hand(picture), parts(picture)[2], atol=1e-5)


@pytest.mark.parametrize(("kind", "pool"), [("max_pool2d", np.max), ("avg_pool2d", np.mean)])
@pytest.mark.parametrize("config", [{}, {"kernel_size": 3, "stride": 1}, {"kernel_size": 4, "stride": 3, "padding": 2}])
def test_pooling_formed_by_hand_is_what_the_network_computes(kind: str, pool: Any, config: dict[str, Any]) -> None:
    raw = document(node("first", "conv2d", out_channels=3), node("pool", kind, **config))
    picture = seen(raw, "sliding_window", "pool", first=2)
    assert picture.extra["kernels"] == [0, 0, *picture.extra["window"]]
    np.testing.assert_allclose(by_hand(picture, pool), parts(picture)[2], atol=1e-5)


@pytest.mark.parametrize(
    "config", [{}, {"kernel_size": 2, "stride": 2, "padding": 1}, {"dilation": 2, "groups": 2}, {"bias": False}]
)
def test_a_convolution_along_a_sequence_formed_by_hand_is_what_the_network_computes(config: dict[str, Any]) -> None:
    raw = load_preset("conv1d").model_dump(mode="json")
    raw["data"] |= {"split": {"train": 64, "test": 32}}
    raw["network"]["nodes"].insert(2, node("second", "conv1d", out_channels=6, **config))
    raw["network"]["edges"] = [
        {"source": a["id"], "target": b["id"]} for a, b in itertools.pairwise(raw["network"]["nodes"])
    ]
    picture = seen(raw, "sliding_window", "second", count=6)
    assert picture.extra["input"] == [4, 1, 5]
    np.testing.assert_allclose(by_hand(picture), parts(picture)[2], atol=1e-5)


@pytest.mark.parametrize(("kind", "pool"), [("max_pool1d", np.max), ("avg_pool1d", np.mean)])
@pytest.mark.parametrize("config", [{}, {"kernel_size": 3, "stride": 1}, {"kernel_size": 4, "stride": 2, "padding": 2}])
def test_pooling_along_a_sequence_is_that_of_numpy(kind: str, pool: Any, config: dict[str, Any]) -> None:
    raw = load_preset("conv1d").model_dump(mode="json")
    raw["data"] |= {"split": {"train": 64, "test": 32}}
    raw["network"]["nodes"].insert(2, node("pool", kind, **config))
    raw["network"]["edges"] = [
        {"source": a["id"], "target": b["id"]} for a, b in itertools.pairwise(raw["network"]["nodes"])
    ]
    picture = seen(raw, "sliding_window", "pool", count=4)
    assert picture.extra["input"] == [4, 1, 5]
    assert picture.extra["window"] == (1, config.get("kernel_size", 2))
    np.testing.assert_allclose(by_hand(picture, pool), parts(picture)[2], atol=1e-5)


def test_padding_of_more_than_half_a_window_is_refused_at_the_node() -> None:
    raw = load_preset("conv1d").model_dump(mode="json")
    raw["network"]["nodes"].insert(2, node("pool", "max_pool1d", kernel_size=3, padding=2))
    raw["network"]["edges"] = [
        {"source": a["id"], "target": b["id"]} for a, b in itertools.pairwise(raw["network"]["nodes"])
    ]
    (problem, *_) = validate(parse_experiment(raw)).problems
    assert (problem.node, problem.field) == ("pool", "padding")
    assert problem.message == "Padding 2 is more than half of the window of 3 places."
    assert problem.mend is not None
    assert problem.mend.value == 1


def test_a_window_longer_than_its_sequence_is_refused_at_the_node() -> None:
    raw = load_preset("conv1d").model_dump(mode="json")
    raw["network"]["nodes"][1]["config"]["kernel_size"] = 9
    (problem, *_) = validate(parse_experiment(raw)).problems
    assert (problem.node, problem.field) == ("conv", "kernel_size")
    assert problem.message == "A window of 9 places does not fit into a sequence of 7."
    assert problem.mend is not None
    assert problem.mend.value == 7


def test_other_layers_and_layers_too_large_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="convolution or a pooling layer"):
        seen(document(), "sliding_window", "dense")
    large = document(node("first", "conv2d", out_channels=400), node("conv", "conv2d", out_channels=1))
    with pytest.raises(ValueError, match="“conv” reads 400×26×26 numbers: too many"):
        seen(large, "sliding_window", "conv")


SOBEL = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]


def test_kernels_by_hand_stand_in_the_middle_of_every_window() -> None:
    raw = document(node("conv", "conv2d", out_channels=3, kernel_size=5, given_kernels=[SOBEL, [[1]]]))
    _, kernels, _ = parts(seen(raw, "sliding_window", "conv", count=3))
    expected = np.zeros((3, 1, 5, 5))
    expected[0, 0, 1:4, 1:4], expected[1, 0, 2, 2] = SOBEL, 1
    np.testing.assert_array_equal(kernels, expected)
    small = document(node("conv", "conv2d", out_channels=1, kernel_size=1, given_kernels=[SOBEL]))
    np.testing.assert_array_equal(parts(seen(small, "sliding_window", "conv"))[1], [[[[0]]]])


def test_a_whole_kernel_is_written_at_once() -> None:
    subject = Trainer(parse_experiment(document(node("conv", "conv2d", out_channels=2))), device="cpu", threads=1)
    numbers = [float(value) for row in SOBEL for value in row]
    weight = subject.model.parameters_by_name()["conv.weight"]
    untouched = weight[0].detach().clone()
    subject.assign("conv", "weight", [1, 0, 0, 0], numbers[0], numbers[1:])
    np.testing.assert_array_equal(weight[1, 0].detach().numpy(), SOBEL)
    assert weight[0].detach().equal(untouched)
    with pytest.raises(IndexError, match="18 numbers"):
        subject.assign("conv", "weight", [1, 0, 0, 1], 0.0, numbers[1:])


def test_a_kernel_that_runs_over_the_end_of_the_weight_is_refused() -> None:
    held = Document(parse_experiment(document(node("conv", "conv2d", out_channels=2))))
    assert held.number_at("conv", "weight", [1, 0, 0, 0], 8) == "conv: weight[1, 0, 0, 0]"
    with pytest.raises(RefusedError, match=r"has 18 numbers: 9 do not fit from \[1, 0, 0, 1\] on"):
        held.number_at("conv", "weight", [1, 0, 0, 1], 8)


@pytest.mark.parametrize(
    ("config", "field", "words"),
    [
        ({"kernel_size": 29}, "kernel_size", "A window of 29×29 does not fit into an image of 28×28."),
        ({"stride": 0}, "stride", "Stride must be at least 1 (it is 0)."),
        ({"groups": 3, "out_channels": 9}, "groups", "3 groups do not divide the 1 channels that arrive."),
        ({"out_channels": 100_000}, "out_channels", "at most 65536"),
    ],
)
def test_what_can_not_be_is_said_at_the_node(config: dict[str, Any], field: str, words: str) -> None:
    report = validate(parse_experiment(document(node("conv", "conv2d", **config))))
    assert not report.ok
    problem = next(problem for problem in report.problems if problem.node == "conv")
    assert problem.field is not None
    assert problem.field.endswith(field)
    assert words in problem.message


def test_ten_thousand_channels_are_counted_before_anything_is_allocated() -> None:
    layers = [node(name, "conv2d", out_channels=10_000, padding=1) for name in ("one", "two")]
    report = validate(parse_experiment(document(*layers)))
    said = " ".join(problem.message for problem in report.problems)
    assert not report.ok
    assert "most of it at “two”" in said
