"""Two pictures in one, with both of their labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from torchglass.augment.base import Augment, Config

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class MixupConfig(Config):
    alpha: float = Field(
        0.2,
        ge=0.05,
        le=1,
        title="α",
        description="Small: one of the two shows almost alone; 1: every share is as likely as any other.",
    )


class Mixup(Augment):
    kind = "mixup"
    label = "Mixup"
    group = "Pairs"
    summary = "Blends every picture with another one of the batch; the loss asks for both labels by their shares."
    formula = r"x' = \lambda x_1 + (1-\lambda) x_2,\quad L = \lambda L(y_1) + (1-\lambda) L(y_2)"
    docs = (
        "One share λ from Beta(α, α) for the whole batch, as in the paper's own program; who meets whom is drawn anew "
        "at every step. For the cross-entropy the two losses together are that of the blended label.\n\n"
        "Source: Zhang, Cisse, Dauphin, Lopez-Paz (2018), *mixup: beyond empirical risk minimization*."
    )
    mixes = True
    Config = MixupConfig
    config: MixupConfig

    def values(self, low: float, high: float) -> tuple[float | bool, ...]:
        return (self.config.alpha,)

    def mix(self, images: Tensor, random: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        from torchglass.augment import _pictures

        return _pictures.mixup(images, random, self.config.alpha)
