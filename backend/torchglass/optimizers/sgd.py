"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from torchglass.optimizers.base import Optimizer, Term
from torchglass.registry import Config as BaseConfig
from torchglass.source import call

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

    config: Config

    def to_source(self, parameters: str) -> str:
        c = self.config
        momentum = {"momentum": c.momentum} if c.momentum else {}
        nesterov = {"nesterov": True} if c.momentum and c.nesterov else {}
        return call("torch.optim.SGD", parameters, lr=c.lr, **momentum, **nesterov)

    def textbook_scales_gradients(self) -> bool:
        return True

    @staticmethod
    def update(param: Tensor, grad: Tensor, state: Mapping[str, Tensor], hyper: Mapping[str, float], step: int) -> None:
        momentum, velocity = hyper["momentum"], state["velocity"]
        inside = bool(hyper.get("textbook"))
        if inside:
            grad.mul_(hyper["lr"])
        velocity.mul_(momentum).add_(grad)
        move = grad.add_(velocity, alpha=momentum) if hyper.get("nesterov") else velocity
        param.add_(move, alpha=-1.0 if inside else -hyper["lr"])

    @staticmethod
    def explain(
        weight: float, grad: float, state: Mapping[str, float], hyper: Mapping[str, float], step: int
    ) -> list[Term]:
        rate, memory, old = hyper["lr"], hyper["momentum"], state["velocity"]
        if not memory:
            numbers = {"w": weight, "η": rate, "g": grad}
            return [Term("w", "new weight", "{w} − {η}·{g}", numbers, weight - rate * grad)]
        inside = bool(hyper.get("textbook"))
        force, scaled = (rate * grad, "{η}·{g}") if inside else (grad, "{g}")
        move, symbol = memory * old + force, "v"
        lines = [Term("v", "velocity", "{μ}·{v} + " + scaled, {"μ": memory, "v": old, "η": rate, "g": grad}, move)]
        if hyper.get("nesterov"):
            numbers = {"μ": memory, "v": move, "η": rate, "g": grad}
            move, symbol = force + memory * move, "n"
            lines.append(Term("n", "looking ahead", scaled + " + {μ}·{v}", numbers, move))
        template = "{w} − {" + symbol + "}" if inside else "{w} − {η}·{" + symbol + "}"
        new = weight - (move if inside else rate * move)
        return [*lines, Term("w", "new weight", template, {"w": weight, "η": rate, symbol: move}, new)]
