"""RMSprop: steps scaled by a running average of the squared gradient."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from torchglass.optimizers.base import Optimizer, Term
from torchglass.registry import Config as BaseConfig
from torchglass.source import call

if TYPE_CHECKING:
    from torch import Tensor


class RMSprop(Optimizer):
    kind = "rmsprop"
    label = "RMSprop"
    group = "Adaptive rates"
    summary = "Divides each step by the recent size of that weight's gradient."
    docs = """s ← ρ·s + (1 − ρ)·g², then w ← w − η·g / (√s + ε). Tieleman and Hinton 2012 (lecture 6e);
    the same arithmetic as torch.optim.RMSprop without momentum."""
    formula = r"w \leftarrow w - \eta\,g / (\sqrt{s} + \epsilon)"
    slots = ("square",)

    class Config(BaseConfig):
        lr: Annotated[float, Field(ge=0, le=100, title="Learning rate", description="η, the length of a step.")] = 0.01
        alpha: Annotated[
            float, Field(ge=0, lt=1, title="Memory ρ", description="Memory of the average squared gradient.")
        ] = 0.99
        eps: Annotated[float, Field(gt=0, le=1, title="ε", description="Keeps the division away from zero.")] = 1e-8

    config: Config

    def to_source(self, parameters: str) -> str:
        return call("torch.optim.RMSprop", parameters, lr=self.config.lr, alpha=self.config.alpha, eps=self.config.eps)

    @staticmethod
    def update(param: Tensor, grad: Tensor, state: Mapping[str, Tensor], hyper: Mapping[str, float], step: int) -> None:
        alpha, lr, eps = hyper["alpha"], hyper["lr"], hyper["eps"]
        square = state["square"]
        square.mul_(alpha).addcmul_(grad, grad, value=1 - alpha)
        param.addcdiv_(grad, square.sqrt().add_(eps), value=-lr)

    @staticmethod
    def explain(
        weight: float, grad: float, state: Mapping[str, float], hyper: Mapping[str, float], step: int
    ) -> list[Term]:
        memory, rate, eps, old = hyper["alpha"], hyper["lr"], hyper["eps"], state["square"]
        square = memory * old + (1 - memory) * grad * grad
        new = weight - rate * grad / (math.sqrt(square) + eps)
        of_s = {"ρ": memory, "s": old, "g": grad}
        of_w = {"w": weight, "η": rate, "g": grad, "s": square, "ε": eps}
        return [
            Term("s", "average square", "{ρ}·{s} + (1 − {ρ})·{g}²", of_s, square),
            Term("w", "new weight", "{w} − {η}·{g} / (√{s} + {ε})", of_w, new),
        ]
