"""The threshold of McCulloch and Pitts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from torchglass.layers._elementwise import Elementwise
from torchglass.layers._settings import Settings
from torchglass.layers.base import Context, Inputs
from torchglass.source import LayerSource, Place, call, text_of

if TYPE_CHECKING:
    from torch import nn


class StepConfig(Settings):
    threshold: float = Field(0.0, title="Threshold", description="Numbers above it become 1.", ge=-1e6, le=1e6)
    straight_through: bool = Field(
        True, title="Straight-through gradient", description="Pass the gradient on near the threshold, or none at all."
    )


class Step(Elementwise):
    kind = "step"
    label = "Step"
    summary = "One above the threshold, zero below: the unit of McCulloch and Pitts."
    formula = r"y = [x > \theta]"
    docs = (
        "Its slope is zero everywhere, so nothing can be learned through it. The straight-through estimator pretends "
        "a slope of 1 within ±1 of the threshold, which is wrong but often good enough.\n\n"
        "Any shape; the shape stays.\n\n"
        "Source: McCulloch, Pitts (1943), *A logical calculus of the ideas immanent in nervous activity*; Bengio, "
        "Léonard, Courville (2013) for the estimator."
    )
    Config = StepConfig
    config: StepConfig
    live = frozenset({"threshold", "straight_through"})

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torchglass.layers._modules import Threshold

        return Threshold(self.config.threshold, self.config.straight_through)

    def to_source(self, place: Place) -> LayerSource:
        text = text_of(Path(__file__).with_name("_modules.py"), "Threshold")
        module = call("Threshold", self.config.threshold, self.config.straight_through)
        return LayerSource(module, definitions=(text,))
