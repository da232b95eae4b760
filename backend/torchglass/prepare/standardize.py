"""Standardisation: mean 0, standard deviation 1."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pydantic import Field

from torchglass.prepare.base import Config, Prepare

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

#: Values are summed up in blocks, so that a large split needs no second copy in double precision.
_BLOCK = 4096


class StandardizeConfig(Config):
    field: str = Field(
        "image", title="Field", description="Name of the field that is standardised.", min_length=1, max_length=64
    )


class Standardize(Prepare):
    kind = "standardize"
    label = "Standardise"
    summary = "Shifts and scales a field to mean 0 and standard deviation 1, as measured on the training data."
    formula = r"x' = (x - \mu) / \sigma"
    docs = (
        "Images get one mean and one deviation over all pixels, vectors one per feature. A feature that never "
        "changes is only shifted. Training is faster when all inputs have the same scale.\n\n"
        "Source: LeCun, Bottou, Orr, Müller (1998), *Efficient backprop*, section 4.3."
    )
    Config = StandardizeConfig
    config: StandardizeConfig

    def field(self) -> str:
        return self.config.field

    def fit(self, values: np.ndarray) -> dict[str, np.ndarray]:
        """``mean`` and ``std``: of shape (1,) for images and sequences, (D,) for vectors."""
        import numpy as np

        per_feature = values.ndim == 2
        axes = (0,) if per_feature else tuple(range(values.ndim))
        count = values.shape[0] if per_feature else values.size
        blocks = [values[start : start + _BLOCK] for start in range(0, len(values), _BLOCK)]
        mean = sum(block.sum(axes, dtype=np.float64) for block in blocks) / count
        squares = sum(((block.astype(np.float64) - mean) ** 2).sum(axes) for block in blocks) / count
        std = np.sqrt(squares)
        std = np.where(std > 1e-8, std, 1.0)
        return {"mean": np.atleast_1d(mean).astype(np.float32), "std": np.atleast_1d(std).astype(np.float32)}

    def apply(self, values: Tensor, fitted: dict[str, Tensor]) -> Tensor:
        return (values - fitted["mean"]) / fitted["std"]

    def to_source(self, values: str, fitted: Callable[[str], str]) -> str:
        return f"({values} - {fitted('mean')}) / {fitted('std')}"

    def undo(self, values: Tensor, fitted: dict[str, Tensor]) -> Tensor:
        return values * fitted["std"] + fitted["mean"]
