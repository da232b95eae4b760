"""AdaDelta: steps in the units of the weights, without a rate to choose."""

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


class AdaDelta(Optimizer):
    kind = "adadelta"
    label = "AdaDelta"
    group = "Adaptive rates"
    summary = "Scales each step by how far that weight has moved lately, so that the rate can stay at 1."
    docs = """s ← ρ·s + (1 − ρ)·g², Δ = √(d + ε) / √(s + ε)·g, d ← ρ·d + (1 − ρ)·Δ², then w ← w − η·Δ. The step has
    the unit of a weight, whatever the scale of the loss. Zeiler 2012; the same arithmetic as torch.optim.Adadelta."""
    formula = r"\Delta = \frac{\sqrt{d + \epsilon}}{\sqrt{s + \epsilon}}\,g,\quad w \leftarrow w - \eta\,\Delta"
    slots = ("square", "step_square")

    class Config(BaseConfig):
        lr: Annotated[float, Field(ge=0, le=100, title="Learning rate", description="η, usually 1.")] = 1.0
        rho: Annotated[float, Field(ge=0, lt=1, title="Memory ρ", description="Memory of both averages.")] = 0.9
        eps: Annotated[
            float, Field(gt=0, le=1, title="ε", description="Starts the movement; keeps the division away from zero.")
        ] = 1e-6

    config: Config

    def to_source(self, parameters: str) -> str:
        c = self.config
        return call("torch.optim.Adadelta", parameters, lr=c.lr, rho=c.rho, eps=c.eps)

    @staticmethod
    def update(param: Tensor, grad: Tensor, state: Mapping[str, Tensor], hyper: Mapping[str, float], step: int) -> None:
        rho, eps = hyper["rho"], hyper["eps"]
        square, moved = state["square"], state["step_square"]
        square.mul_(rho).addcmul_(grad, grad, value=1 - rho)
        delta = (moved + eps).sqrt_().div_((square + eps).sqrt_()).mul_(grad)
        moved.mul_(rho).addcmul_(delta, delta, value=1 - rho)
        param.add_(delta, alpha=-hyper["lr"])

    @staticmethod
    def explain(
        weight: float, grad: float, state: Mapping[str, float], hyper: Mapping[str, float], step: int
    ) -> list[Term]:
        rho, eps, rate = hyper["rho"], hyper["eps"], hyper["lr"]
        old, moved = state["square"], state["step_square"]
        square = rho * old + (1 - rho) * grad * grad
        delta = math.sqrt(moved + eps) / math.sqrt(square + eps) * grad
        after = rho * moved + (1 - rho) * delta * delta
        return [
            Term("s", "average square", "{ρ}·{s} + (1 − {ρ})·{g}²", {"ρ": rho, "s": old, "g": grad}, square),
            Term(
                "Δ",
                "step in the weight's unit",
                "√({d} + {ε}) / √({s} + {ε})·{g}",
                {"d": moved, "ε": eps, "s": square, "g": grad},
                delta,
            ),
            Term("d", "average squared step", "{ρ}·{d} + (1 − {ρ})·{Δ}²", {"ρ": rho, "d": moved, "Δ": delta}, after),
            Term("w", "new weight", "{w} − {η}·{Δ}", {"w": weight, "η": rate, "Δ": delta}, weight - rate * delta),
        ]
