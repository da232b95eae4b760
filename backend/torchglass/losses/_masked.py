"""Means that leave padding out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torchglass.source import Variable

if TYPE_CHECKING:
    from torch import Tensor

_MASKED = '''def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Mean of values (B, T, ...) over the positions where mask (B, T) is true."""
    weights = mask.to(values.dtype).reshape(*mask.shape, *[1] * (values.dim() - mask.dim())).expand_as(values)
    return (values * weights).sum() / weights.sum().clamp(min=1)'''


def masked_mean(values: Tensor, mask: Tensor | None) -> Tensor:
    """Mean of ``values`` (B, T, ...) over the positions where ``mask`` (B, T) is true; zero if there is none.

    Without a mask, the plain mean.
    """
    if mask is None:
        return values.mean()
    weights = mask.to(values.dtype).reshape(*mask.shape, *[1] * (values.dim() - mask.dim())).expand_as(values)
    return (values * weights).sum() / weights.sum().clamp(min=1)


def mean_source(values: str, mask: str | None) -> str:
    """The mean of an expression as it is written in a script."""
    bare = values if values.isidentifier() or (values.endswith(")") and not values.startswith("(")) else f"({values})"
    return f"{bare}.mean()" if mask is None else f"masked_mean({values}, {mask})"


def mean_definitions(mask: str | None) -> tuple[str, ...]:
    return () if mask is None else (_MASKED,)


def shaped(target: Variable, output: Variable) -> str:
    """The target as floats of the output's precision, in the output's shape."""
    same = target.shape.dtype == "float" and target.half == output.half
    as_float = target.name if same else f"{target.name}.to({output.name}.dtype)"
    return as_float if target.shape.sizes == output.shape.sizes else f"{as_float}.view({output.name}.shape)"
