"""The restricted Boltzmann machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from torchglass.layers._settings import Settings
from torchglass.layers._shapes import need_vector, one
from torchglass.layers.base import Context, Inputs, Layer, Parameter, Tap
from torchglass.source import Initial, LayerSource, Place, call, text_of
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import nn


class RBMConfig(Settings):
    hidden: int = Field(
        64, title="Hidden units", description="How many hidden units look at the visible ones.", ge=1, le=65536
    )


class RBM(Layer):
    kind = "rbm"
    label = "Boltzmann machine"
    group = "Probability"
    summary = "Visible and hidden units that explain each other; learns a probability of what is seen."
    formula = r"p(h_j = 1 \mid v) = \sigma\Big(b_j + \sum_i W_{ji} v_i\Big)"
    docs = (
        "Restricted Boltzmann machine: a vector of visible numbers D becomes the probabilities of the hidden units. "
        "The same weights lead back: p(v_i = 1 | h) = σ(a_i + Σ_j W_ji h_j). It is trained by contrastive divergence "
        "(a recipe), without back-propagation; parameters are `weight` (hidden×visible), `bias` (hidden) and "
        "`visible_bias`.\n\n"
        "Source: Smolensky (1986); Hinton (2002), *Training products of experts by minimizing contrastive "
        "divergence*; initial weights as in Hinton (2012), *A practical guide to training restricted Boltzmann "
        "machines*."
    )
    Config = RBMConfig
    config: RBMConfig

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        need_vector(one(inputs), self.label, "in")
        return {"out": Shape.vector(self.config.hidden)}

    def parameters(self, inputs: Inputs, context: Context) -> list[Parameter]:
        hidden, visible = self.config.hidden, need_vector(one(inputs), self.label, "in")
        return [
            Parameter("weight", (hidden, visible)),
            Parameter("bias", (hidden,)),
            Parameter("visible_bias", (visible,), axes=("in",)),
        ]

    def multiply_adds(self, inputs: Inputs, outputs: Mapping[str, Shape]) -> int:
        return self.config.hidden * one(inputs).count()

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torchglass.layers._modules import BoltzmannMachine

        return BoltzmannMachine(one(inputs).known()[0], self.config.hidden)

    def initialise(self, module: nn.Module, name: str, generator: Any) -> None:
        """Weights N(0, 0.01²), biases zero (Hinton 2012, section 8)."""
        import torch

        with torch.no_grad():
            parameter = module.get_parameter(name)
            parameter.normal_(0.0, 0.01, generator=generator) if name == "weight" else parameter.zero_()

    def to_source(self, place: Place) -> LayerSource:
        machine = text_of(Path(__file__).with_name("_modules.py"), "BoltzmannMachine")
        lines = ('parameter.normal_(0.0, 0.01 if name == "weight" else 0.0, generator=random)',)
        module = call("BoltzmannMachine", one(place.inputs).known()[0], self.config.hidden)
        return LayerSource(module, definitions=(machine,), initial=Initial("BoltzmannMachine", lines))

    def taps(self) -> list[Tap]:
        biases = [Tap("bias", "parameter", "bars"), Tap("visible_bias", "parameter", "bars")]
        return [Tap("out", "activation", "bars"), Tap("weight", "parameter", "matrix"), *biases]
