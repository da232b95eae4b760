"""Pooling: one number for each window of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from torchglass.layers._settings import Settings
from torchglass.layers._shapes import need_image, one
from torchglass.layers._window import at_most_half, slide
from torchglass.layers.base import Context, Inputs, Layer, Tap
from torchglass.source import LayerSource, Place, call
from torchglass.spec.problems import Mend, ShapeError
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import nn


class PoolConfig(Settings):
    kernel_size: int = Field(2, title="Window", description="Height and width of the window.", ge=1, le=255)
    stride: int | None = Field(
        None,
        title="Stride",
        description="How many pixels the window moves at a time; empty: as many as it is wide.",
        ge=1,
        le=255,
    )
    padding: int = Field(
        0,
        title="Padding",
        description="Rows and columns added around the image; at most half the window.",
        ge=0,
        le=127,
    )


class _Pool(Layer):
    group = "Convolution"
    Config = PoolConfig
    config: PoolConfig

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        c = self.config
        channels, height, width = need_image(one(inputs), self.label)
        at_most_half(c.padding, c.kernel_size, f"{c.kernel_size}×{c.kernel_size}")
        height, width = slide(height, width, c.kernel_size, c.stride or c.kernel_size, c.padding)
        return {"out": Shape.image(channels, height, width)}

    def to_source(self, place: Place) -> LayerSource:
        settings = self.config.model_dump(exclude={"kernel_size"}, exclude_defaults=True)
        return LayerSource(call(f"nn.{type(self).__name__}", self.config.kernel_size, **settings))

    def taps(self) -> list[Tap]:
        return [Tap("out", "activation", "maps")]


class MaxPool2d(_Pool):
    kind = "max_pool2d"
    label = "Max pooling"
    summary = "Keeps the largest number of every window: smaller maps, a little shift no longer matters."
    formula = r"y_{c,i,j} = \max_{u,v < k} x_{c,\,si+u-p,\,sj+v-p}"
    docs = (
        "`torch.nn.MaxPool2d`: C×H×W becomes C×H'×W' with H' = ⌊(H + 2·padding − window) / stride⌋ + 1; rows and "
        "columns that do not fill a window are dropped.\n\n"
        "Source: Zhou, Chellappa (1988); Riesenhuber, Poggio (1999), *Hierarchical models of object recognition in "
        "cortex*."
    )

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torch import nn

        return nn.MaxPool2d(self.config.kernel_size, self.config.stride, self.config.padding)


class AvgPool2d(_Pool):
    kind = "avg_pool2d"
    label = "Average pooling"
    summary = "Keeps the mean of every window: smaller, smoother maps."
    formula = r"y_{c,i,j} = \frac{1}{k^2} \sum_{u,v < k} x_{c,\,si+u-p,\,sj+v-p}"
    docs = (
        "`torch.nn.AvgPool2d`: C×H×W becomes C×H'×W' with H' = ⌊(H + 2·padding − window) / stride⌋ + 1; padding "
        "counts as zeros.\n\n"
        "Source: LeCun et al. (1998), *Gradient-based learning applied to document recognition* (subsampling)."
    )

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torch import nn

        return nn.AvgPool2d(self.config.kernel_size, self.config.stride, self.config.padding)


class AdaptivePoolConfig(Settings):
    output_size: int = Field(
        1, title="Size", description="Height and width of what comes out; 1 is one mean for every map.", ge=1, le=1024
    )


class AdaptiveAvgPool2d(Layer):
    kind = "adaptive_avg_pool2d"
    label = "Global average pooling"
    group = "Convolution"
    summary = "Averages every map down to a fixed size, usually one number, however large the image is."
    formula = r"y_c = \frac{1}{HW} \sum_{i,j} x_{c,i,j}"
    docs = (
        "`torch.nn.AdaptiveAvgPool2d`: C×H×W becomes C×size×size, each number the mean of its share of the map. With "
        "size 1 a classifier behind it has few weights and takes images of any size.\n\n"
        "Source: Lin, Chen, Yan (2014), *Network in network*."
    )
    Config = AdaptivePoolConfig
    config: AdaptivePoolConfig

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        channels, height, width = need_image(one(inputs), self.label)
        size = self.config.output_size
        if size > min(height, width):
            most = min(height, width)
            mend = Mend(label=f"Use size {most}", path="config.output_size", value=most)
            message = f"An image of {height}×{width} can not be averaged to {size}×{size}, which is larger."
            raise ShapeError(message, field="output_size", mend=mend)
        return {"out": Shape.image(channels, size, size)}

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torch import nn

        return nn.AdaptiveAvgPool2d(self.config.output_size)

    def to_source(self, place: Place) -> LayerSource:
        return LayerSource(call("nn.AdaptiveAvgPool2d", self.config.output_size))

    def taps(self) -> list[Tap]:
        return [Tap("out", "activation", "maps")]
