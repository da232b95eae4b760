"""A learned number added to every number."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from torchglass.layers._settings import NoSettings
from torchglass.layers._shapes import known, need_float, one
from torchglass.layers.base import Context, Inputs, Layer, Parameter, Tap
from torchglass.source import Initial, LayerSource, Place, call, text_of
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import nn


class Offset(Layer):
    kind = "offset"
    label = "Offset"
    group = "Dense"
    summary = "Adds a learned number of its own to every number: a bias alone."
    formula = r"y_i = x_i + b_i"
    docs = (
        "Begins at zero. On an input that never changes it is the simplest thing that can learn: a place that walks "
        "down a landscape.\n\n"
        "Any shape; the shape stays.\n\n"
        "Source: none needed; a bias without weights."
    )
    Config = NoSettings

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        shape = need_float(one(inputs), self.label)
        known(shape, self.label)
        return {"out": shape}

    def parameters(self, inputs: Inputs, context: Context) -> list[Parameter]:
        sizes = known(one(inputs), self.label)
        return [Parameter("bias", sizes, axes=("through", *("row" for _ in sizes[1:])))]

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torchglass.layers._modules import Offset as Module

        return Module(*known(one(inputs), self.label))

    def initialise(self, module: nn.Module, name: str, generator: Any) -> None:
        import torch

        with torch.no_grad():
            module.get_parameter(name).zero_()

    def to_source(self, place: Place) -> LayerSource:
        text = text_of(Path(__file__).with_name("_modules.py"), "Offset")
        module = call("Offset", *known(one(place.inputs), self.label))
        return LayerSource(module, definitions=(text,), initial=Initial("Offset", ("parameter.zero_()",)))

    def taps(self) -> list[Tap]:
        return [Tap("out", "activation", "maps"), Tap("bias", "parameter", "bars")]
