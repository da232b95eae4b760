"""Dropout."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from torchglass.layers._settings import Settings, write
from torchglass.layers._shapes import need_float, one
from torchglass.layers.base import Context, Inputs, Layer, Tap
from torchglass.source import LayerSource, Place, call, text_of
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
    form: Literal["pytorch", "textbook", "forgotten"] = Field(
        "pytorch",
        title="Scaling",
        description="What makes up for the missing units. PyTorch scales the others up while training; the textbook "
        "scales all of them down when the network is used; forgotten: nothing does, a mistake to watch.",
    )


class Dropout(Layer):
    kind = "dropout"
    label = "Dropout"
    group = "Regularisation"
    summary = "Sets random numbers to zero while training, so that no unit can rely on a single other one."
    formula = r"y_i = \frac{m_i}{1 - p} x_i, \quad m_i \sim \mathrm{Bernoulli}(1 - p)"
    docs = (
        "While training, each number is dropped with probability `p` and the rest are scaled up by 1/(1 − p), so "
        "that the mean stays; when the network is used, nothing happens (`torch.nn.Dropout`). The textbook scales by "
        "1 − p when the network is used instead. Without either, the layers behind get numbers 1/(1 − p) times as "
        "large as those that they learned from.\n\n"
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

        if self.config.form == "pytorch":
            return nn.Dropout(self.config.p)
        from torchglass.layers._modules import PlainDropout

        return PlainDropout(self.config.p, self.config.form == "textbook")

    def apply_live(self, module: nn.Module) -> None:
        write(module, p=self.config.p)

    def to_source(self, place: Place) -> LayerSource:
        if self.config.form == "pytorch":
            return LayerSource(call("nn.Dropout", p=self.config.p), random=True)
        text = text_of(Path(__file__).with_name("_modules.py"), "PlainDropout")
        module = call("PlainDropout", self.config.p, self.config.form == "textbook")
        return LayerSource(module, definitions=(text,), random=True)

    def taps(self) -> list[Tap]:
        return [Tap("out", "activation", "maps")]
