"""A hole in every picture."""

from __future__ import annotations

from pydantic import Field

from torchglass.augment.base import Augment, Config


class CutoutConfig(Config):
    size: float = Field(
        0.3, gt=0, le=1, title="Side", description="Side of the square, as a share of the picture's longer side."
    )
    fill: float = Field(
        0.0, ge=0, le=1, title="Filled with", description="0: the lowest value there is (black), 1: the highest."
    )


class Cutout(Augment):
    kind = "cutout"
    label = "Cutout"
    group = "Values"
    summary = "Covers a square of every picture, so that no single part is enough to tell what it is."
    formula = r"x' = x \odot (1 - m) + v\,m"
    docs = (
        "The middle of the square is drawn anywhere in the picture; it may reach over the edge.\n\n"
        "Source: DeVries, Taylor (2017), *Improved regularization of convolutional neural networks with cutout*."
    )
    Config = CutoutConfig
    config: CutoutConfig

    def values(self, low: float, high: float) -> tuple[float | bool, ...]:
        return (self.config.size, low + self.config.fill * (high - low))
