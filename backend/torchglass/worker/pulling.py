"""How much of the loss's gradient comes back along one road of several."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor


def pulled_back(
    trainer: Any, batch: Mapping[str, Tensor], ways: Sequence[tuple[str | None, str, str]]
) -> list[tuple[float, float | None]]:
    """For each way (start, end, junction): the root mean square of the output ``end``, and of the gradient of the
    mean loss for the output ``start`` as far as it comes through ``end`` into ``junction``, an addition.

    An addition hands its gradient on unchanged, so that of the junction is what ``end`` gets along this way; back to
    ``start`` it goes by the chain rule. None without a loss, a start, or anything to learn before it.
    """
    with torch.enable_grad():
        outputs = trainer.model.run(batch)
        loss = trainer.recipe.loss(outputs, batch)
        whole = _at(loss, {junction: outputs[junction] for _, _, junction in ways})
        found = []
        for start, end, junction in ways:
            arriving = whole.get(junction)
            gradient = None
            if start is not None and arriving is not None:
                gradient = arriving if start == end else _through(outputs[start], outputs[end], arriving)
            found.append((_rms(outputs[end]), None if gradient is None else _rms(gradient)))
    return found


def _at(loss: Tensor | None, values: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The loss's gradient for those values that it depends on."""
    asked = {name: value for name, value in values.items() if value.requires_grad}
    if loss is None or not loss.requires_grad or not asked:
        return {}
    found = torch.autograd.grad(loss, list(asked.values()), retain_graph=True, allow_unused=True)
    return {name: gradient for name, gradient in zip(asked, found, strict=True) if gradient is not None}


def _through(start: Tensor, end: Tensor, arriving: Tensor) -> Tensor | None:
    if not start.requires_grad or not end.requires_grad:
        return None
    (found,) = torch.autograd.grad(end, [start], arriving, retain_graph=True, allow_unused=True)
    gradient: Tensor | None = found
    return gradient


def _rms(values: Tensor) -> float:
    detached = values.detach().to(torch.float32)
    return float(torch.linalg.vector_norm(detached) / math.sqrt(max(1, detached.numel())))
