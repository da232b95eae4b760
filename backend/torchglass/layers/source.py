"""Where values enter the network: a data field, random noise, or the caller of a part."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from torchglass.layers._settings import LARGEST, Settings
from torchglass.layers._shapes import from_sizes
from torchglass.layers.base import Context, Inputs, Layer, Tap
from torchglass.source import LayerSource, Place
from torchglass.spec.problems import Mend, ShapeError
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import nn


class InputConfig(Settings):
    field: str = Field(
        "image",
        title="Field",
        description="Name of the field of the data that enters here.",
        min_length=1,
        max_length=64,
    )


class Input(Layer):
    kind = "input"
    label = "Input"
    group = "Structure"
    summary = "Where one field of the data enters the network."
    formula = r"y = x"
    docs = (
        "Passes one named field of every example on, after preparation (standardisation, say) and augmentation. Its "
        "shape is the field's shape. A network may have several inputs.\n\n"
        "Source: the input layer of every textbook network, e.g. Goodfellow, Bengio, Courville (2016), *Deep "
        "Learning*, section 6.1."
    )
    Config = InputConfig
    config: InputConfig
    inputs = ()

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        name = self.config.field
        try:
            return {"out": context.field_shape(name)}
        except KeyError:
            raise self._unknown(name, list(context.field_names)) from None

    @staticmethod
    def _unknown(name: str, fields: list[str]) -> ShapeError:
        if not fields:
            return ShapeError(f"The data has no field “{name}”: this data set has no fields at all.", field="field")
        near = (difflib.get_close_matches(name, fields, 1, 0.5) or fields[:1])[0]
        mend = Mend(label=f"Use “{near}”", path="config.field", value=near)
        listed = ", ".join(fields)
        return ShapeError(f"The data has no field “{name}”; it has: {listed}.", field="field", mend=mend)

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torch import nn

        return nn.Identity()

    def to_source(self, place: Place) -> LayerSource:
        return LayerSource(value=place.name)  # an argument of the function that it stands in

    def taps(self) -> list[Tap]:
        return [Tap("out", "activation", "maps")]


class NoiseConfig(Settings):
    size: int = Field(
        16, title="Size", description="How many independent random numbers each example starts from.", ge=1, le=65536
    )


class Noise(Layer):
    kind = "noise"
    label = "Noise"
    group = "Probability"
    summary = "Random numbers from which a generator makes its examples."
    formula = r"z \sim \mathcal{N}(0, I)"
    docs = (
        "A vector of independent standard normal numbers, drawn anew by the recipe for every example (it feeds this "
        "node by its id). The generator of a GAN and the decoder of a sampled autoencoder start here.\n\n"
        "Source: Goodfellow et al. (2014), *Generative adversarial nets*."
    )
    Config = NoiseConfig
    config: NoiseConfig
    inputs = ()

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        return {"out": Shape.vector(self.config.size)}

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torch import nn

        return nn.Identity()

    def to_source(self, place: Place) -> LayerSource:
        return LayerSource(value=place.name)  # an argument of the function that it stands in

    def taps(self) -> list[Tap]:
        return [Tap("out", "activation", "bars")]


class PartInputConfig(Settings):
    shape: list[Annotated[int, Field(ge=1, le=LARGEST)]] | None = Field(
        None,
        title="Shape",
        description="Sizes without the batch: one for a vector, two for slots×features, three for an image. "
        "Leave empty to take what the caller passes.",
        max_length=3,
    )
    dtype: Literal["float", "int", "bool"] = Field(
        "float", title="Values", description="Real numbers, whole numbers (tokens) or a mask; used with the shape."
    )


class PartInput(Layer):
    kind = "part_input"
    label = "Part input"
    group = "Structure"
    summary = "Where a value enters a part of the network that is called from elsewhere."
    formula = r"y = x"
    docs = (
        "Every call of the part (by a *part* node, a *scan* node or the recipe) passes one value to each of its part "
        "inputs. The shape is what the caller passes; give it here when nobody in the network calls the part.\n\n"
        "Source: a function's parameter; weight sharing between calls follows Rumelhart, Hinton, Williams (1986)."
    )
    Config = PartInputConfig
    config: PartInputConfig
    inputs = ()

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        if self.config.shape is None:
            message = "Nothing passes a value in here, so its shape is unknown: call its part, or give the shape."
            raise ShapeError(message, field="shape")
        return {"out": from_sizes(self.config.shape, self.config.dtype)}

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        from torch import nn

        return nn.Identity()

    def to_source(self, place: Place) -> LayerSource:
        return LayerSource(value=place.name)  # an argument of the function that it stands in

    def taps(self) -> list[Tap]:
        return [Tap("out", "activation", "maps")]
