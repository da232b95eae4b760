"""Pooling along a sequence: one number for each window and feature."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from torchglass.layers._settings import Settings
from torchglass.layers._shapes import one
from torchglass.layers._window import at_most_half, need_sequence, slide_along
from torchglass.layers.base import Context, Inputs, Layer, Tap
from torchglass.source import LayerSource, Place, call, text_of
from torchglass.spec.shapes import Axis, Shape

if TYPE_CHECKING:
    from torch import nn


class PoolAlongConfig(Settings):
    kernel_size: int = Field(2, title="Window", description="How many places in a row become one.", ge=1, le=255)
    stride: int | None = Field(
        None,
        title="Stride",
        description="How many places the window moves at a time; empty: as many as it is wide.",
        ge=1,
        le=255,
    )
    padding: int = Field(
        0,
        title="Padding",
        description="Places added before and behind the sequence; at most half the window.",
        ge=0,
        le=127,
    )


class _PoolAlong(Layer):
    group = "Convolution"
    Config = PoolAlongConfig
    config: PoolAlongConfig
    #: Its class in ``_modules.py``.
    module: ClassVar[str]

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        c = self.config
        shape = one(inputs)
        length, features = need_sequence(shape, self.label)
        at_most_half(c.padding, c.kernel_size, f"{c.kernel_size} places")
        length = slide_along(length, c.kernel_size, c.stride or c.kernel_size, c.padding)
        return {"out": Shape((Axis(shape.axes[0].name, length), Axis("D", features)))}

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torchglass.layers import _modules

        c = self.config
        built: nn.Module = getattr(_modules, self.module)(c.kernel_size, c.stride, c.padding)
        return built

    def to_source(self, place: Place) -> LayerSource:
        settings = self.config.model_dump(exclude={"kernel_size"}, exclude_defaults=True)
        text = text_of(Path(__file__).with_name("_modules.py"), self.module)
        return LayerSource(call(self.module, self.config.kernel_size, **settings), definitions=(text,))

    def taps(self) -> list[Tap]:
        return [Tap("out", "activation", "maps")]


class MaxPool1d(_PoolAlong):
    kind = "max_pool1d"
    label = "1-D max pooling"
    summary = "Keeps the largest number of every window along a sequence: shorter, a little shift no longer matters."
    formula = r"y_{t,c} = \max_{u < k} x_{st+u-p,\,c}"
    docs = (
        "`torch.nn.MaxPool1d` along the first axis of T×D, which becomes T'×D with T' = ⌊(T + 2·padding − window) / "
        "stride⌋ + 1; places that do not fill a window are dropped.\n\n"
        "Source: Zhou, Chellappa (1988); Goodfellow, Bengio, Courville (2016), *Deep Learning*, section 9.3."
    )
    module = "MaxPoolingAlong"


class AvgPool1d(_PoolAlong):
    kind = "avg_pool1d"
    label = "1-D average pooling"
    summary = "Keeps the mean of every window along a sequence: shorter and smoother."
    formula = r"y_{t,c} = \frac{1}{k} \sum_{u < k} x_{st+u-p,\,c}"
    docs = (
        "`torch.nn.AvgPool1d` along the first axis of T×D, which becomes T'×D with T' = ⌊(T + 2·padding − window) / "
        "stride⌋ + 1; padding counts as zeros.\n\n"
        "Source: LeCun et al. (1998), *Gradient-based learning applied to document recognition* (subsampling)."
    )
    module = "AveragePoolingAlong"
