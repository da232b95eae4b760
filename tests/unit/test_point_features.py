"""The inputs that a network can be told about a point."""

from __future__ import annotations

import pytest
import torch

from torchglass.layers.base import LAYERS, Context
from torchglass.spec.problems import ShapeError
from torchglass.spec.shapes import Shape

NOWHERE = Context({}.__getitem__, lambda *_: {}, lambda *_: ([], []))
ALL = ("x1", "x2", "x1_squared", "x2_squared", "product", "sin_x1", "sin_x2")
INPUTS = {"in": Shape.vector(2)}


def test_all_inputs_in_their_order() -> None:
    layer = LAYERS.make("features", dict.fromkeys(ALL, True))
    x1, x2 = torch.tensor([1.5, -3.0]), torch.tensor([0.5, 4.0])
    out = layer.build(INPUTS, NOWHERE)(torch.stack([x1, x2], 1))
    expected = torch.stack([x1, x2, x1**2, x2**2, x1 * x2, torch.sin(x1), torch.sin(x2)], 1)
    torch.testing.assert_close(out, expected)
    assert layer.infer_shape(INPUTS, NOWHERE)["out"] == Shape.vector(7)
    assert layer.multiply_adds(INPUTS, {"out": Shape.vector(7)}) == 7


def test_only_the_chosen_ones() -> None:
    layer = LAYERS.make("features", {"x1": False, "product": True})
    out = layer.build(INPUTS, NOWHERE)(torch.tensor([[2.0, 3.0]]))
    assert out.tolist() == [[3.0, 6.0]]


def test_refusals_name_the_way_out() -> None:
    with pytest.raises(ShapeError, match="points of the plane") as three:
        LAYERS.make("features", {}).infer_shape({"in": Shape.vector(3)}, NOWHERE)
    assert three.value.message.endswith("3 arrive here.")
    with pytest.raises(ShapeError, match="choose one") as none:
        LAYERS.make("features", {"x1": False, "x2": False}).infer_shape(INPUTS, NOWHERE)
    assert none.value.mend is not None
    assert (none.value.mend.path, none.value.mend.value) == ("config.x1", True)
