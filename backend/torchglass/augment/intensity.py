"""How bright a picture is, and how strong its contrast."""

from __future__ import annotations

from pydantic import Field

from torchglass.augment.base import Augment, Config


class IntensityConfig(Config):
    brightness: float = Field(
        0.2, ge=0, le=1, title="Brightness", description="Brighter or darker by at most this share of the range."
    )
    contrast: float = Field(
        0.2, ge=0, le=1, title="Contrast", description="Values move away from their mean, or to it, by this share."
    )


class Intensity(Augment):
    kind = "intensity"
    label = "Intensity"
    group = "Values"
    summary = "Makes every picture a little brighter or darker, with more or less contrast."
    formula = r"x' = (1+c)(x-\bar x) + \bar x + b"
    docs = (
        "b and c are drawn evenly for every example; what leaves the range of the data is cut off.\n\n"
        "Source: Howard (2013), *Some improvements on deep convolutional neural network based image classification*."
    )
    Config = IntensityConfig
    config: IntensityConfig

    def values(self, low: float, high: float) -> tuple[float | bool, ...]:
        return (self.config.brightness * (high - low), self.config.contrast)
