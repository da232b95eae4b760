"""AdaGrad: every weight's rate shrinks with the gradients that it has seen."""

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


class AdaGrad(Optimizer):
    kind = "adagrad"
    label = "AdaGrad"
    group = "Adaptive rates"
    summary = "Weights that have moved much get a smaller rate, rarely used ones keep a large one."
    docs = """s ← s + g², then w ← w − η·g / (√s + ε). The sum only grows, so the rate falls like 1/√t and learning
    may stop early. Duchi, Hazan and Singer 2011; the same arithmetic as torch.optim.Adagrad."""
    formula = r"s \leftarrow s + g^2,\quad w \leftarrow w - \eta\,g / (\sqrt{s} + \epsilon)"
    slots = ("sum",)

    class Config(BaseConfig):
        lr: Annotated[float, Field(ge=0, le=100, title="Learning rate", description="η, the length of a step.")] = 0.01
        eps: Annotated[float, Field(gt=0, le=1, title="ε", description="Keeps the division away from zero.")] = 1e-10

    config: Config

    def to_source(self, parameters: str) -> str:
        c = self.config
        return call("torch.optim.Adagrad", parameters, lr=c.lr, eps=c.eps)

    @staticmethod
    def update(param: Tensor, grad: Tensor, state: Mapping[str, Tensor], hyper: Mapping[str, float], step: int) -> None:
        total = state["sum"]
        total.addcmul_(grad, grad)
        param.addcdiv_(grad, total.sqrt().add_(hyper["eps"]), value=-hyper["lr"])

    @staticmethod
    def explain(
        weight: float, grad: float, state: Mapping[str, float], hyper: Mapping[str, float], step: int
    ) -> list[Term]:
        rate, eps, old = hyper["lr"], hyper["eps"], state["sum"]
        total = old + grad * grad
        new = weight - rate * grad / (math.sqrt(total) + eps)
        of_w = {"w": weight, "η": rate, "g": grad, "s": total, "ε": eps}
        return [
            Term("s", "sum of squares", "{s} + {g}²", {"s": old, "g": grad}, total),
            Term("w", "new weight", "{w} − {η}·{g} / (√{s} + {ε})", of_w, new),
        ]
