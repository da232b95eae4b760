"""Adam and AdamW: steps scaled by running averages of the gradient and of its square."""

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


class Adam(Optimizer):
    kind = "adam"
    label = "Adam"
    group = "Adaptive rates"
    summary = "Every weight gets its own rate, from running averages of its gradient and of the square."
    docs = """m ← β₁·m + (1 − β₁)·g and v ← β₂·v + (1 − β₂)·g², both corrected for their start at zero, then
    w ← w − η·m̂ / (√v̂ + ε). Kingma and Ba 2015; the same arithmetic as torch.optim.Adam."""
    formula = r"w \leftarrow w - \eta\,\hat m / (\sqrt{\hat v} + \epsilon)"
    slots = ("first_moment", "second_moment")

    class Config(BaseConfig):
        lr: Annotated[float, Field(ge=0, le=100, title="Learning rate", description="η, the length of a step.")] = 0.001
        beta1: Annotated[
            float, Field(ge=0, lt=1, title="β₁ momentum", description="Memory of the average gradient.")
        ] = 0.9
        beta2: Annotated[
            float, Field(ge=0, lt=1, title="β₂", description="Memory of the average squared gradient.")
        ] = 0.999
        eps: Annotated[float, Field(gt=0, le=1, title="ε", description="Keeps the division away from zero.")] = 1e-8

    config: Config

    def to_source(self, parameters: str) -> str:
        c = self.config
        return call("torch.optim.Adam", parameters, lr=c.lr, betas=(c.beta1, c.beta2), eps=c.eps)

    @staticmethod
    def update(param: Tensor, grad: Tensor, state: Mapping[str, Tensor], hyper: Mapping[str, float], step: int) -> None:
        beta1, beta2, lr, eps = hyper["beta1"], hyper["beta2"], hyper["lr"], hyper["eps"]
        first, second = state["first_moment"], state["second_moment"]
        first.lerp_(grad, 1 - beta1)
        second.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
        correction1 = 1 - beta1**step
        correction2 = 1 - beta2**step
        denominator = second.sqrt().div_(correction2**0.5).add_(eps)
        param.addcdiv_(first, denominator, value=-lr / correction1)

    @staticmethod
    def explain(
        weight: float, grad: float, state: Mapping[str, float], hyper: Mapping[str, float], step: int
    ) -> list[Term]:
        beta1, beta2, rate, eps = hyper["beta1"], hyper["beta2"], hyper["lr"], hyper["eps"]
        m, v = state["first_moment"], state["second_moment"]
        first, second = beta1 * m + (1 - beta1) * grad, beta2 * v + (1 - beta2) * grad * grad
        mean, square = first / (1 - beta1**step), second / (1 - beta2**step)
        new = weight - rate * mean / (math.sqrt(square) + eps)
        of_m = {"β₁": beta1, "m": m, "g": grad}
        of_v = {"β₂": beta2, "v": v, "g": grad}
        of_w = {"w": weight, "η": rate, "m̂": mean, "v̂": square, "ε": eps}
        return [
            Term("m", "average gradient", "{β₁}·{m} + (1 − {β₁})·{g}", of_m, first),
            Term("v", "average square", "{β₂}·{v} + (1 − {β₂})·{g}²", of_v, second),
            Term("m̂", "without the start at 0", "{m} / (1 − {β₁}^{t})", {"m": first, "β₁": beta1, "t": step}, mean),
            Term("v̂", "without the start at 0", "{v} / (1 − {β₂}^{t})", {"v": second, "β₂": beta2, "t": step}, square),
            Term("w", "new weight", "{w} − {η}·{m̂} / (√{v̂} + {ε})", of_w, new),
        ]


class AdamW(Adam):
    kind = "adamw"
    label = "AdamW"
    summary = "Adam, with a decay that shrinks every weight by the same share whatever its gradients were."
    docs = """w ← w·(1 − η·λ), then a step of Adam. In Adam an L2 penalty passes through the averages, so weights with
    large gradients hardly decay; here they all do. Loshchilov and Hutter 2019; the same arithmetic as
    torch.optim.AdamW, which decays biases too."""
    formula = r"w \leftarrow (1 - \eta\lambda)\,w - \eta\,\hat m / (\sqrt{\hat v} + \epsilon)"

    class Config(Adam.Config):
        weight_decay: Annotated[
            float, Field(ge=0, le=10, title="Weight decay λ", description="Share of each weight lost per step, over η.")
        ] = 0.01

    config: Config

    def to_source(self, parameters: str) -> str:
        c = self.config
        betas = (c.beta1, c.beta2)
        return call("torch.optim.AdamW", parameters, lr=c.lr, betas=betas, eps=c.eps, weight_decay=c.weight_decay)

    @staticmethod
    def update(param: Tensor, grad: Tensor, state: Mapping[str, Tensor], hyper: Mapping[str, float], step: int) -> None:
        param.mul_(1 - hyper["lr"] * hyper["weight_decay"])
        Adam.update(param, grad, state, hyper, step)

    @staticmethod
    def explain(
        weight: float, grad: float, state: Mapping[str, float], hyper: Mapping[str, float], step: int
    ) -> list[Term]:
        rate, decay = hyper["lr"], hyper["weight_decay"]
        shrunk = weight * (1 - rate * decay)
        numbers = {"w": weight, "η": rate, "λ": decay}
        first = Term("w", "decayed weight", "{w}·(1 − {η}·{λ})", numbers, shrunk)
        return [first, *Adam.explain(shrunk, grad, state, hyper, step)]
