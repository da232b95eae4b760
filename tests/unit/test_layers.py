"""Layers that torch.nn does not have, against their formulas; and shapes worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from torchglass.cli_catalog import print_catalog, print_presets
from torchglass.layers._modules import BoltzmannMachine, MemoryReader, MemoryWriter
from torchglass.layers.base import LAYERS, Context
from torchglass.spec.problems import ShapeError
from torchglass.spec.shapes import Shape

NOWHERE: Any = None
CONTEXT = Context(field_shape=NOWHERE, call_part=NOWHERE, part_ports=NOWHERE)


def shape_of(kind: str, shape: Shape, **config: Any) -> str:
    return str(LAYERS.make(kind, config).infer_shape({"in": shape}, CONTEXT)["out"])


def test_shapes_by_hand() -> None:
    image = Shape.image(1, 28, 20)
    assert shape_of("conv2d", image, out_channels=8, kernel_size=5, padding=2) == "8×28×20"
    assert shape_of("conv2d", image, out_channels=8, kernel_size=3, stride=2, dilation=2) == "8×12×8"
    assert shape_of("max_pool2d", image, kernel_size=3) == "1×9×6"
    assert shape_of("flatten", image) == "560"
    assert shape_of("linear", Shape.sequence("T", 5), out_features=3) == "T×3"
    assert shape_of("embedding", Shape.tokens("T"), embedding_dim=3) == "T×3"


@pytest.mark.parametrize(
    ("kind", "shape", "words"),
    [
        ("linear", Shape.tokens(4), "embedding|whole numbers"),
        ("linear", Shape.mask(4), "mask"),
        ("linear", Shape.sequence(3, "T"), "differs between batches"),
        ("linear", Shape.label(), "numbers"),
        ("conv2d", Shape.vector(4), "works on images"),
        ("conv2d", Shape.image(1, "T", 4), "differs from batch to batch"),
        ("flatten", Shape.sequence("T", 4), "differs from batch to batch"),
        ("embedding", Shape.vector(4), "looks up tokens"),
        ("batch_norm", Shape.sequence(3, 4), "images and vectors"),
    ],
)
def test_refusals_in_words(kind: str, shape: Shape, words: str) -> None:
    with pytest.raises(ShapeError, match=words):
        shape_of(kind, shape)


def test_boltzmann_machine() -> None:
    machine = BoltzmannMachine(3, 2)
    with torch.no_grad():
        machine.weight.copy_(torch.tensor([[1.0, 0.0, -1.0], [2.0, 0.0, 0.0]]))
        machine.bias.copy_(torch.tensor([0.0, -2.0]))
    assert torch.allclose(machine(torch.tensor([[1.0, 5.0, 1.0]])), torch.tensor([[0.5, 0.5]]))
    assert torch.allclose(machine.visible(torch.tensor([[1.0, 0.0]])), torch.tensor([[1.0, 0.0, -1.0]]).sigmoid())


def test_memory_reads_the_slot_like_the_key_and_writes_only_there() -> None:
    memory = torch.eye(3)[None]
    key = torch.tensor([[0.0, 2.0, 0.0]])
    assert torch.allclose(MemoryReader("cosine", 200.0)(memory, key), memory[:, 1])
    written = MemoryWriter("slot", 100.0)(memory, key, torch.full((1, 3), 7.0))
    assert torch.allclose(written, torch.stack([memory[0, 0], torch.full((3,), 7.0), memory[0, 2]])[None])
    even = MemoryReader("dot", 1.0)(memory, torch.zeros(1, 3))
    assert torch.allclose(even, torch.full((1, 3), 1 / 3))


def test_live_settings_reach_the_module() -> None:
    for kind, setting, value in (
        ("dropout", "p", 0.9),
        ("leaky_relu", "negative_slope", 0.4),
        ("batch_norm", "eps", 0.1),
    ):
        module = LAYERS.make(kind, {}).build({"in": Shape.vector(4)}, CONTEXT)
        LAYERS.make(kind, {setting: value}).apply_live(module)
        assert getattr(module, setting) == value


def test_catalogue_and_presets_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert print_catalog() == print_presets() == print_catalog(as_json=True) == print_presets(as_json=True) == 0
    printed = capsys.readouterr().out
    assert "conv2d" in printed
    assert "mnist-cnn" in printed


def test_multiply_scales_whole_maps_and_average_pooling_is_the_mean() -> None:
    x = torch.arange(48.0).view(1, 3, 4, 4)
    gate = torch.tensor([0.0, 1.0, 2.0]).view(1, 3, 1, 1)
    shapes = [Shape.image(3, 4, 4), Shape.image(3, 1, 1)]
    layer = LAYERS.make("multiply", {})
    assert str(layer.infer_shape({"in": shapes}, CONTEXT)["out"]) == "3×4×4"
    assert str(layer.infer_shape({"in": shapes[::-1]}, CONTEXT)["out"]) == "3×4×4"
    assert torch.equal(layer.build({"in": shapes}, CONTEXT)([x, gate]), torch.einsum("bchw,bcij->bchw", x, gate))
    with pytest.raises(ShapeError, match="match or have size 1"):
        layer.infer_shape({"in": [Shape.vector(3), Shape.vector(4)]}, CONTEXT)
    pool = LAYERS.make("adaptive_avg_pool2d", {}).build({"in": shapes[0]}, CONTEXT)
    assert torch.equal(pool(x).view(3), x.mean(dim=(0, 2, 3)))
    assert shape_of("adaptive_avg_pool2d", shapes[0], output_size=2) == "3×2×2"
    with pytest.raises(ShapeError, match="larger"):
        shape_of("adaptive_avg_pool2d", shapes[0], output_size=5)
