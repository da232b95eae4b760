"""What every activation shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from torchglass.layers._settings import NoSettings, write
from torchglass.layers._shapes import need_float, one
from torchglass.layers.base import Config, Context, Inputs, Layer, Tap
from torchglass.source import LayerSource, Place, call
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import nn


class Elementwise(Layer):
    """Applies ``torch.nn.<module>`` number by number; the shape stays."""

    group = "Activation"
    Config: ClassVar[type[Config]] = NoSettings
    module: ClassVar[str]

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        return {"out": need_float(one(inputs), self.label)}

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torch import nn

        module: nn.Module = getattr(nn, self.module)(**self.config.model_dump())
        return module

    def to_source(self, place: Place) -> LayerSource:
        return LayerSource(call(f"nn.{self.module}", **self.config.model_dump()))

    def taps(self) -> list[Tap]:
        return [Tap("out", "activation", "maps")]

    def apply_live(self, module: nn.Module) -> None:
        if self.live:
            write(module, **self.config.model_dump())
