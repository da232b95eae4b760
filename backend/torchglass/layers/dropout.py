"""Dropout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from torchglass.layers._settings import Settings, write
from torchglass.layers._shapes import need_float, one
from torchglass.layers.base import Context, Inputs, Layer, Tap
from torchglass.source import LayerSource, Place, call
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import nn


class DropoutConfig(Settings):
    p: float = Field(
        0.5,
        title="Probability",
        description="How likely each number is to be set to zero while training.",
        ge=0,
        le=0.99,
    )


class Dropout(Layer):
    kind = "dropout"
    label = "Dropout"
    group = "Regularisation"
    summary = "Sets random numbers to zero while training, so that no unit can rely on a single other one."
    formula = r"y_i = \frac{m_i}{1 - p} x_i, \quad m_i \sim \mathrm{Bernoulli}(1 - p)"
    docs = (
        "While training, each number is dropped with probability `p` and the rest are scaled up by 1/(1 − p), so "
        "that the mean stays; when the network is used, nothing happens (`torch.nn.Dropout`).\n\n"
        "Any shape; the shape stays.\n\n"
        "Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov (2014), *Dropout*."
    )
    Config = DropoutConfig
    config: DropoutConfig
    live = frozenset({"p"})

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        return {"out": need_float(one(inputs), self.label)}

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torch import nn

        return nn.Dropout(self.config.p)

    def apply_live(self, module: nn.Module) -> None:
        write(module, p=self.config.p)

    def to_source(self, place: Place) -> LayerSource:
        return LayerSource(call("nn.Dropout", p=self.config.p), random=True)

    def taps(self) -> list[Tap]:
        return [Tap("out", "activation", "maps")]
