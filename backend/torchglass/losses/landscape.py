"""Heights over a plane, for watching optimizers on their way down."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from torchglass.losses._masked import masked_mean, mean_definitions, mean_source
from torchglass.losses.base import LandscapeView, Loss
from torchglass.registry import Config as BaseConfig
from torchglass.source import LossSource, Variable, text_of
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import Tensor

Surface = Literal["bowl", "ravine", "saddle", "beale", "rosenbrock", "many_minima"]


@dataclass(frozen=True, slots=True)
class Map:
    """The part that is drawn (left, right, bottom, top), a good place to start from, and the lowest places."""

    box: tuple[float, float, float, float]
    start: tuple[float, float]
    minima: tuple[tuple[float, float], ...]
    formula: str


#: Every surface by name; the functions of the same names below are their heights.
MAPS: dict[str, Map] = {
    "bowl": Map((-3, 3, -3, 3), (-2.5, 2.0), ((0, 0),), "x² + y²"),
    "ravine": Map((-6, 6, -6, 6), (-5.0, 2.0), ((0, 0),), "x²/10 + 2y²"),
    "saddle": Map((-2.5, 2.5, -2.5, 2.5), (1.8, 0.01), ((0, -(2**0.5)), (0, 2**0.5)), "x² − y² + y⁴/4"),
    "beale": Map(
        (-4.5, 4.5, -4.5, 4.5), (1.0, 1.5), ((3, 0.5),), "(1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²"
    ),
    "rosenbrock": Map((-2, 2, -1, 3), (-1.5, 2.0), ((1, 1),), "(1 − x)² + 100(y − x²)²"),
    "many_minima": Map((-5, 5, -5, 5), (-3.6, 2.7), ((0, 0),), "2 + (x² + y²)/10 − cos 2πx − cos 2πy"),
}


def bowl(x: Tensor, y: Tensor) -> Tensor:
    return x**2 + y**2


def ravine(x: Tensor, y: Tensor) -> Tensor:
    return 0.1 * x**2 + 2 * y**2


def saddle(x: Tensor, y: Tensor) -> Tensor:
    return x**2 - y**2 + 0.25 * y**4


def beale(x: Tensor, y: Tensor) -> Tensor:
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def rosenbrock(x: Tensor, y: Tensor) -> Tensor:
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def many_minima(x: Tensor, y: Tensor) -> Tensor:
    waves = (2 * math.pi * x).cos() + (2 * math.pi * y).cos()
    return 2 + 0.1 * (x**2 + y**2) - waves


def height(surface: str, x: Tensor, y: Tensor) -> Tensor:
    """Of the places (x, y), in their shape."""
    found: Tensor = globals()[surface](x, y)
    return found


class Landscape(Loss):
    kind = "landscape"
    label = "Height"
    group = "Landscapes"
    summary = "The two numbers that come out are a place on a map; the loss is how high it lies."
    formula = r"L = f(x, y)"
    docs = (
        "No data are compared: the whole network is one place, and training is walking downhill. A bowl; a ravine, "
        "steep across and flat along; a saddle between two minima; Beale's plateau with its narrow valley; "
        "Rosenbrock's banana; a bowl of many minima.\n\n"
        "Source: Beale (1958), *On an iterative method*; Rosenbrock (1960), *An automatic method for finding the "
        "greatest or least value of a function*; Rastrigin (1974), *Systems of extremal control*."
    )

    class Config(BaseConfig):
        surface: Annotated[Surface, Field(title="Landscape", description="Which map is walked on.")] = "ravine"

    config: Config

    def problem(self, output: Shape, target: Shape, classes: int) -> str | None:
        if output.dtype != "float" or not output.sizes or output.sizes[-1] != 2:
            return f"A place on the map is two numbers, but the output is {output}."
        return None

    def value(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
        return masked_mean(height(self.config.surface, output[..., 0], output[..., 1]), mask)

    def landscape(self, size: int) -> LandscapeView:
        import torch

        found, half = MAPS[self.config.surface], 0.5 / size
        left, right, bottom, top = found.box
        shares = torch.linspace(half, 1 - half, size, dtype=torch.float64)
        x = (left + shares * (right - left)).expand(size, size)
        y = (top - shares * (top - bottom)).unsqueeze(1).expand(size, size)
        heights = height(self.config.surface, x, y)
        return LandscapeView(self.config.surface, heights, found.box, found.start, found.minima, found.formula)

    def to_source(self, output: Variable, target: Variable, mask: str | None) -> LossSource:
        text = text_of(Path(__file__), self.config.surface)
        return LossSource(
            "How high the place lies",
            value=mean_source(f"{self.config.surface}(output[..., 0], output[..., 1])", mask),
            definitions=(text, *mean_definitions(mask)),
        )
