"""The module behind the inputs of a point. Imports torch: only ``build`` may import this file."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

_FUNCTIONS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "x1": lambda x1, x2: x1,
    "x2": lambda x1, x2: x2,
    "x1_squared": lambda x1, x2: x1 * x1,
    "x2_squared": lambda x1, x2: x2 * x2,
    "product": lambda x1, x2: x1 * x2,
    "sin_x1": lambda x1, x2: x1.sin(),
    "sin_x2": lambda x1, x2: x2.sin(),
}


class PointFeatures(nn.Module):
    """(B, 2) -> (B, number of names)."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.names = list(names)

    def forward(self, point_B2: Tensor) -> Tensor:
        x1, x2 = point_B2.unbind(-1)
        return torch.stack([_FUNCTIONS[name](x1, x2) for name in self.names], dim=-1)
