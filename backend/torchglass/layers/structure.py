"""Layers that only rearrange or join: flatten, add, concatenate, multiply."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from torchglass.layers._settings import NoSettings, Settings
from torchglass.layers._shapes import describe, features, known, many, need_float, one, projection
from torchglass.layers.base import Context, Inputs, Layer, Names, Port, Tap, Units
from torchglass.source import LayerSource, Place
from torchglass.spec.problems import Mend, ShapeError
from torchglass.spec.shapes import Axis, Shape

if TYPE_CHECKING:
    from torch import nn


class Flatten(Layer):
    kind = "flatten"
    label = "Flatten"
    group = "Structure"
    summary = "Lays all numbers of an example out in one row."
    formula = r"y_{(cH + i)W + j} = x_{c,i,j}"
    docs = (
        "An image C×H×W becomes a vector of C·H·W numbers (`torch.nn.Flatten`), so that a dense layer can follow.\n\n"
        "Source: LeCun et al. (1998), *Gradient-based learning applied to document recognition*."
    )
    Config = NoSettings

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        shape = one(inputs)
        features(shape, self.label)
        return {"out": Shape((Axis("D", math.prod(known(shape, self.label))),), shape.dtype)}

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torch import nn

        return nn.Flatten()

    def unit_names(self, own: Names, inputs: Mapping[str, Sequence[Units]], shapes: Inputs) -> Units:
        """Every unit at every place of its map; of other shapes, every place."""
        from torchglass.layers._units import at_places

        shape = one(shapes)
        count = shape.count()
        channels = inputs["in"][0]
        if shape.is_image and len(channels):
            return at_places(channels, *shape.known()[1:])
        return channels if len(channels) == count else own([str(number) for number in range(count)])

    def to_source(self, place: Place) -> LayerSource:
        return LayerSource("nn.Flatten()")

    def taps(self) -> list[Tap]:
        return [Tap("out", "activation", "bars")]


class Add(Layer):
    kind = "add"
    label = "Add"
    group = "Structure"
    summary = "Adds its inputs number by number, as a residual connection does."
    formula = r"y = x_1 + x_2 + \dots"
    docs = (
        "All inputs must have the same shape, which is also the output's. The gradient passes unchanged to every "
        "input, which is why very deep networks with such shortcuts still learn.\n\n"
        "Source: He, Zhang, Ren, Sun (2016), *Deep residual learning for image recognition*."
    )
    Config = NoSettings
    inputs = (Port("in", many=True),)

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        shapes = many(inputs)
        first = need_float(shapes[0], self.label)
        for shape in shapes[1:]:
            if need_float(shape, self.label).sizes != first.sizes:
                message = f"Only equal shapes can be added, but {describe(first)} meets {describe(shape)}."
                raise ShapeError(message)
        return {"out": first}

    def mends(self, inputs: Inputs, oldest: int) -> list[Mend]:
        shapes = many(inputs)
        skip = shapes[oldest]
        other = next((shape for shape in shapes if shape.sizes != skip.sizes), None)
        insert = None if other is None else projection(skip, other, oldest)
        return [] if insert is None else [Mend(label="Add a projection on the skip connection", insert=insert)]

    def multiply_adds(self, inputs: Inputs, outputs: Mapping[str, Shape]) -> int:
        return outputs["out"].count() * (len(many(inputs)) - 1)

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torchglass.layers._modules import Sum

        return Sum()

    def to_source(self, place: Place) -> LayerSource:
        return LayerSource(value=" + ".join(place.many()))

    def taps(self) -> list[Tap]:
        return [Tap("out", "activation", "maps")]


class ConcatenateConfig(Settings):
    axis: int = Field(
        0,
        title="Axis",
        description="Which axis grows, not counting the batch: 0 for the channels of images or a vector; "
        "−1 for the last one.",
        ge=-3,
        le=2,
    )


class Concatenate(Layer):
    kind = "concatenate"
    label = "Concatenate"
    group = "Structure"
    summary = "Puts its inputs one behind the other along one axis."
    formula = r"y = [x_1; x_2; \dots]"
    docs = (
        "All other axes must agree: 8×14×14 and 16×14×14 become 24×14×14 along axis 0. The order is that of the "
        "connections.\n\n"
        "Source: Huang, Liu, van der Maaten, Weinberger (2017), *Densely connected convolutional networks*."
    )
    Config = ConcatenateConfig
    config: ConcatenateConfig
    inputs = (Port("in", many=True),)

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        shapes = many(inputs)
        first = shapes[0]
        rank = len(first.axes)
        if not -rank <= self.config.axis < rank:
            mend = Mend(label="Use the first axis", path="config.axis", value=0) if rank else None
            message = f"There is no axis {self.config.axis} in {describe(first)}."
            raise ShapeError(message, field="axis", mend=mend)
        axis = self.config.axis % rank
        total = sum(self._along(first, shape, axis) for shape in shapes)
        axes = (*first.axes[:axis], Axis(first.axes[axis].name, total), *first.axes[axis + 1 :])
        return {"out": Shape(axes, first.dtype)}

    @staticmethod
    def _along(first: Shape, shape: Shape, axis: int) -> int:
        same = len(shape.axes) == len(first.axes) and shape.dtype == first.dtype
        if not same or any(
            a.size != b.size for n, (a, b) in enumerate(zip(first.axes, shape.axes, strict=True)) if n != axis
        ):
            message = f"{describe(first).capitalize()} and {describe(shape)} differ in more than axis {axis}."
            raise ShapeError(message, field="axis")
        size = shape.axes[axis].size
        if not isinstance(size, int):
            raise ShapeError(f"The length {size} differs from batch to batch and can not be joined.", field="axis")
        return size

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torchglass.layers._modules import Join

        return Join(self.config.axis % len(many(inputs)[0].axes) + 1)

    def unit_names(self, own: Names, inputs: Mapping[str, Sequence[Units]], shapes: Inputs) -> Units:
        import numpy as np

        first = many(shapes)[0]
        axis = self.config.axis % len(first.axes)
        joined = axis == (0 if first.is_image else len(first.axes) - 1)
        return np.concatenate(inputs["in"]) if joined else inputs["in"][0]

    def to_source(self, place: Place) -> LayerSource:
        dim = self.config.axis % len(many(place.inputs)[0].axes) + 1
        return LayerSource(value=f"torch.cat([{', '.join(place.many())}], dim={dim})")

    def taps(self) -> list[Tap]:
        return [Tap("out", "activation", "maps")]


class Multiply(Layer):
    kind = "multiply"
    label = "Multiply"
    group = "Structure"
    summary = "Multiplies its inputs number by number: a gate that lets more or less through."
    formula = r"y = x_1 \odot x_2 \odot \dots"
    docs = (
        "All inputs have the same shape; an axis of size 1 meets any size, so that one weight per channel (C×1×1) "
        "scales a whole map.\n\n"
        "Source: Hochreiter, Schmidhuber (1997), *Long short-term memory* (gates); Hu, Shen, Sun (2018), "
        "*Squeeze-and-excitation networks*."
    )
    Config = NoSettings
    inputs = (Port("in", many=True),)

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        shapes = [need_float(shape, self.label) for shape in many(inputs)]
        result = shapes[0]
        for shape in shapes[1:]:
            if len(shape.axes) != len(result.axes) or any(
                1 not in (a.size, b.size) and a.size != b.size for a, b in zip(result.axes, shape.axes, strict=True)
            ):
                message = f"Only shapes that match or have size 1 can be multiplied, but {describe(result)} meets "
                raise ShapeError(f"{message}{describe(shape)}.")
            axes = (b if a.size == 1 else a for a, b in zip(result.axes, shape.axes, strict=True))
            result = Shape(tuple(axes), result.dtype)
        return {"out": result}

    def multiply_adds(self, inputs: Inputs, outputs: Mapping[str, Shape]) -> int:
        return outputs["out"].count() * (len(many(inputs)) - 1)

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torchglass.layers._modules import Product

        return Product()

    def to_source(self, place: Place) -> LayerSource:
        return LayerSource(value=" * ".join(place.many()))

    def taps(self) -> list[Tap]:
        return [Tap("out", "activation", "maps")]
