"""Relatives of ReLU: what they do with negative numbers is learned, drawn, curved, or left to other pieces."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from torchglass.layers._elementwise import Elementwise
from torchglass.layers._settings import Settings
from torchglass.layers._shapes import describe, features, known, need_float, one
from torchglass.layers.base import Context, Inputs, Layer, Parameter, Tap
from torchglass.source import FAN_IN, Initial, LayerSource, Place, call, text_of
from torchglass.spec.problems import ShapeError
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import nn


class PReLUConfig(Settings):
    per_channel: bool = Field(
        False, title="Per channel", description="A slope for every channel or unit, instead of one for the layer."
    )
    init: float = Field(0.25, title="First slope", description="The slope before training.", ge=-10, le=10)


class PReLU(Elementwise):
    kind = "prelu"
    label = "PReLU"
    summary = "A leaky ReLU whose slope for negative numbers is learned."
    formula = r"y = \max(0, x) + a \min(0, x)"
    docs = (
        "The slope a follows the gradient like a weight; one for the layer, or one per channel (or unit).\n\n"
        "Any shape; the shape stays.\n\n"
        "Source: He, Zhang, Ren, Sun (2015), *Delving deep into rectifiers*; `torch.nn.PReLU`."
    )
    Config = PReLUConfig
    config: PReLUConfig

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        shape = need_float(one(inputs), self.label)
        if self.config.per_channel and not (shape.is_image or len(shape.axes) == 1):
            message = f"A slope per channel needs an image or a vector, but {describe(shape)} arrives here."
            raise ShapeError(message, field="per_channel")
        return {"out": shape}

    def _slopes(self, inputs: Inputs) -> int:
        return known(one(inputs), self.label)[0] if self.config.per_channel else 1

    def parameters(self, inputs: Inputs, context: Context) -> list[Parameter]:
        return [Parameter("weight", (self._slopes(inputs),))]

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torch import nn

        return nn.PReLU(self._slopes(inputs), self.config.init)

    def initialise(self, module: nn.Module, name: str, generator: Any) -> None:
        import torch

        with torch.no_grad():
            module.get_parameter(name).fill_(self.config.init)

    def to_source(self, place: Place) -> LayerSource:
        return LayerSource(call("nn.PReLU", self._slopes(place.inputs), init=self.config.init))

    def taps(self) -> list[Tap]:
        return [*super().taps(), Tap("weight", "parameter", "bars")]


class RReLUConfig(Settings):
    lower: float = Field(0.125, title="Smallest slope", description="Lower end of the slopes.", ge=0, le=1)
    upper: float = Field(1 / 3, title="Largest slope", description="Upper end of the slopes.", ge=0, le=1)


class RReLU(Elementwise):
    kind = "rrelu"
    label = "RReLU"
    summary = "A leaky ReLU whose slope is drawn anew for every number while training."
    formula = r"y = \max(0, x) + a \min(0, x), \quad a \sim U(l, u)"
    docs = (
        "The noise acts against overfitting; when the network is used, the mean slope (l + u)/2 serves.\n\n"
        "Any shape; the shape stays.\n\n"
        "Source: Xu, Wang, Chen, Li (2015), *Empirical evaluation of rectified activations in convolutional "
        "network*; `torch.nn.RReLU`."
    )
    module = "RReLU"
    Config = RReLUConfig
    config: RReLUConfig
    live = frozenset({"lower", "upper"})

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        if self.config.lower > self.config.upper:
            raise ShapeError("The smallest slope is larger than the largest one.", field="lower")
        return super().infer_shape(inputs, context)

    def to_source(self, place: Place) -> LayerSource:
        return LayerSource(call("nn.RReLU", lower=self.config.lower, upper=self.config.upper), random=True)


class ELUConfig(Settings):
    alpha: float = Field(1.0, title="α", description="Negative numbers approach −α.", ge=0, le=100)


class ELU(Elementwise):
    kind = "elu"
    label = "ELU"
    summary = "Like ReLU, but negative numbers bend smoothly towards −α."
    formula = r"y = \begin{cases} x & x > 0 \\ \alpha(e^{x} - 1) & \text{else} \end{cases}"
    docs = (
        "The mean of the outputs is nearer to zero than with ReLU, and units do not die.\n\n"
        "Any shape; the shape stays.\n\n"
        "Source: Clevert, Unterthiner, Hochreiter (2016), *Fast and accurate deep network learning by exponential "
        "linear units*."
    )
    module = "ELU"
    Config = ELUConfig
    config: ELUConfig
    live = frozenset({"alpha"})


class MaxoutConfig(Settings):
    out_features: int = Field(64, title="Units", description="How many numbers come out.", ge=1, le=100_000)
    pieces: int = Field(2, title="Pieces", description="Linear functions that each unit chooses from.", ge=1, le=64)


class Maxout(Layer):
    """Legend: the weight is (out_features · pieces, D); the pieces of a unit are neighbours."""

    kind = "maxout"
    label = "Maxout"
    group = "Dense"
    summary = "Every unit is the largest of several linear functions: it learns its own activation."
    formula = r"y_j = \max_{k} \Big(\sum_i W_{jki} x_i + b_{jk}\Big)"
    docs = (
        "A dense layer with `pieces` times as many weights, of which the largest answer per unit counts. ReLU and "
        "leaky ReLU are special cases of two pieces.\n\n"
        "D → `out_features`; T×D → T×`out_features`.\n\n"
        "Source: Goodfellow, Warde-Farley, Mirza, Courville, Bengio (2013), *Maxout networks*."
    )
    Config = MaxoutConfig
    config: MaxoutConfig

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        shape = need_float(one(inputs), self.label)
        features(shape, self.label)
        return {"out": shape.with_last(self.config.out_features, "D")}

    def parameters(self, inputs: Inputs, context: Context) -> list[Parameter]:
        rows = self.config.out_features * self.config.pieces
        counted = f"out*{self.config.pieces}"
        weight = Parameter("weight", (rows, features(one(inputs), self.label)), axes=(counted, "in"))
        return [weight, Parameter("bias", (rows,), axes=(counted,))]

    def multiply_adds(self, inputs: Inputs, outputs: Mapping[str, Shape]) -> int:
        return features(one(inputs), self.label) * outputs["out"].count() * self.config.pieces

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torchglass.layers._modules import MaxoutLinear

        return MaxoutLinear(features(one(inputs), self.label), self.config.out_features, self.config.pieces)

    def to_source(self, place: Place) -> LayerSource:
        text = text_of(Path(__file__).with_name("_modules.py"), "MaxoutLinear")
        size = features(one(place.inputs), self.label)
        module = call("MaxoutLinear", size, self.config.out_features, self.config.pieces)
        return LayerSource(module, definitions=(text,), initial=Initial("MaxoutLinear", FAN_IN))

    def taps(self) -> list[Tap]:
        weights = [Tap("weight", "parameter", "matrix"), Tap("bias", "parameter", "bars")]
        return [Tap("out", "activation", "bars"), *weights]
