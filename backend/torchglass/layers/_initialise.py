"""Initial weights, one random stream per parameter."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn


def initialise_default(module: nn.Module, name: str, generator: Any) -> None:
    """PyTorch's default for Linear and Conv: U(−1/√fan_in, 1/√fan_in) for weight and bias
    (``kaiming_uniform_`` with a=√5, He et al. 2015); normalisation starts as the identity."""
    import torch

    tensor = module.get_parameter(name)
    with torch.no_grad():
        weight = getattr(module, "weight", None)
        if weight is None or weight.dim() < 2:
            tensor.fill_(1.0 if name.endswith("weight") else 0.0)
            return
        fan_in = math.prod(weight.shape[1:])
        bound = 1 / math.sqrt(fan_in) if fan_in else 0.0
        tensor.copy_(torch.empty(tensor.shape, dtype=tensor.dtype).uniform_(-bound, bound, generator=generator))
