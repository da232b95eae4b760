"""The direction in which the loss of given examples rises, as a function of their input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from torchglass.probes.base import Attack

if TYPE_CHECKING:
    from torchglass.probes.base import Capture


def attacked(trainer: Any, split: str, indices: list[int], capture: Capture) -> Attack | None:
    """None without a loss, an input of numbers or a target of classes, and where no gradient reaches the input.

    The gradient of the mean loss is that of each example's own, divided by their number: its signs are the same.
    """
    data, model, recipe = trainer.data, trainer.model, trainer.recipe
    batch = data.batch(split, indices)
    target = data.target_field
    names = [name for name, spec in data.fields.items() if spec.role == "input" and batch[name].is_floating_point()]
    if not names or target is None or target not in batch:
        return None
    field = names[0]
    x = batch[field].detach()
    with torch.enable_grad():
        leaf = x.clone().requires_grad_(True)
        loss = recipe.loss(model.run({**batch, field: leaf}), batch)
        if loss is None or not loss.requires_grad:
            return None
        (gradient,) = torch.autograd.grad(loss, [leaf], allow_unused=True)
    if gradient is None:
        return None

    def judge(values: Tensor) -> tuple[Tensor, float]:
        outputs = model.run({**batch, field: values})
        read, value = recipe.predict(outputs), recipe.loss(outputs, batch)
        assert read is not None
        return read, float(value) if value is not None else float("nan")

    def slope(values: Tensor, labels: Tensor) -> Tensor:
        with torch.enable_grad():
            leaf = values.detach().clone().requires_grad_(True)
            compared = {**batch, target: labels.reshape(batch[target].shape)}
            value = recipe.loss(model.run({**batch, field: leaf}), compared)
            assert value is not None
            (found,) = torch.autograd.grad(value, [leaf])
        signs: Tensor = found.sign()
        return signs

    truth = batch[target].reshape(-1)
    return Attack(field, x, gradient.sign(), unit_of(x, field, capture), truth, judge, slope)


def unit_of(x: Tensor, field: str, capture: Capture) -> Tensor:
    """What one unit of the data is as fed, (1, ...): 1 unless the pictures or points are standardised. The columns of
    a table have units of their own, and are changed as they are fed."""
    ones = torch.ones_like(x[:1])
    if x.dim() != 4 and field != capture.point_field():
        return ones
    natural = capture.natural(field, ones) - capture.natural(field, torch.zeros_like(ones))
    return torch.where(natural != 0, 1 / natural, torch.zeros_like(natural))
