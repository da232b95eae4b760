"""Least squares in closed form: what the recipe trains with, and word for word what an exported script does.

Needs torch: imported where a step is taken, never while the catalogue is read.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def numbers(target: Tensor, output: Tensor) -> Tensor:
    """A class as 1 for its unit (or for the only one), numbers as they are."""
    if target.is_floating_point() or output.shape[-1] == 1:
        return target.reshape(output.shape).to(output.dtype)
    return functional.one_hot(target, output.shape[-1]).to(output.dtype)


def solved(features: Tensor, target: Tensor, ridge: float, bias: bool) -> dict[str, Tensor]:
    """Least squares: of all weights with the smallest squared error the shortest; ridge leaves the bias alone."""
    h, y = features.double().cpu(), target.double().cpu()
    if bias:
        h = torch.cat([h, torch.ones_like(h[:, :1])], dim=1)
    if ridge > 0:
        cost = torch.eye(h.shape[1], dtype=h.dtype) * ridge**0.5
        if bias:
            cost[-1] = 0
        h = torch.cat([h, cost])
        y = torch.cat([y, torch.zeros(len(cost), y.shape[1], dtype=y.dtype)])
    # Singular values below a millionth of the largest are rounding of single precision, not directions.
    found = torch.linalg.lstsq(h, y, rcond=1e-6, driver="gelsd").solution
    weight = found.T.to(features)
    return {"weight": weight[:, :-1], "bias": weight[:, -1]} if bias else {"weight": weight}
