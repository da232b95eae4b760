"""Activations: the same curve bent onto every number; and softmax."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from torchglass.layers._elementwise import Elementwise
from torchglass.layers._settings import NoSettings, Settings, write
from torchglass.layers._shapes import features, need_float, one
from torchglass.layers.base import Context, Inputs, Layer, Tap
from torchglass.source import LayerSource, Place
from torchglass.spec.problems import ShapeError
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import nn


class ReLU(Elementwise):
    kind = "relu"
    label = "ReLU"
    summary = "Keeps positive numbers, sets negative ones to zero."
    formula = r"y = \max(0, x)"
    docs = (
        "The usual choice between layers: cheap, and its gradient does not fade for active units. A unit whose input "
        "is always negative learns nothing more (a dead unit).\n\n"
        "Any shape; the shape stays.\n\n"
        "Source: Nair, Hinton (2010), *Rectified linear units improve restricted Boltzmann machines*."
    )
    module = "ReLU"


class LeakyReLUConfig(Settings):
    negative_slope: float = Field(
        0.01, title="Negative slope", description="How much of a negative number comes through.", ge=0, le=1000
    )
    form: Literal["pytorch", "textbook"] = Field(
        "pytorch",
        title="Written as",
        description="PyTorch multiplies negative numbers by this number; many slides divide by it (100 means 1/100).",
    )

    @property
    def slope(self) -> float:
        """What a negative number is multiplied by."""
        return self.negative_slope if self.form == "pytorch" else 1 / self.negative_slope


class LeakyReLU(Elementwise):
    kind = "leaky_relu"
    label = "Leaky ReLU"
    summary = "Like ReLU, but lets a little of every negative number through."
    formula = r"y = \max(0, x) + a \min(0, x)"
    docs = (
        "Units can not die, since negative inputs keep a small gradient. Often used in GANs (slope 0.2). Slides often "
        "write x / a with a > 1 (Xu et al. 2015): the textbook form reads the number so.\n\n"
        "Any shape; the shape stays.\n\n"
        "Source: Maas, Hannun, Ng (2013), *Rectifier nonlinearities improve neural network acoustic models*."
    )
    module = "LeakyReLU"
    Config = LeakyReLUConfig
    config: LeakyReLUConfig
    live = frozenset({"negative_slope", "form"})

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        if self.config.form == "textbook" and self.config.negative_slope < 0.001:
            message = "The textbook's form divides by this number, at least by 0.001: 100 means a slope of 1/100."
            raise ShapeError(message, field="negative_slope")
        return super().infer_shape(inputs, context)

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torch import nn

        return nn.LeakyReLU(self.config.slope)

    def apply_live(self, module: nn.Module) -> None:
        write(module, negative_slope=self.config.slope)

    def to_source(self, place: Place) -> LayerSource:
        divided = f"1 / {self.config.negative_slope!r}"
        slope = divided if self.config.form == "textbook" else repr(self.config.negative_slope)
        return LayerSource(f"nn.LeakyReLU(negative_slope={slope})")


class Tanh(Elementwise):
    kind = "tanh"
    label = "Tanh"
    summary = "Squeezes every number into −1..1."
    formula = r"y = \tanh x = \frac{e^{x} - e^{-x}}{e^{x} + e^{-x}}"
    docs = (
        "A smooth step centred at zero; its gradient fades for large numbers of either sign.\n\n"
        "Any shape; the shape stays.\n\n"
        "Source: LeCun, Bottou, Orr, Müller (1998), *Efficient backprop*."
    )
    module = "Tanh"


class Sigmoid(Elementwise):
    kind = "sigmoid"
    label = "Sigmoid"
    summary = "Squeezes every number into 0..1, as a probability or a gate."
    formula = r"y = \sigma(x) = \frac{1}{1 + e^{-x}}"
    docs = (
        "The logistic function. Between layers its gradient fades quickly (at most ¼); at the output of a yes/no "
        "question prefer the loss *binary cross-entropy*, which contains it.\n\n"
        "Any shape; the shape stays.\n\n"
        "Source: Rumelhart, Hinton, Williams (1986), *Learning representations by back-propagating errors*."
    )
    module = "Sigmoid"


class GELUConfig(Settings):
    approximate: Literal["none", "tanh"] = Field(
        "none", title="Approximation", description="Exact, or the faster formula with tanh."
    )


class GELU(Elementwise):
    kind = "gelu"
    label = "GELU"
    summary = "A smooth ReLU: weighs each number by how likely a normal number is to be smaller."
    formula = r"y = x\,\Phi(x)"
    docs = (
        "Used in transformers. Φ is the distribution function of the standard normal distribution.\n\n"
        "Any shape; the shape stays.\n\n"
        "Source: Hendrycks, Gimpel (2016), *Gaussian error linear units*."
    )
    module = "GELU"
    Config = GELUConfig
    config: GELUConfig


class Identity(Elementwise):
    kind = "identity"
    label = "Identity"
    group = "Structure"
    summary = "Passes everything on unchanged."
    formula = r"y = x"
    docs = (
        "A named place in the network, for instance the end of a part or an activation that is switched off.\n\n"
        "Any shape; the shape stays.\n\n"
        "Source: none needed; `torch.nn.Identity`."
    )
    module = "Identity"

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        return {"out": one(inputs)}


class Softmax(Layer):
    kind = "softmax"
    label = "Softmax"
    group = "Activation"
    summary = "Turns scores into probabilities that add up to one, along the last axis."
    formula = r"y_i = \frac{e^{x_i}}{\sum_j e^{x_j}}"
    docs = (
        "Inside a network, where weights that add up to one are needed (mixing, attention). At the output of a "
        "classifier leave it out: the loss *cross-entropy* contains it, which is numerically safer.\n\n"
        "D → D; T×D → T×D at every position.\n\n"
        "Source: Bridle (1990), *Probabilistic interpretation of feedforward classification network outputs*."
    )
    Config = NoSettings

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        shape = need_float(one(inputs), self.label)
        features(shape, self.label)
        return {"out": shape}

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torch import nn

        return nn.Softmax(dim=-1)

    def to_source(self, place: Place) -> LayerSource:
        return LayerSource("nn.Softmax(dim=-1)")

    def taps(self) -> list[Tap]:
        return [Tap("out", "activation", "bars")]
