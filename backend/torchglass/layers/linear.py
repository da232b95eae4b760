"""The dense layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from torchglass.layers._given import give, given_lines
from torchglass.layers._initialise import InitialSettings, initialise_by, lines_of
from torchglass.layers._shapes import describe, features, need_float, one
from torchglass.layers.base import Context, Inputs, Layer, Parameter, Tap
from torchglass.source import Initial, LayerSource, Place, call
from torchglass.spec.problems import Insert, Mend, ShapeError
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import nn


_MOST_GIVEN = 1024
Numbers = Annotated[list[Annotated[float, Field(ge=-1e6, le=1e6)]], Field(max_length=_MOST_GIVEN)]


class LinearConfig(InitialSettings):
    out_features: int = Field(
        64, title="Units", description="How many numbers come out: one per unit.", ge=1, le=1_000_000
    )
    bias: bool = Field(True, title="Bias", description="Whether each unit adds a learned number of its own.")
    given_weight: Annotated[list[Numbers], Field(max_length=_MOST_GIVEN)] = Field(
        default_factory=list,
        title="Weights by hand",
        description="Begin with these weights, one row per unit, instead of drawing them; what is missing is 0.",
    )
    given_bias: Numbers = Field(
        default_factory=list,
        title="Biases by hand",
        description="Begin with these biases where weights are given; what is missing is 0.",
    )


class Linear(Layer):
    kind = "linear"
    label = "Dense"
    group = "Dense"
    summary = "Every unit sees every number of the input, each through its own weight."
    formula = r"y_j = \sum_i W_{ji} x_i + b_j"
    docs = (
        "Fully connected layer (`torch.nn.Linear`). Works on the last axis: a vector D becomes a vector of "
        "`out_features`; a sequence T×D becomes T×`out_features`, the same weights at every position. Images must be "
        "flattened first.\n\n"
        "Source: Rosenblatt (1958), *The perceptron*; Goodfellow, Bengio, Courville (2016), *Deep Learning*, chapter "
        "6."
    )
    Config = LinearConfig
    config: LinearConfig
    live = frozenset({"initial", "initial_scale", "given_weight", "given_bias"})  # count from the next reset on
    units = "out_features"

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        shape = need_float(one(inputs), self.label)
        if shape.is_image:
            message = f"A dense layer works on vectors, but {describe(shape)} arrives here: flatten it first."
            raise ShapeError(message, mend=Mend(label="Insert a flatten", insert=Insert(kind="flatten", config={})))
        features(shape, self.label)
        return {"out": shape.with_last(self.config.out_features, "D")}

    def parameters(self, inputs: Inputs, context: Context) -> list[Parameter]:
        weight = Parameter("weight", (self.config.out_features, features(one(inputs), self.label)))
        return [weight, Parameter("bias", (self.config.out_features,))] if self.config.bias else [weight]

    def multiply_adds(self, inputs: Inputs, outputs: Mapping[str, Shape]) -> int:
        return features(one(inputs), self.label) * outputs["out"].count()

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torch import nn

        return nn.Linear(features(one(inputs), self.label), self.config.out_features, self.config.bias)

    def initialise(self, module: nn.Module, name: str, generator: Any) -> None:
        if self.config.given_weight:
            give(module.get_parameter(name), self._given(name))
        else:
            initialise_by(self.config, module, name, generator)

    def _given(self, name: str) -> list[list[float]]:
        """Rows of the weight, or the bias as one row."""
        return self.config.given_weight if name == "weight" else [self.config.given_bias]

    def to_source(self, place: Place) -> LayerSource:
        settings = {} if self.config.bias else {"bias": False}
        module = call("nn.Linear", features(one(place.inputs), self.label), self.config.out_features, **settings)
        given, shape = self.config.given_weight, (self.config.out_features, features(one(place.inputs), self.label))
        lines = given_lines(given, self.config.given_bias, shape) if given else lines_of(self.config)
        return LayerSource(module, initial=Initial("nn.Linear", lines))

    def taps(self) -> list[Tap]:
        taps = [Tap("out", "activation", "bars"), Tap("weight", "parameter", "matrix")]
        return [*taps, Tap("bias", "parameter", "bars")] if self.config.bias else taps
