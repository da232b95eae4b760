"""Points in the plane: two blobs, a ring of clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from torchglass.datasets._generated import FREE, GENERATED, GeneratedConfig, both
from torchglass.datasets.base import DataSet, FieldSpec, Splits
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    import numpy as np


class TwoBlobsConfig(GeneratedConfig):
    distance: float = Field(4.0, title="Distance", description="Between the centres of the two blobs.", ge=0, le=100)
    spread: float = Field(0.7, title="Spread", description="Standard deviation of each blob.", gt=0, le=100)


class TwoBlobs(DataSet):
    kind = "two_blobs"
    label = "Two blobs"
    group = "Points"
    summary = "Points in the plane from two round clouds, one per class."
    docs = (
        "Field `point` (2 numbers) and `label` (0 or 1). Two normal distributions on a diagonal; far enough apart a "
        "straight line separates them.\n\n"
        "Source: the setting of Rosenblatt (1958), *The perceptron*."
    )
    source = GENERATED
    licence = FREE
    picture = "points"
    Config = TwoBlobsConfig
    config: TwoBlobsConfig

    def fields(self) -> dict[str, FieldSpec]:
        return {
            "point": FieldSpec(Shape.vector(2), "float32"),
            "label": FieldSpec(Shape.label(), "int64", "target", ("0", "1")),
        }

    def counts(self) -> tuple[int, int]:
        return self.config.train, self.config.test

    def load(self, seed: int) -> Splits:
        return both(seed, self.config, self._draw)

    def _draw(self, random: np.random.Generator, count: int) -> dict[str, np.ndarray]:
        import numpy as np

        labels = random.integers(0, 2, count)
        centre = self.config.distance / 2 / np.sqrt(2)
        points = (2 * labels[:, None] - 1) * centre + self.config.spread * random.standard_normal((count, 2))
        return {"point": points.astype(np.float32), "label": labels}


class RingConfig(GeneratedConfig):
    clusters: int = Field(8, title="Clusters", description="How many clusters stand on the ring.", ge=1, le=64)
    radius: float = Field(2.0, title="Radius", description="Of the ring.", ge=0, le=100)
    spread: float = Field(0.1, title="Spread", description="Standard deviation of each cluster.", gt=0, le=100)


class Ring(DataSet):
    kind = "ring"
    label = "Ring of clusters"
    group = "Points"
    summary = "Points from small clusters that stand on a circle."
    docs = (
        "Field `point` (2 numbers) and `cluster` (its number). A generator that has learned this distribution makes "
        "points at every cluster; one that collapsed makes them at a few only.\n\n"
        "Source: Metz, Poole, Pfau, Sohl-Dickstein (2017), *Unrolled generative adversarial networks*."
    )
    source = GENERATED
    licence = FREE
    picture = "points"
    Config = RingConfig
    config: RingConfig

    def fields(self) -> dict[str, FieldSpec]:
        names = tuple(str(number) for number in range(self.config.clusters))
        return {
            "point": FieldSpec(Shape.vector(2), "float32"),
            "cluster": FieldSpec(Shape.label(), "int64", "other", names),
        }

    def counts(self) -> tuple[int, int]:
        return self.config.train, self.config.test

    def load(self, seed: int) -> Splits:
        return both(seed, self.config, self._draw)

    def _draw(self, random: np.random.Generator, count: int) -> dict[str, np.ndarray]:
        import numpy as np

        cluster = random.integers(0, self.config.clusters, count)
        angle = 2 * np.pi * cluster / self.config.clusters
        centre = self.config.radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        points = centre + self.config.spread * random.standard_normal((count, 2))
        return {"point": points.astype(np.float32), "cluster": cluster}
