"""Convolution over images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from torchglass.layers._initialise import InitialSettings, initialise_by, lines_of
from torchglass.layers._kernels import give_kernels, kernel_lines
from torchglass.layers._shapes import need_image, one
from torchglass.layers._window import slide
from torchglass.layers.base import Context, Inputs, Layer, Parameter, Tap
from torchglass.source import Initial, LayerSource, Place, call
from torchglass.spec.problems import Mend, ShapeError
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import nn


Row = Annotated[list[Annotated[float, Field(ge=-1e6, le=1e6)]], Field(max_length=15)]
Kernel = Annotated[list[Row], Field(max_length=15)]


class Conv2dConfig(InitialSettings):
    out_channels: int = Field(
        8,
        title="Filters",
        description="How many filters are learned: one feature map comes out of each.",
        ge=1,
        le=65536,
    )
    kernel_size: int = Field(
        3, title="Kernel size", description="Height and width of the window that each filter looks at.", ge=1, le=255
    )
    stride: int = Field(1, title="Stride", description="How many pixels the window moves at a time.", ge=1, le=255)
    padding: int = Field(0, title="Padding", description="Rows and columns of zeros around the image.", ge=0, le=255)
    dilation: int = Field(
        1, title="Dilation", description="Distance between the pixels that the window looks at.", ge=1, le=255
    )
    groups: int = Field(
        1,
        title="Groups",
        description="Channels are cut into so many groups that do not see each other; must divide the channels.",
        ge=1,
        le=65536,
    )
    bias: bool = Field(True, title="Bias", description="Whether each filter adds a learned number of its own.")
    given_kernels: Annotated[list[Kernel], Field(max_length=64)] = Field(
        default_factory=list,
        title="Kernels by hand",
        description="Begin with these kernels, one per filter, in the middle of its window and the same for every "
        "channel that arrives; filters without one begin at 0, and so do biases.",
    )


class Conv2d(Layer):
    kind = "conv2d"
    label = "Convolution"
    group = "Convolution"
    summary = "Slides small learned filters over an image; each makes one feature map."
    formula = r"y_{k,i,j} = b_k + \sum_{c,u,v} W_{k,c,u,v}\, x_{c,\,si+du-p,\,sj+dv-p}"
    docs = (
        "Two-dimensional convolution (cross-correlation, `torch.nn.Conv2d`): C×H×W becomes `out_channels`×H'×W' with "
        "H' = ⌊(H + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1.\n\n"
        "Use it wherever neighbouring pixels belong together. With groups = channels it is depthwise.\n\n"
        "Source: LeCun et al. (1998), *Gradient-based learning applied to document recognition*; the arithmetic is "
        "explained by Dumoulin, Visin (2016), *A guide to convolution arithmetic for deep learning*."
    )
    Config = Conv2dConfig
    config: Conv2dConfig
    live = frozenset({"initial", "initial_scale", "given_kernels"})  # count from the next reset on
    units = "out_channels"

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        c = self.config
        channels, height, width = need_image(one(inputs), self.label)
        self._check_groups(channels)
        height, width = slide(height, width, c.kernel_size, c.stride, c.padding, c.dilation)
        return {"out": Shape.image(c.out_channels, height, width)}

    def _check_groups(self, channels: int) -> None:
        groups = self.config.groups
        for count, what in ((channels, "channels that arrive"), (self.config.out_channels, "filters")):
            if count % groups:
                message = f"{groups} groups do not divide the {count} {what}."
                mend = Mend(label="Use one group", path="config.groups", value=1)
                raise ShapeError(message, field="groups", mend=mend)

    def parameters(self, inputs: Inputs, context: Context) -> list[Parameter]:
        c = self.config
        channels = one(inputs).known()[0]
        weight = Parameter("weight", (c.out_channels, channels // c.groups, c.kernel_size, c.kernel_size))
        return [weight, Parameter("bias", (c.out_channels,))] if c.bias else [weight]

    def multiply_adds(self, inputs: Inputs, outputs: Mapping[str, Shape]) -> int:
        c = self.config
        return outputs["out"].count() * (one(inputs).known()[0] // c.groups) * c.kernel_size**2

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torch import nn

        c = self.config
        return nn.Conv2d(
            one(inputs).known()[0], c.out_channels, c.kernel_size, c.stride, c.padding, c.dilation, c.groups, c.bias
        )

    def initialise(self, module: nn.Module, name: str, generator: Any) -> None:
        if self.config.given_kernels:
            give_kernels(module.get_parameter(name), self.config.given_kernels)
        else:
            initialise_by(self.config, module, name, generator)

    def to_source(self, place: Place) -> LayerSource:
        settings = self.config.model_dump(exclude={*self.live, "out_channels"}, exclude_defaults=True)
        settings = {"kernel_size": self.config.kernel_size, **settings}
        module = call("nn.Conv2d", one(place.inputs).known()[0], self.config.out_channels, **settings)
        given = self.config.given_kernels
        size = self.config.kernel_size
        lines = kernel_lines(given, self.config.out_channels, (size, size)) if given else lines_of(self.config)
        return LayerSource(module, initial=Initial("nn.Conv2d", lines))

    def taps(self) -> list[Tap]:
        taps = [Tap("out", "activation", "maps"), Tap("weight", "parameter", "filters")]
        return [*taps, Tap("bias", "parameter", "bars")] if self.config.bias else taps
