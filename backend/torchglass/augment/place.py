"""Where a picture stands: shifted, mirrored, turned, larger or smaller, cut out."""

from __future__ import annotations

from pydantic import Field

from torchglass.augment.base import Movement, MovementConfig

_SOURCE = (
    "\n\nSource: Simard, Steinkraus, Platt (2003), *Best practices for convolutional neural networks applied to visual "
    "document analysis*."
)


class TranslateConfig(MovementConfig):
    share: float = Field(
        0.1, ge=0, le=0.5, title="Share", description="How far at most, as a share of the picture's width and height."
    )


class Translate(Movement):
    kind = "translate"
    label = "Translate"
    summary = "Shifts every picture by a random way, sideways and up or down."
    formula = r"x'_{ij} = x_{i-a,\,j-b}"
    docs = "The way is drawn evenly, and need not be whole pixels." + _SOURCE
    uses = ("still",)
    Config = TranslateConfig
    config: TranslateConfig

    def values(self, low: float, high: float) -> tuple[float | bool, ...]:
        return (self.config.share,)


class ReflectConfig(MovementConfig):
    sideways: float = Field(
        0.5, ge=0, le=1, title="Left and right", description="Probability that left and right change places."
    )
    upright: float = Field(
        0.0, ge=0, le=1, title="Top and bottom", description="Probability that top and bottom change places."
    )


class Reflect(Movement):
    kind = "reflect"
    label = "Reflect"
    summary = "Mirrors some of the pictures."
    formula = r"x'_{ij} = x_{i,\,W-1-j}"
    docs = (
        "Right for things that may as well be seen from the other side; wrong for digits and letters, which become "
        "others.\n\nSource: Krizhevsky, Sutskever, Hinton (2012), *ImageNet classification with deep convolutional "
        "neural networks*, section 4.1."
    )
    uses = ("still",)
    Config = ReflectConfig
    config: ReflectConfig

    def values(self, low: float, high: float) -> tuple[float | bool, ...]:
        return (self.config.sideways, self.config.upright)


class RotateConfig(MovementConfig):
    degrees: int = Field(15, ge=0, le=180, title="Degrees", description="How far at most, either way.")


class Rotate(Movement):
    kind = "rotate"
    label = "Rotate"
    summary = "Turns every picture about its middle by a random angle."
    formula = r"x'(p) = x(R_\alpha\,p)"
    docs = "The angle is drawn evenly. A 6 that is turned too far is a 9." + _SOURCE
    uses = ("still",)
    Config = RotateConfig
    config: RotateConfig

    def values(self, low: float, high: float) -> tuple[float | bool, ...]:
        return (self.config.degrees,)


class ScaleConfig(MovementConfig):
    change: float = Field(0.1, ge=0, le=1, title="Change", description="0.1: up to 10 % larger, or smaller by as much.")


class Scale(Movement):
    kind = "scale"
    label = "Scale"
    summary = "Makes every picture larger or smaller about its middle."
    formula = r"x'(p) = x(p / s)"
    docs = "The factor lies between 1/(1+c) and 1+c; its logarithm is drawn evenly." + _SOURCE
    uses = ("still",)
    Config = ScaleConfig
    config: ScaleConfig

    def values(self, low: float, high: float) -> tuple[float | bool, ...]:
        return (self.config.change,)


class CropConfig(MovementConfig):
    padding: int = Field(
        2, ge=0, le=64, title="Padding", description="So many pixels are put around the picture before it is cut."
    )


class Crop(Movement):
    kind = "crop"
    label = "Crop"
    summary = "Pads every picture and cuts a window of the old size out of it, at a random place."
    formula = r"x' = \mathrm{pad}(x)_{a:a+H,\,b:b+W}"
    docs = (
        "Moves by whole pixels, so that nothing is read between them.\n\n"
        "Source: He, Zhang, Ren, Sun (2016), *Deep residual learning for image recognition*, section 4.2."
    )
    uses = ("still",)
    Config = CropConfig
    config: CropConfig

    def values(self, low: float, high: float) -> tuple[float | bool, ...]:
        return (self.config.padding,)
