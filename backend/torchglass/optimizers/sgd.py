"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from torchglass.optimizers.base import Optimizer
from torchglass.registry import Config as BaseConfig

if TYPE_CHECKING:
    from torch import Tensor


class SGD(Optimizer):
    kind = "sgd"
    label = "SGD"
    group = "Gradient descent"
    summary = "Steps against the gradient; momentum keeps it rolling in directions that persist."
    docs = """Stochastic gradient descent, in PyTorch's form: v ← μ·v + g, then w ← w − η·v; Nesterov's variant
    steps along g + μ·v. With μ = 0 it is the plain rule w ← w − η·g. The textbook form keeps the rate inside the
    velocity: v ← μ·v + η·g, then w ← w − v; the two differ only where the rate changes while the velocity rolls on.
    Robbins and Monro 1951; Polyak 1964; Sutskever et al. 2013."""
    formula = r"v \leftarrow \mu v + g,\quad w \leftarrow w - \eta v"
    slots = ("velocity",)

    class Config(BaseConfig):
        lr: Annotated[float, Field(ge=0, le=100, title="Learning rate", description="η, the length of a step.")] = 0.1
        momentum: Annotated[
            float, Field(ge=0, lt=1, title="Momentum", description="μ, how much of the last step is kept.")
        ] = 0.0
        nesterov: Annotated[
            bool, Field(title="Nesterov", description="Look ahead along the velocity before stepping.")
        ] = False

    @staticmethod
    def update(
        param: Tensor, grad: Tensor, state: Mapping[str, Tensor], hyper: Mapping[str, float | Tensor], step: int
    ) -> None:
        momentum, velocity = hyper["momentum"], state["velocity"]
        inside = bool(hyper.get("textbook"))
        if inside:
            grad.mul_(hyper["lr"])
        velocity.mul_(momentum).add_(grad)
        move = grad.add_(velocity * momentum) if hyper.get("nesterov") else velocity
        param.sub_(move if inside else move * hyper["lr"])
