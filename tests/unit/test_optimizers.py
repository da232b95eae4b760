"""Each optimizer against torch.optim over fifty steps, on one flat buffer."""

from __future__ import annotations

import math
import re

import pytest
import torch

from torchglass.optimizers.base import OPTIMIZERS

REFERENCES = {
    "sgd": [
        ({"lr": 0.1}, lambda p: torch.optim.SGD(p, lr=0.1)),
        ({"lr": 0.1, "momentum": 0.9}, lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9)),
        (
            {"lr": 0.05, "momentum": 0.8, "nesterov": True},
            lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8, nesterov=True),
        ),
    ],
    "adam": [
        ({"lr": 0.01}, lambda p: torch.optim.Adam(p, lr=0.01)),
        ({"lr": 0.02, "beta1": 0.5, "beta2": 0.9, "eps": 1e-4}, lambda p: torch.optim.Adam(p, 0.02, (0.5, 0.9), 1e-4)),
    ],
    "rmsprop": [
        ({"lr": 0.01}, lambda p: torch.optim.RMSprop(p, lr=0.01)),
        ({"lr": 0.02, "alpha": 0.9, "eps": 1e-3}, lambda p: torch.optim.RMSprop(p, lr=0.02, alpha=0.9, eps=1e-3)),
    ],
    "adagrad": [({"lr": 0.1, "eps": 1e-6}, lambda p: torch.optim.Adagrad(p, lr=0.1, eps=1e-6))],
    "adadelta": [
        ({}, torch.optim.Adadelta),
        ({"lr": 0.5, "rho": 0.8, "eps": 1e-4}, lambda p: torch.optim.Adadelta(p, lr=0.5, rho=0.8, eps=1e-4)),
    ],
    "adamw": [
        ({"lr": 0.01}, lambda p: torch.optim.AdamW(p, lr=0.01)),
        ({"lr": 0.02, "weight_decay": 0.5}, lambda p: torch.optim.AdamW(p, lr=0.02, weight_decay=0.5)),
    ],
}


def test_every_optimizer_has_a_reference():
    assert set(REFERENCES) == set(OPTIMIZERS)


@pytest.mark.parametrize(
    ("kind", "config", "reference"), [(k, config, make) for k, cases in REFERENCES.items() for config, make in cases]
)
def test_same_path_as_torch(kind, config, reference):
    optimizer = OPTIMIZERS.make(kind, config)
    random = torch.Generator().manual_seed(7)
    start = torch.randn(12, generator=random, dtype=torch.float64)
    ours = start.clone()
    theirs = start.clone().requires_grad_()
    state = {slot: torch.zeros_like(ours) for slot in optimizer.slots}
    other = reference([theirs])
    for step in range(1, 51):
        gradient = torch.randn(12, generator=random, dtype=torch.float64)
        theirs.grad = gradient.clone()
        other.step()
        optimizer.update(ours, gradient.clone(), state, optimizer.hyper(), step)
    torch.testing.assert_close(ours, theirs.detach(), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", sorted(OPTIMIZERS))
def test_slots_start_at_zero_and_are_written_in_place(kind):
    optimizer = OPTIMIZERS.make(kind, {})
    param, before = torch.ones(3), torch.ones(3)
    state = {slot: torch.zeros(3) for slot in optimizer.slots}
    held = dict(state)
    optimizer.update(param, torch.ones(3), state, optimizer.hyper(), 1)
    assert all(state[slot] is held[slot] for slot in optimizer.slots)
    assert not torch.equal(param, before)


def test_textbook_momentum_keeps_the_rate_inside_the_velocity():
    """v ← μ·v + η·g; w ← w − v, written out, with a rate that drops to a tenth on the way."""
    optimizer = OPTIMIZERS.make("sgd", {"momentum": 0.9})
    gradients = [1.0, -0.5, 0.25, 2.0]
    weight, velocity = 3.0, 0.0
    ours, state = torch.tensor([3.0], dtype=torch.float64), {"velocity": torch.zeros(1, dtype=torch.float64)}
    for step, gradient in enumerate(gradients, 1):
        rate = 0.1 if step < 3 else 0.01
        velocity = 0.9 * velocity + rate * gradient
        weight -= velocity
        hyper = {**optimizer.hyper(), "lr": rate, "textbook": 1.0}
        optimizer.update(ours, torch.tensor([gradient], dtype=torch.float64), state, hyper, step)
    assert ours.item() == pytest.approx(weight, rel=1e-12)


EXPLAINED = [(kind, config) for kind, cases in REFERENCES.items() for config, _ in cases]
EXPLAINED += [
    ("sgd", {"momentum": 0.9, "textbook": 1.0}),
    ("sgd", {"nesterov": True, "momentum": 0.5, "textbook": 1.0}),
]


def computed(template: str, numbers: dict[str, float]) -> float:
    """What a person would find who puts the numbers into the formula."""
    text = re.sub(r"\{(.+?)\}", lambda found: f"({numbers[found[1]]!r})", template)
    for sign, python in {"·": "*", "−": "-", "²": "**2", "^": "**", "√": "sqrt"}.items():
        text = text.replace(sign, python)
    return float(eval(text, {"sqrt": math.sqrt}))


@pytest.mark.parametrize(("kind", "config"), EXPLAINED)
def test_it_explains_what_it_does(kind, config):
    """The last line is the weight that ``update`` makes, and every line follows from its numbers."""
    settings = {name: value for name, value in config.items() if name != "textbook"}
    optimizer = OPTIMIZERS.make(kind, settings)
    hyper = {**optimizer.hyper(), "textbook": config.get("textbook", 0.0)}
    random = torch.Generator().manual_seed(3)
    weight = torch.tensor([0.7], dtype=torch.float64)
    state = {slot: torch.zeros(1, dtype=torch.float64) for slot in optimizer.slots}
    for step in range(1, 7):
        gradient = torch.randn(1, generator=random, dtype=torch.float64)
        before = {slot: value.item() for slot, value in state.items()}
        lines = optimizer.explain(weight.item(), gradient.item(), before, hyper, step)
        optimizer.update(weight, gradient, state, hyper, step)
        assert lines[-1].symbol == "w"
        assert lines[-1].value == pytest.approx(weight.item(), rel=1e-12)
        for line in lines:
            assert line.words
            assert computed(line.template, dict(line.numbers)) == pytest.approx(line.value, rel=1e-12)
