"""Convolution along a sequence."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from torchglass.layers._initialise import InitialSettings, initialise_by, lines_of
from torchglass.layers._shapes import one
from torchglass.layers._window import need_sequence, slide_along
from torchglass.layers.base import Context, Inputs, Layer, Parameter, Tap
from torchglass.source import Initial, LayerSource, Place, call, text_of
from torchglass.spec.problems import Mend, ShapeError
from torchglass.spec.shapes import Axis, Shape

if TYPE_CHECKING:
    from torch import nn


class Conv1dConfig(InitialSettings):
    out_channels: int = Field(
        8,
        title="Filters",
        description="How many filters are learned: each makes one feature of every place.",
        ge=1,
        le=65536,
    )
    kernel_size: int = Field(
        3, title="Kernel size", description="How many places in a row each filter looks at.", ge=1, le=255
    )
    stride: int = Field(1, title="Stride", description="How many places the window moves at a time.", ge=1, le=255)
    padding: int = Field(
        0, title="Padding", description="Places of zeros before and behind the sequence.", ge=0, le=255
    )
    dilation: int = Field(
        1, title="Dilation", description="Distance between the places that the window looks at.", ge=1, le=255
    )
    groups: int = Field(
        1,
        title="Groups",
        description="Features are cut into so many groups that do not see each other; must divide the features.",
        ge=1,
        le=65536,
    )
    bias: bool = Field(True, title="Bias", description="Whether each filter adds a learned number of its own.")


class Conv1d(Layer):
    kind = "conv1d"
    label = "1-D convolution"
    group = "Convolution"
    summary = "Slides small learned filters along a sequence: the same weights at every place."
    formula = r"y_{t,k} = b_k + \sum_{c,u} W_{k,c,u}\, x_{st+du-p,\,c}"
    docs = (
        "One-dimensional convolution (cross-correlation, `torch.nn.Conv1d`) along the first axis of T×D, which becomes "
        "T'×`out_channels` with T' = ⌊(T + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1.\n\n"
        "A dense layer from 7 numbers to 5 has 7 connections to every unit and 35 weights; a window of 3 has 3 "
        "connections and 3 weights in all, since every unit uses the same.\n\n"
        "Source: Waibel et al. (1989), *Phoneme recognition using time-delay neural networks*; Goodfellow, Bengio, "
        "Courville (2016), *Deep Learning*, section 9.2."
    )
    Config = Conv1dConfig
    config: Conv1dConfig
    live = frozenset({"initial", "initial_scale"})  # count from the next reset on
    units = "out_channels"

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        c = self.config
        shape = one(inputs)
        length, features = need_sequence(shape, self.label)
        for count, what in ((features, "features that arrive"), (c.out_channels, "filters")):
            if count % c.groups:
                message = f"{c.groups} groups do not divide the {count} {what}."
                mend = Mend(label="Use one group", path="config.groups", value=1)
                raise ShapeError(message, field="groups", mend=mend)
        length = slide_along(length, c.kernel_size, c.stride, c.padding, c.dilation)
        return {"out": Shape((Axis(shape.axes[0].name, length), Axis("D", c.out_channels)))}

    def parameters(self, inputs: Inputs, context: Context) -> list[Parameter]:
        c = self.config
        weight = Parameter("weight", (c.out_channels, one(inputs).known()[1] // c.groups, c.kernel_size))
        return [weight, Parameter("bias", (c.out_channels,))] if c.bias else [weight]

    def multiply_adds(self, inputs: Inputs, outputs: Mapping[str, Shape]) -> int:
        c = self.config
        return outputs["out"].count() * (one(inputs).known()[1] // c.groups) * c.kernel_size

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torchglass.layers._modules import ConvolutionAlong

        c = self.config
        features = one(inputs).known()[1]
        return ConvolutionAlong(
            features, c.out_channels, c.kernel_size, c.stride, c.padding, c.dilation, c.groups, c.bias
        )

    def initialise(self, module: nn.Module, name: str, generator: Any) -> None:
        initialise_by(self.config, module, name, generator)

    def to_source(self, place: Place) -> LayerSource:
        settings = self.config.model_dump(exclude={*self.live, "out_channels"}, exclude_defaults=True)
        settings = {"kernel_size": self.config.kernel_size, **settings}
        text = text_of(Path(__file__).with_name("_modules.py"), "ConvolutionAlong")
        module = call("ConvolutionAlong", one(place.inputs).known()[1], self.config.out_channels, **settings)
        return LayerSource(module, definitions=(text,), initial=Initial("ConvolutionAlong", lines_of(self.config)))

    def taps(self) -> list[Tap]:
        taps = [Tap("out", "activation", "maps"), Tap("weight", "parameter", "filters")]
        return [*taps, Tap("bias", "parameter", "bars")] if self.config.bias else taps
