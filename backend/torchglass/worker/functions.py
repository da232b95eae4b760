"""Single functions inside a network, asked for their values: an activation over its input, a loss over its output."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from torchglass.losses.base import LOSSES


def function_of(trainer: Any, node: str, places: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """(N) values and (N) slopes of a node's first output over its first input, all other inputs zero, as it is used
    in prediction (call it in eval mode); None for a node that has not exactly one input."""
    edges = [edge for edge in trainer.subject.network.edges if edge.target == node]
    if len(edges) != 1:
        return None
    source = edges[0].source if edges[0].source_port == "out" else f"{edges[0].source}.{edges[0].source_port}"
    shape = trainer.subject.shapes.get(source)
    if shape is None or not all(isinstance(size, int) for size in shape.sizes):
        return None
    sizes = (*shape.sizes[:1], *(1 for _ in shape.sizes[1:])) if len(shape.sizes) != 2 else (1, *shape.sizes[1:])
    model = trainer.model
    x_N = torch.as_tensor(places, dtype=model.parameters_dtype, device=model.device)
    with torch.enable_grad():
        x_N.requires_grad_()
        first = torch.zeros(int(np.prod(sizes)), dtype=x_N.dtype, device=x_N.device)
        first[0] = 1
        y = model.module(node)((x_N[:, None] * first).reshape(len(x_N), *sizes))
        y_N = y.reshape(len(x_N), -1)[:, 0]
        if not y_N.requires_grad:
            slopes = torch.zeros_like(y_N)
        else:
            (slopes,) = torch.autograd.grad(y_N.sum(), x_N)
    return y_N.detach().cpu().double().numpy(), slopes.detach().cpu().double().numpy()


def losses_of(choice: Any, output: Tensor, target: Tensor) -> Tensor:
    """Outputs (N, ...), targets (N, ...) -> (N) the loss of each example alone, by a ``choice`` (kind and config)."""
    loss = LOSSES.make(choice.kind, choice.config)
    with torch.no_grad():
        each = torch.func.vmap(lambda one, wanted: loss.value(one[None], wanted[None]))(output, target)
    found: Tensor = each
    return found


__all__ = ["function_of", "losses_of"]
