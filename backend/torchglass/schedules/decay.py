"""Rates that fall: in steps, smoothly, like 1/t, along half a cosine."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from torchglass.registry import Config as BaseConfig
from torchglass.schedules.base import Schedule

Every = Annotated[int, Field(ge=1, le=10**9, title="Every", description="Steps between two drops.")]


class StepDecay(Schedule):
    kind = "step"
    label = "Step"
    summary = "The rate drops by a factor every so many steps."
    docs = (
        "For long runs that settle on a plateau: each drop lets them settle deeper. As torch.optim.lr_scheduler.StepLR."
    )
    formula = r"\eta_t = \eta\,\gamma^{\lfloor (t-1)/n \rfloor}"

    class Config(BaseConfig):
        every: Every = 1000
        gamma: Annotated[
            float, Field(gt=0, le=1, title="Factor γ", description="What the rate is multiplied with at each drop.")
        ] = 0.1

    def factor(self, step: int) -> float:
        return float(self.config.gamma ** ((step - 1) // self.config.every))

    def to_source(self, step: str) -> str | None:
        return f"{self.config.gamma} ** (({step} - 1) // {self.config.every})"


class Exponential(Schedule):
    kind = "exponential"
    label = "Exponential"
    summary = "The rate falls a little with every step, by a fixed factor over a fixed time."
    docs = "A smooth step decay: after n steps the rate is γ times what it was. As torch's ExponentialLR with n = 1."
    formula = r"\eta_t = \eta\,\gamma^{(t-1)/n}"

    class Config(BaseConfig):
        every: Annotated[
            int, Field(ge=1, le=10**9, title="Over", description="Steps in which the rate falls by the factor.")
        ] = 1000
        gamma: Annotated[float, Field(gt=0, le=1, title="Factor γ", description="Share of the rate that is left.")] = (
            0.5
        )

    def factor(self, step: int) -> float:
        return float(self.config.gamma ** ((step - 1) / self.config.every))

    def to_source(self, step: str) -> str | None:
        return f"{self.config.gamma} ** (({step} - 1) / {self.config.every})"


class Inverse(Schedule):
    kind = "inverse"
    label = "1/t"
    summary = "The rate falls like one over the number of steps."
    docs = """The classical choice for which stochastic gradient descent is proven to converge: the rates sum to
    infinity, their squares do not. Robbins and Monro 1951."""
    formula = r"\eta_t = \eta / (1 + (t-1)/n)"

    class Config(BaseConfig):
        half: Annotated[
            int, Field(ge=1, le=10**9, title="Half after", description="n: steps after which the rate has halved.")
        ] = 1000

    def factor(self, step: int) -> float:
        return float(1 / (1 + (step - 1) / self.config.half))

    def to_source(self, step: str) -> str | None:
        return f"1 / (1 + ({step} - 1) / {self.config.half})"


class Cosine(Schedule):
    kind = "cosine"
    label = "Cosine"
    summary = "The rate falls along half a cosine: slowly, then quickly, then slowly again."
    docs = "After the given steps the lowest rate stays. Loshchilov and Hutter 2017, without restarts."
    formula = r"\eta_t = \eta\,\big(a + (1 - a)\tfrac12(1 + \cos(\pi\,(t-1)/n))\big)"

    class Config(BaseConfig):
        steps: Annotated[int, Field(ge=1, le=10**12, title="Steps", description="n: how long the fall takes.")] = 5000
        lowest: Annotated[
            float, Field(ge=0, le=1, title="Lowest", description="a: share of the rate that is left at the end.")
        ] = 0.0

    def factor(self, step: int) -> float:
        through = min(1.0, (step - 1) / self.config.steps)
        lowest: float = self.config.lowest
        return lowest + (1 - lowest) * 0.5 * (1 + math.cos(math.pi * through))

    def to_source(self, step: str) -> str | None:
        low = self.config.lowest
        half = f"(1 + math.cos(math.pi * min(1.0, ({step} - 1) / {self.config.steps})))"
        return f"{low} + {1 - low} * 0.5 * {half}"
