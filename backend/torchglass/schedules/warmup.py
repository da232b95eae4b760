"""Rates that begin small."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field

from torchglass.registry import Config as BaseConfig
from torchglass.schedules.base import Schedule


class WarmUp(Schedule):
    kind = "warmup"
    label = "Warm-up"
    summary = "The rate climbs from near zero, and then stays or falls like one over a square root."
    docs = """The first gradients are the wildest, and adaptive optimizers know their averages badly; a short climb
    keeps them from doing harm. Goyal et al. 2017; with the fall afterwards: Vaswani et al. 2017."""
    formula = r"\eta_t = \eta\,\min(1, t/n)"

    class Config(BaseConfig):
        steps: Annotated[int, Field(ge=1, le=10**9, title="Steps", description="n: how long the climb takes.")] = 500
        then: Annotated[
            Literal["constant", "inverse_sqrt"], Field(title="Afterwards", description="Stay, or fall like √(n/t).")
        ] = "constant"

    def factor(self, step: int) -> float:
        steps: int = self.config.steps
        if step < steps:
            return step / steps
        return 1.0 if self.config.then == "constant" else math.sqrt(steps / step)

    def to_source(self, step: str) -> str | None:
        steps = self.config.steps
        after = "1.0" if self.config.then == "constant" else f"math.sqrt({steps} / {step})"
        return f"{step} / {steps} if {step} < {steps} else {after}"
