"""Every loss and every preparation keeps its contract."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from torchglass.losses.base import LOSSES
from torchglass.prepare.base import PREPARES
from torchglass.spec.shapes import Shape

FLOATS, LABELS = Shape.vector(4), Shape.label()


@pytest.mark.parametrize("kind", sorted(LOSSES))
def test_loss_has_documentation(kind: str) -> None:
    entry = LOSSES[kind]
    assert entry.label
    assert entry.group
    assert entry.summary.endswith(".")
    assert entry.formula
    assert "Source: " in entry.docs
    assert entry.reading in {"softmax", "sigmoid", "identity"}


@pytest.mark.parametrize("kind", sorted(LOSSES))
def test_value_is_a_scalar_with_finite_gradient_and_padding_does_not_count(kind: str) -> None:
    loss = LOSSES.make(kind, {"classes": 4} if "classes" in LOSSES[kind].Config.model_fields else {})
    generator = torch.Generator().manual_seed(1)
    units = loss.units(4)
    output = torch.randn(3, 5, units, generator=generator, requires_grad=True)
    classes = loss.problem(Shape.sequence(5, units), Shape.tokens(5), 4) is None
    numbers = (3, 5, units) if loss.problem(Shape.sequence(5, units), Shape.sequence(5, units), 0) is None else (3, 5)
    target = torch.randint(0, 4, (3, 5), generator=generator) if classes else torch.rand(numbers, generator=generator)
    mask = torch.arange(5)[None, :] < torch.tensor([5, 2, 1])[:, None]
    value = loss.value(output, target, mask)
    assert value.shape == ()
    value.backward()
    assert torch.isfinite(output.grad).all()
    assert (output.grad[~mask] == 0).all()
    changed = torch.where(mask.unsqueeze(-1), output, torch.full_like(output, 9.0))
    assert torch.equal(loss.value(changed, target, mask), value)
    for number in loss.metrics(output, target, mask).values():
        assert number.shape == ()
    everything = torch.ones_like(mask)
    assert torch.allclose(loss.value(output, target, everything), loss.value(output, target))
    assert loss.value(output, target, torch.zeros_like(mask)) == 0
    assert loss.read(output).shape[:-1] == output.shape[:-1]


@pytest.mark.parametrize("kind", sorted(LOSSES))
def test_what_does_not_fit_is_refused_in_words(kind: str) -> None:
    loss = LOSSES.make(kind, {})
    refused = [
        loss.problem(Shape.image(1, 2, 3), Shape.tokens(9), 5),
        loss.problem(Shape.vector(3), Shape.vector(7), 0),
    ]
    assert all(words and words[0].isupper() and words.endswith(".") for words in refused)


@pytest.mark.parametrize("kind", sorted(PREPARES))
def test_preparation_keeps_the_shape(kind: str) -> None:
    prepare = PREPARES.make(kind, {})
    values = np.random.default_rng(0).random((20, 1, 3, 3), dtype=np.float32)
    fitted = prepare.fit([values])
    done = prepare.apply(torch.from_numpy(values), {name: torch.from_numpy(array) for name, array in fitted.items()})
    assert done.shape == values.shape
    assert torch.isfinite(done).all()
    assert prepare.field()
    assert PREPARES[kind].docs
