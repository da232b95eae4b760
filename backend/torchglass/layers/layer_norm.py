"""Layer normalisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import Field

from torchglass.layers._settings import Settings, write
from torchglass.layers._shapes import describe, features, need_float, one
from torchglass.layers.base import Context, Inputs, Layer, Parameter, Tap
from torchglass.source import LayerSource, Place, call
from torchglass.spec.problems import ShapeError
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import nn


class LayerNormConfig(Settings):
    eps: float = Field(
        1e-5, title="Epsilon", description="Added to the variance so that nothing is divided by zero.", gt=0, le=1
    )


class LayerNorm(Layer):
    kind = "layer_norm"
    label = "Layer norm"
    group = "Normalisation"
    summary = "Brings the features of every example to mean 0 and variance 1, then scales and shifts them as learned."
    formula = r"y = \gamma\,\frac{x - \mathrm{E}_D[x]}{\sqrt{\mathrm{Var}_D[x] + \epsilon}} + \beta"
    docs = (
        "Mean and variance come from the features of one example (at one position), so it works the same in training "
        "and use, and for a batch of one (`torch.nn.LayerNorm` over the last axis).\n\n"
        "D → D; T×D → T×D.\n\n"
        "Source: Ba, Kiros, Hinton (2016), *Layer normalization*."
    )
    Config = LayerNormConfig
    config: LayerNormConfig
    live = frozenset({"eps"})

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        shape = need_float(one(inputs), self.label)
        if shape.is_image:
            message = f"Layer norm works on vectors and sequences, but {describe(shape)} arrives here: use batch norm."
            raise ShapeError(message)
        features(shape, self.label)
        return {"out": shape}

    def parameters(self, inputs: Inputs, context: Context) -> list[Parameter]:
        size = (features(one(inputs), self.label),)
        return [Parameter("weight", size), Parameter("bias", size)]

    def multiply_adds(self, inputs: Inputs, outputs: Mapping[str, Shape]) -> int:
        return 2 * outputs["out"].count()

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torch import nn

        return nn.LayerNorm(features(one(inputs), self.label), eps=self.config.eps)

    def to_source(self, place: Place) -> LayerSource:
        return LayerSource(call("nn.LayerNorm", features(one(place.inputs), self.label), eps=self.config.eps))

    def apply_live(self, module: nn.Module) -> None:
        write(module, eps=self.config.eps)

    def taps(self) -> list[Tap]:
        weights = [Tap("weight", "parameter", "bars"), Tap("bias", "parameter", "bars")]
        return [Tap("out", "activation", "bars"), *weights]
