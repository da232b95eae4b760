"""Activations, normalisation and first weights against torch and their formulas."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import nn

from torchglass.layers.base import LAYERS, Context
from torchglass.spec.problems import ShapeError
from torchglass.spec.shapes import Shape

NOWHERE: Any = None
CONTEXT = Context(field_shape=NOWHERE, call_part=NOWHERE, part_ports=NOWHERE)


def module(kind: str, shape: Shape, **config: Any) -> nn.Module:
    layer, inputs = LAYERS.make(kind, config), {"in": shape}
    layer.infer_shape(inputs, CONTEXT)
    built = layer.build(inputs, CONTEXT)
    for name, _ in built.named_parameters():
        layer.initialise(built, name, torch.Generator().manual_seed(3))
    return built


def test_maxout_is_the_largest_of_its_pieces() -> None:
    maxout = module("maxout", Shape.vector(4), out_features=3, pieces=2)
    x = torch.randn(5, 4)
    weight, bias = maxout.get_parameter("weight"), maxout.get_parameter("bias")
    by_hand = torch.stack(
        [torch.stack([x @ weight[2 * j + k] + bias[2 * j + k] for k in (0, 1)]).amax(0) for j in range(3)], 1
    )
    assert torch.allclose(maxout(x), by_hand, atol=1e-6)


def test_step_is_a_threshold_whose_slope_is_pretended_near_it() -> None:
    x = torch.tensor([-3.0, 0.4, 0.6, 2.0], requires_grad=True)
    step = module("step", Shape.vector(4), threshold=0.5)
    out = step(x)
    assert torch.allclose(out, torch.tensor([0.0, 0.0, 1.0, 1.0]))
    out.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0, 1, 1, 0]
    hard = module("step", Shape.vector(4), straight_through=False)(x)
    assert hard.tolist() == [0, 1, 1, 1]  # above 0
    (flat,) = torch.autograd.grad(hard.sum(), x)
    assert flat.tolist() == [0, 0, 0, 0]


def test_prelu_has_one_slope_or_one_per_channel() -> None:
    x = torch.randn(2, 3, 4, 4)
    assert torch.equal(module("prelu", Shape.image(3, 4, 4))(x), nn.PReLU()(x))
    by_channel = module("prelu", Shape.image(3, 4, 4), per_channel=True, init=0.5)
    assert by_channel.get_parameter("weight").shape == (3,)
    with pytest.raises(ShapeError, match="sequence"):
        module("prelu", Shape.sequence(5, 4), per_channel=True)


def test_rrelu_draws_while_training_and_takes_the_mean_in_use() -> None:
    rrelu = module("rrelu", Shape.vector(1000), lower=0.1, upper=0.3)
    x = -torch.ones(1, 1000)
    torch.manual_seed(0)
    drawn = -rrelu.train()(x)
    assert 0.1 <= float(drawn.min()) < 0.13 < 0.27 < float(drawn.max()) <= 0.3
    assert torch.allclose(rrelu.eval()(x), 0.2 * x)
    with pytest.raises(ShapeError, match="larger"):
        module("rrelu", Shape.vector(3), lower=0.5, upper=0.1)


def test_layer_norm_needs_no_batch() -> None:
    norm = module("layer_norm", Shape.vector(50))
    y = norm(torch.randn(1, 50) * 7 + 3)
    assert y.mean().item() == pytest.approx(0, abs=1e-5)
    assert y.std(correction=0).item() == pytest.approx(1, abs=1e-3)
    with pytest.raises(ShapeError, match="batch norm"):
        module("layer_norm", Shape.image(3, 4, 4))


@pytest.mark.parametrize(
    ("initial", "std"),
    [
        ("zeros", 0.0),
        ("normal", 0.3),
        ("xavier_uniform", 0.3 * math.sqrt(2 / (400 + 200))),
        ("xavier_normal", 0.3 * math.sqrt(2 / (400 + 200))),
        ("he_uniform", 0.3 * math.sqrt(2 / 400)),
        ("he_normal", 0.3 * math.sqrt(2 / 400)),
        ("orthogonal", 0.3 / math.sqrt(400)),
    ],
)
def test_first_weights_have_the_spread_of_their_rule(initial: str, std: float) -> None:
    dense = module("linear", Shape.vector(400), out_features=200, initial=initial, initial_scale=0.3)
    weight = dense.get_parameter("weight").detach()
    assert weight.std().item() == pytest.approx(std, rel=0.02)
    assert not dense.get_parameter("bias").any()
    if initial == "orthogonal":
        assert torch.allclose(weight @ weight.T, 0.09 * torch.eye(200), atol=1e-5)


def test_first_weights_do_not_depend_on_the_memory_layout() -> None:
    layer, inputs = LAYERS.make("conv2d", {"initial": "he_normal"}), {"in": Shape.image(3, 8, 8)}
    plain, other = layer.build(inputs, CONTEXT), layer.build(inputs, CONTEXT).to(memory_format=torch.channels_last)
    for built in (plain, other):
        layer.initialise(built, "weight", torch.Generator().manual_seed(5))
    assert torch.equal(plain.get_parameter("weight"), other.get_parameter("weight"))


def test_weights_by_hand_replace_the_draw_and_fit_whatever_units_there_are() -> None:
    given = {"given_weight": [[1, 2], [3, 4]], "given_bias": [-0.5]}
    dense = module("linear", Shape.vector(2), out_features=2, **given)
    assert dense.get_parameter("weight").tolist() == [[1, 2], [3, 4]]
    assert dense.get_parameter("bias").tolist() == [-0.5, 0]
    other = module("linear", Shape.vector(1), out_features=3, **given)
    assert other.get_parameter("weight").tolist() == [[1], [3], [0]]


@pytest.mark.parametrize("divisor", [0.0, 1e-300])
def test_a_textbook_slope_that_divides_by_next_to_nothing_is_refused(divisor: float) -> None:
    with pytest.raises(ShapeError, match=r"at least by 0\.001") as refused:
        module("leaky_relu", Shape.vector(4), negative_slope=divisor, form="textbook")
    assert refused.value.field == "negative_slope"
