"""Means that leave padding out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def masked_mean(values: Tensor, mask: Tensor | None) -> Tensor:
    """Mean of ``values`` (B, T, ...) over the positions where ``mask`` (B, T) is true; zero if there is none.

    Without a mask, the plain mean.
    """
    if mask is None:
        return values.mean()
    weights = mask.to(values.dtype).reshape(*mask.shape, *[1] * (values.dim() - mask.dim())).expand_as(values)
    return (values * weights).sum() / weights.sum().clamp(min=1)
