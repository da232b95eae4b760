"""Calling a named part of the network; two calls share its weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from torchglass.layers._parts import ports_of
from torchglass.layers._settings import Settings
from torchglass.layers._shapes import one
from torchglass.layers.base import Context, Inputs, Layer, Port, Tap
from torchglass.source import LayerSource, Place
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import nn


class PartConfig(Settings):
    part: str = Field("part", title="Part", description="Name of the part that is called.", min_length=1, max_length=64)


class Part(Layer):
    kind = "part"
    label = "Part"
    group = "Structure"
    summary = "Runs a named part of the network here; every call shares the same weights."
    formula = r"y = f_\theta(x)"
    docs = (
        "One input port per *part input* of the part and one output port per end of it. Two calls of one part are "
        "the same function with the same weights: siamese networks, shared encoders, the discriminator of a GAN on "
        "real and generated examples.\n\n"
        "Source: Bromley et al. (1993), *Signature verification using a siamese time delay neural network*."
    )
    Config = PartConfig
    config: PartConfig

    def called_part(self) -> str:
        return self.config.part

    def input_ports(self, context: Context) -> tuple[Port, ...]:
        return tuple(Port(name) for name in ports_of(self.config.part, context)[0])

    def output_ports(self, context: Context) -> tuple[Port, ...]:
        return tuple(Port(name) for name in ports_of(self.config.part, context)[1])

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        names, outputs = ports_of(self.config.part, context)
        shapes = context.call_part(self.config.part, {name: one(inputs, name) for name in names})
        return {name: shapes[name] for name in outputs}

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        raise AssertionError("built by the graph")

    def to_source(self, place: Place) -> LayerSource:
        assert place.called is not None
        arguments = ", ".join(place.one(name) for name in place.called.inputs)
        extra = len(place.called.results) - len(place.outputs)
        return LayerSource(value=f"{place.called.method}({arguments})", ignored=extra)

    def taps(self) -> list[Tap]:
        return [Tap("out", "activation", "maps")]
