"""What the sets of points in the plane share: how many, how noisy, which part is for testing, and their fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field

from torchglass.datasets._generated import stream
from torchglass.datasets.base import Config, DataSet, FieldSpec, Splits
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    import numpy as np

#: Every point lies in -REACH .. REACH, across and upwards.
REACH = 6.0


class PlaneConfig(Config):
    """How many points, how noisy, and how they are shared out."""

    model_config = ConfigDict(strict=True)
    count: int = Field(500, title="Points", description="Training and test points together.", ge=4, le=100_000)
    noise: float = Field(
        0.0, title="Noise", description="How far points stray: 0 is none, ½ hides the pattern.", ge=0, le=0.5
    )
    test_share: float = Field(
        0.5, title="Test share", description="Part of the points that is kept for testing.", ge=0.05, le=0.95
    )
    seed: int = Field(
        0, title="Data seed", description="Another number draws other points of the same kind.", ge=0, le=1_000_000
    )


class ClassesConfig(PlaneConfig):
    """Patterns that may have more than two classes."""

    classes: int = Field(2, title="Classes", description="How many classes there are.", ge=2, le=5)


#: Names of the classes are those of the colours that they are drawn in.
_TWO = ("blue", "orange")
_MORE = ("blue", "red", "green", "yellow", "cyan")


class PlaneData(DataSet):
    """Base of the sets with two numbers per example. ``draw`` makes the points of one split."""

    group = "Points"
    picture = "points"
    Config = PlaneConfig
    config: PlaneConfig

    def counts(self) -> tuple[int, int]:
        test = min(self.config.count - 1, max(1, round(self.config.count * self.config.test_share)))
        return self.config.count - test, test

    def load(self, seed: int) -> Splits:
        """``point`` (N, 2) and the target (N,); training and test points come from two random streams."""
        train, test = self.counts()
        first = 2 * self.config.seed
        return Splits(train=self._split(stream(seed, first), train), test=self._split(stream(seed, first + 1), test))

    def _split(self, random: np.random.Generator, count: int) -> dict[str, np.ndarray]:
        import numpy as np

        point, target = self.draw(random, count)
        name = next(name for name in self.fields() if name != "point")
        return {"point": folded(point).astype(np.float32), name: target}

    def draw(self, random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Points (count, 2) and targets (count,) as they are stored."""
        raise NotImplementedError


class TwoClasses(PlaneData):
    """Points of two classes: field ``label``."""

    classes = 2

    def fields(self) -> dict[str, FieldSpec]:
        names = _TWO if self.classes == 2 else _MORE[: self.classes]
        return {
            "point": FieldSpec(Shape.vector(2), "float32", range=(-REACH, REACH)),
            "label": FieldSpec(Shape.label(), "int64", "target", names),
        }


class SeveralClasses(TwoClasses):
    """Points of two to five classes: field ``label``."""

    Config = ClassesConfig
    config: ClassesConfig

    def __init__(self, config: ClassesConfig) -> None:
        super().__init__(config)
        self.classes = config.classes


class Surface(PlaneData):
    """Points with a height between -1 and 1: field ``value``."""

    def fields(self) -> dict[str, FieldSpec]:
        return {
            "point": FieldSpec(Shape.vector(2), "float32", range=(-REACH, REACH)),
            "value": FieldSpec(Shape(()), "float32", "target", range=(-1, 1)),
        }

    def draw(self, random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
        """The height is that of a place nearby: noise moves where it is read, up to ``noise`` · 6 away."""
        import numpy as np

        point = random.uniform(-REACH, REACH, (count, 2))
        read_at = point + self.config.noise * random.uniform(-REACH, REACH, (count, 2))
        return point, np.clip(self.height(read_at), -1, 1).astype(np.float32)

    def height(self, point: np.ndarray) -> np.ndarray:
        """(N, 2) -> (N,)."""
        raise NotImplementedError


def folded(point: np.ndarray) -> np.ndarray:
    """Points that noise carried over the edge, reflected back into the plane (no further than once across)."""
    import numpy as np

    inside = np.where(point > REACH, 2 * REACH - point, point)
    inside = np.where(inside < -REACH, -2 * REACH - inside, inside)
    return np.clip(inside, -REACH, REACH)


def in_turns(count: int, classes: int = 2) -> np.ndarray:
    """Labels 0, 1, 0, 1, ...: all classes are equally frequent."""
    import numpy as np

    return np.arange(count, dtype=np.int64) % classes


__all__ = ["REACH", "SeveralClasses", "Surface", "TwoClasses", "folded", "in_turns"]
