"""Inputs made of the two coordinates of a point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from torchglass.layers._settings import Settings
from torchglass.layers._shapes import need_vector, one
from torchglass.layers.base import Context, Inputs, Layer, Names, Tap, Units
from torchglass.source import LayerSource, Place
from torchglass.spec.problems import Mend, ShapeError
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import nn


#: What each setting computes, as it is written in a script.
_TERMS = {
    "x1": "x1",
    "x2": "x2",
    "x1_squared": "x1 * x1",
    "x2_squared": "x2 * x2",
    "product": "x1 * x2",
    "sin_x1": "x1.sin()",
    "sin_x2": "x2.sin()",
}


class FeaturesConfig(Settings):
    x1: bool = Field(True, title="x₁", description="The first coordinate: how far right.")
    x2: bool = Field(True, title="x₂", description="The second coordinate: how far up.")
    x1_squared: bool = Field(False, title="x₁²", description="Square of the first coordinate.")
    x2_squared: bool = Field(False, title="x₂²", description="Square of the second coordinate.")
    product: bool = Field(False, title="x₁x₂", description="Product of both: positive where their signs agree.")
    sin_x1: bool = Field(False, title="sin x₁", description="Sine of the first coordinate: stripes that stand.")
    sin_x2: bool = Field(False, title="sin x₂", description="Sine of the second coordinate: stripes that lie.")


class Features(Layer):
    kind = "features"
    label = "Inputs of a point"
    group = "Structure"
    summary = "Chooses what the network is told about a point: x₁, x₂, their squares, product and sines."
    formula = r"y \subseteq (x_1, x_2, x_1^2, x_2^2, x_1 x_2, \sin x_1, \sin x_2)"
    docs = (
        "A vector of 2 becomes a vector with one number for every input that is chosen, in that order. A well chosen "
        "input replaces a hidden layer: the circle is a straight line in x₁² and x₂². Nothing is learned here; "
        "choosing another set of inputs changes the shape of the layer that follows.\n\n"
        "Source: Smilkov, Carter, Sculley, Viégas, Wattenberg (2017), *Direct-manipulation visualization of deep "
        "networks*; basis functions in Bishop (2006), *Pattern Recognition and Machine Learning*, section 3.1."
    )
    Config = FeaturesConfig
    config: FeaturesConfig

    @property
    def chosen(self) -> list[str]:
        """Names of the settings that are on, in the order of the output."""
        return [name for name, on in self.config.model_dump().items() if on]

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        size = need_vector(one(inputs), self.label, "in")
        if size != 2:
            raise ShapeError(f"{self.label} reads points of the plane (2 numbers), but {size} arrive here.")
        if not self.chosen:
            mend = Mend(label="Use x₁", path="config.x1", value=True)
            raise ShapeError("No input is chosen, so nothing would come out: choose one.", field="x1", mend=mend)
        return {"out": Shape.vector(len(self.chosen))}

    def unit_names(self, own: Names, inputs: Mapping[str, Sequence[Units]], shapes: Inputs) -> Units:
        return own(self.chosen)

    def multiply_adds(self, inputs: Inputs, outputs: Mapping[str, Shape]) -> int:
        return outputs["out"].count()

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torchglass.layers._features import PointFeatures

        return PointFeatures(self.chosen)

    def to_source(self, place: Place) -> LayerSource:
        terms = ", ".join(_TERMS[name] for name in self.chosen)
        read = {part for name in self.chosen for part in ("x1", "x2") if part in _TERMS[name]}
        names = ", ".join(part if part in read else f"_{part}" for part in ("x1", "x2"))
        before = f"{names} = {place.one()}.unbind(-1)"
        return LayerSource(value=f"torch.stack([{terms}], dim=-1)", before=(before,))

    def taps(self) -> list[Tap]:
        return [Tap("out", "activation", "bars")]
