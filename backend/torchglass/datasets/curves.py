"""One number predicted from another: a straight line, and curves of several shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import ConfigDict, Field

from torchglass.datasets._generated import FREE, GENERATED, stream
from torchglass.datasets.base import Config, DataSet, FieldSpec, Splits
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    import numpy as np


class CurveConfig(Config):
    """How many points, how noisy, and how they are shared out."""

    model_config = ConfigDict(strict=True)
    count: int = Field(100, title="Points", description="Training and test points together.", ge=2, le=100_000)
    noise: float = Field(
        0.0, title="Noise", description="Standard deviation of what is added to every value.", ge=0, le=2
    )
    test_share: float = Field(
        0.25, title="Test share", description="Part of the points that is kept for testing.", ge=0.05, le=0.95
    )
    seed: int = Field(
        0, title="Data seed", description="Another number draws other points of the same kind.", ge=0, le=1_000_000
    )


class CurveData(DataSet):
    """Base: field ``x`` (1 number in ``reach``) and ``value``; ``height`` is the curve without noise."""

    group = "Curves"
    picture = "points"
    source = GENERATED
    licence = FREE
    Config = CurveConfig
    config: CurveConfig
    reach = (-3.0, 3.0)

    def fields(self) -> dict[str, FieldSpec]:
        return {
            "x": FieldSpec(Shape.vector(1), "float32", range=self.reach),
            "value": FieldSpec(Shape(()), "float32", "target"),
        }

    def counts(self) -> tuple[int, int]:
        test = min(self.config.count - 1, max(1, round(self.config.count * self.config.test_share)))
        return self.config.count - test, test

    def load(self, seed: int) -> Splits:
        """``x`` (N, 1) and ``value`` (N,); training and test points come from two random streams."""
        train, test = self.counts()
        first = 2 * self.config.seed
        taught = self.taught(stream(seed, first), train)
        return Splits(train=taught, test=self.drawn(random := stream(seed, first + 1), self.places(random, test)))

    def taught(self, random: np.random.Generator, count: int) -> dict[str, np.ndarray]:
        """The training split."""
        return self.drawn(random, self.places(random, count))

    def drawn(self, random: np.random.Generator, x: np.ndarray) -> dict[str, np.ndarray]:
        """The fields at places (N,)."""
        import numpy as np

        value = self.height(x) + self.spread(x) * random.standard_normal(len(x))
        return {"x": x[:, None].astype(np.float32), "value": value.astype(np.float32)}

    def places(self, random: np.random.Generator, count: int) -> np.ndarray:
        """Where the points stand: (N,)."""
        return random.uniform(*self.reach, count)

    def height(self, x: np.ndarray) -> np.ndarray:
        """(N,) -> (N,), without noise."""
        raise NotImplementedError

    def spread(self, x: np.ndarray) -> np.ndarray | float:
        """Standard deviation of the noise at every place."""
        return self.config.noise


class LineConfig(CurveConfig):
    slope: float = Field(0.1, title="Slope", description="How much the value grows where x grows by 1.", ge=-10, le=10)
    intercept: float = Field(0.3, title="Intercept", description="The value at x = 0.", ge=-10, le=10)


class Line(CurveData):
    kind = "line"
    label = "Line"
    summary = "A straight line from two numbers, slope and intercept: the smallest regression."
    docs = (
        "Field `x` (1 number in 0..1) and `value` = slope · x + intercept, with noise if wanted. One unit without an "
        "activation is enough: its weight becomes the slope and its bias the intercept.\n\n"
        "Source: least squares, Legendre (1805) and Gauss (1809)."
    )
    Config = LineConfig
    config: LineConfig
    reach = (0.0, 1.0)

    def height(self, x: np.ndarray) -> np.ndarray:
        return self.config.slope * x + self.config.intercept


Form = Literal["sine", "hills", "steps", "saw", "kink"]


class WavesConfig(CurveConfig):
    form: Form = Field("sine", title="Shape", description="What is to be found.")
    growing: bool = Field(
        False, title="Noise grows", description="Hardly any noise on the left, twice the setting on the right."
    )
    gap: bool = Field(
        False, title="Gap", description="No training point lies in the middle: what is said there is a guess."
    )


class Curve(CurveData):
    kind = "curve"
    label = "Curve"
    summary = "A curve of one number: a sine, hills, steps, a saw or a kink."
    docs = (
        "Field `x` (1 number in −3..3) and `value`, about −1..1. One hidden layer fits any of them as closely as one "
        "likes if it is wide enough: universal approximation.\n\n"
        "Source: Cybenko (1989), *Approximation by superpositions of a sigmoidal function*."
    )
    Config = WavesConfig
    config: WavesConfig

    def height(self, x: np.ndarray) -> np.ndarray:
        import numpy as np

        shapes: dict[str, np.ndarray] = {
            "sine": np.sin(2 * x),
            "hills": np.sin(3 * x) * np.exp(-(x**2) / 6) + 0.2 * x,
            "steps": np.floor(x * 2 / 3 + 2) / 2 - 0.75,
            "saw": np.mod(x, 1.5) / 0.75 - 1,
            "kink": np.abs(x) / 1.5 - 1,
        }
        return shapes[self.config.form]

    def taught(self, random: np.random.Generator, count: int) -> dict[str, np.ndarray]:
        import numpy as np

        x = self.places(random, count)
        if self.config.gap:  # the middle third is moved outwards, so that as many points remain
            x = np.where(np.abs(x) < 1, np.sign(x) * (1 + 2 * np.abs(x)), x)
        return self.drawn(random, x)

    def spread(self, x: np.ndarray) -> np.ndarray | float:
        low, high = self.reach
        return self.config.noise * 2 * (x - low) / (high - low) if self.config.growing else self.config.noise


__all__ = ["Curve", "Line"]
