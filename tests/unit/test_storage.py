"""The flat storage: views stay views, roles are ranges."""

from __future__ import annotations

import torch
from torch import nn

from torchglass.optimizers.base import OPTIMIZERS
from torchglass.training.storage import Storage, clip_factor


def make():
    first, second = nn.Linear(3, 2), nn.Linear(2, 1)
    named = lambda prefix, module: [(f"{prefix}.{n}", p) for n, p in module.named_parameters()]  # noqa: E731
    storage = Storage({"a": named("first", first), "b": named("second", second)}, torch.device("cpu"))
    return first, second, storage


def test_parameters_are_views_of_one_buffer():
    first, second, storage = make()
    storage.flat.zero_()
    assert first.weight.abs().sum() == 0
    with torch.no_grad():
        second.bias.fill_(5.0)
    assert storage.flat[-1] == 5.0


def test_backward_writes_into_the_flat_gradient():
    first, second, storage = make()
    second(first(torch.ones(4, 3))).sum().backward()
    assert storage.gradient[-1] == 4.0  # d/d bias of a sum over four examples
    assert torch.equal(storage.views(storage.gradient)["second.bias"], second.bias.grad)


def test_roles_are_contiguous_ranges_with_their_own_state():
    _, _, storage = make()
    role = storage.role("b", OPTIMIZERS.make("adam", {}))
    assert (role.start, role.stop) == (8, 11)
    assert {name: tensor.shape for name, tensor in role.state.items()} == {
        "first_moment": (3,),
        "second_moment": (3,),
    }
    assert set(storage.views(role.state["first_moment"], role.start)) == {"second.weight", "second.bias"}


def test_survives_load_state_dict():
    first, _, storage = make()
    first.load_state_dict({"weight": torch.full((2, 3), 2.0), "bias": torch.full((2,), 3.0)})
    assert storage.flat[:8].tolist() == [2.0] * 6 + [3.0] * 2


def test_weight_decay_applies_to_weights_only():
    _, _, storage = make()
    assert storage.decays.tolist() == [1] * 6 + [0] * 2 + [1] * 2 + [0]


def test_clip_factor_limits_the_norm():
    gradient = torch.tensor([3.0, 4.0])
    assert torch.isclose((gradient * clip_factor(gradient, 1.0)).norm(), torch.tensor(1.0), atol=1e-5)
    assert clip_factor(gradient, 100.0) == 1.0


def test_not_a_number_is_seen():
    _, _, storage = make()
    assert storage.is_finite()
    storage.flat[4] = float("nan")
    assert not storage.is_finite()


def test_channels_last_keeps_the_numbers_and_changes_the_layout():
    conv = nn.Conv2d(3, 4, 5)
    before = conv.weight.detach().clone()
    storage = Storage({"m": [("conv.weight", conv.weight), ("conv.bias", conv.bias)]}, torch.device("cpu"), True)
    assert torch.equal(conv.weight, before)
    assert conv.weight.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(storage.views(storage.flat)["conv.weight"], before)
    storage.write(storage.gradient, "conv.weight", before)
    assert torch.equal(conv.weight.grad, before)
