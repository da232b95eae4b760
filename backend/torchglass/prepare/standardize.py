"""Standardisation: mean 0, standard deviation 1."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from pydantic import Field

from torchglass.prepare.base import Config, Prepare

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


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

    def fit(self, blocks: Iterable[np.ndarray]) -> dict[str, np.ndarray]:
        """``mean`` and ``std``: of shape (1,) for images and sequences, (D,) for vectors.

        One pass in double precision: values are counted from the mean of the first block, since the sum of squares
        of small numbers loses none of their digits. Source: Chan, Golub, LeVeque (1983), *Algorithms for computing
        the sample variance*, section 3 (shifted data).
        """
        import numpy as np

        count, origin, total, squares = 0, np.zeros(1), np.zeros(1), np.zeros(1)
        for block in blocks:
            rows = block if block.ndim == 2 else block.reshape(-1)  # (B, D) or (values,)
            if not count:
                origin = rows.mean(axis=0, dtype=np.float64)
            shifted = rows.astype(np.float64)
            shifted -= origin
            count += len(rows)
            total = total + shifted.sum(axis=0)
            squares = squares + np.einsum("n...,n...->...", shifted, shifted)
        away = total / count
        std = np.sqrt(np.maximum(squares / count - away**2, 0))
        std = np.where(std > 1e-8, std, 1.0)
        return {"mean": np.atleast_1d(origin + away).astype(np.float32), "std": np.atleast_1d(std).astype(np.float32)}

    def apply(self, values: Tensor, fitted: dict[str, Tensor]) -> Tensor:
        return (values - fitted["mean"]) / fitted["std"]

    def to_source(self, values: str, fitted: Callable[[str], str]) -> str:
        return f"({values} - {fitted('mean')}) / {fitted('std')}"

    def undo(self, values: Tensor, fitted: dict[str, Tensor]) -> Tensor:
        return values * fitted["std"] + fitted["mean"]
