"""Every number times a fixed one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from torchglass.layers._settings import Settings, write
from torchglass.layers._shapes import need_float, one
from torchglass.layers.base import Context, Inputs, Layer, Tap
from torchglass.source import LayerSource, Place
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import nn


class ScaleConfig(Settings):
    factor: float = Field(
        0.5,
        title="Factor",
        description="Every number is multiplied by this; 0 lets nothing through, 1 changes nothing.",
        ge=-10,
        le=10,
    )


class Scale(Layer):
    kind = "scale"
    label = "Scale"
    group = "Structure"
    summary = "Multiplies every number by the same fixed factor."
    formula = r"y = \lambda\, x"
    docs = (
        "Nothing is learned; the factor may be changed while the network trains. On the shortcut of a residual block "
        "it shows why shortcuts are left alone: through L blocks signal and gradient arrive λ^L times as large.\n\n"
        "Any shape; the shape stays.\n\n"
        "Source: He, Zhang, Ren, Sun (2016), *Identity mappings in deep residual networks*, section 3.1."
    )
    Config = ScaleConfig
    config: ScaleConfig
    live = frozenset({"factor"})

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        return {"out": need_float(one(inputs), self.label)}

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torchglass.layers._modules import Scale as Module

        return Module(self.config.factor)

    def apply_live(self, module: nn.Module) -> None:
        write(module, factor=self.config.factor)

    def to_source(self, place: Place) -> LayerSource:
        return LayerSource(value=f"{self.config.factor!r} * {place.one()}")

    def taps(self) -> list[Tap]:
        return [Tap("out", "activation", "maps")]
