"""Batch normalisation of vectors and images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field

from torchglass.layers._settings import Settings, write
from torchglass.layers._shapes import describe, known, need_float, one
from torchglass.layers.base import Context, Inputs, Layer, Parameter, Tap
from torchglass.source import LayerSource, Place, call
from torchglass.spec.problems import ShapeError
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import nn


class BatchNormConfig(Settings):
    eps: float = Field(
        1e-5, title="Epsilon", description="Added to the variance so that nothing is divided by zero.", gt=0, le=1
    )
    momentum: float = Field(
        0.1, title="Momentum", description="How fast the running mean and variance follow the batches.", ge=0, le=1
    )


class BatchNorm(Layer):
    kind = "batch_norm"
    label = "Batch norm"
    group = "Normalisation"
    summary = "Brings every channel to mean 0 and variance 1 over the batch, then scales and shifts it as learned."
    formula = r"y = \gamma\,\frac{x - \mathrm{E}_B[x]}{\sqrt{\mathrm{Var}_B[x] + \epsilon}} + \beta"
    docs = (
        "One mean and variance per channel of an image (`torch.nn.BatchNorm2d`) or per feature of a vector "
        "(`torch.nn.BatchNorm1d`). While training they come from the batch and update running averages; when the "
        "network is used, the running averages serve. Vectors need at least two examples per batch.\n\n"
        "The shape stays.\n\n"
        "Source: Ioffe, Szegedy (2015), *Batch normalization*."
    )
    Config = BatchNormConfig
    config: BatchNormConfig
    live = frozenset({"eps", "momentum"})

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        shape = need_float(one(inputs), self.label)
        if not shape.is_image and len(shape.axes) != 1:
            raise ShapeError(f"Batch norm works on images and vectors, but {describe(shape)} arrives here.")
        known(shape, self.label)
        return {"out": shape}

    def minimum_batch(self, inputs: Inputs) -> int:
        shape = one(inputs)
        per_channel = shape.count() // max(shape.known()[0], 1)
        return 1 if per_channel > 1 else 2

    def parameters(self, inputs: Inputs, context: Context) -> list[Parameter]:
        size = (one(inputs).known()[0],)
        buffers = [Parameter(name, size, trainable=False) for name in ("running_mean", "running_var")]
        counter = Parameter("num_batches_tracked", (), trainable=False)
        return [Parameter("weight", size), Parameter("bias", size), *buffers, counter]

    def multiply_adds(self, inputs: Inputs, outputs: Mapping[str, Shape]) -> int:
        return 2 * outputs["out"].count()

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torch import nn

        shape = one(inputs)
        make: Any = nn.BatchNorm2d if shape.is_image else nn.BatchNorm1d
        module: nn.Module = make(shape.known()[0], eps=self.config.eps, momentum=self.config.momentum)
        return module

    def apply_live(self, module: nn.Module) -> None:
        write(module, eps=self.config.eps, momentum=self.config.momentum)

    def to_source(self, place: Place) -> LayerSource:
        shape = one(place.inputs)
        kind = "nn.BatchNorm2d" if shape.is_image else "nn.BatchNorm1d"
        return LayerSource(call(kind, shape.known()[0], eps=self.config.eps, momentum=self.config.momentum))

    def taps(self) -> list[Tap]:
        weights = [Tap("weight", "parameter", "bars"), Tap("bias", "parameter", "bars")]
        return [Tap("out", "activation", "maps"), *weights]
