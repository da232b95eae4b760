"""A cloud of points that is longer in one direction than across."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from torchglass.datasets._generated import FREE, GENERATED, GeneratedConfig, both
from torchglass.datasets._plane import REACH
from torchglass.datasets.base import DataSet, FieldSpec, Splits
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    import numpy as np


class TiltedCloudConfig(GeneratedConfig):
    angle: int = Field(30, title="Angle", description="Of the long direction, in degrees.", ge=0, le=180)
    along: float = Field(2.0, title="Along", description="Standard deviation in the long direction.", ge=0, le=3)
    across: float = Field(0.5, title="Across", description="Standard deviation across it.", ge=0, le=3)


class TiltedCloud(DataSet):
    kind = "tilted_cloud"
    label = "Tilted cloud"
    group = "Points"
    summary = "Points around the origin whose two coordinates are correlated; nothing is to be predicted."
    docs = (
        "Field `point` alone: a normal distribution with `along` and `across` as standard deviations, turned by "
        "`angle`. Its first principal direction is the long one. Coordinates end at ±6.\n\n"
        "Source: Pearson (1901), *On lines and planes of closest fit to systems of points in space*."
    )
    source = GENERATED
    licence = FREE
    picture = "points"
    Config = TiltedCloudConfig
    config: TiltedCloudConfig

    def fields(self) -> dict[str, FieldSpec]:
        return {"point": FieldSpec(Shape.vector(2), "float32", range=(-REACH, REACH))}

    def counts(self) -> tuple[int, int]:
        return self.config.train, self.config.test

    def load(self, seed: int) -> Splits:
        return both(seed, self.config, self._draw)

    def _draw(self, random: np.random.Generator, count: int) -> dict[str, np.ndarray]:
        import numpy as np

        turn = np.deg2rad(self.config.angle)
        axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        point = random.standard_normal((count, 2)) * (self.config.along, self.config.across) @ axes
        return {"point": np.clip(point, -REACH, REACH).astype(np.float32)}
