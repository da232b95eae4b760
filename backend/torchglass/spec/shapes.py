"""Shapes with named axes. The batch axis is implied and never listed.

Legend of axis names: C channels, H height, W width, D features, T time, V vocabulary, N slots.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

ElementType = Literal["float", "int", "bool"]
#: A number, or a name such as "T" for a length that differs from batch to batch.
Size = int | str


@dataclass(frozen=True, slots=True)
class Axis:
    name: str
    size: Size

    def __str__(self) -> str:
        return str(self.size)


@dataclass(frozen=True, slots=True)
class Shape:
    """Shape of one example at a port, e.g. ``Image[C=8, H=14, W=14]``."""

    axes: tuple[Axis, ...]
    dtype: ElementType = "float"

    @staticmethod
    def image(channels: Size, height: Size, width: Size) -> Shape:
        return Shape((Axis("C", channels), Axis("H", height), Axis("W", width)))

    @staticmethod
    def vector(features: Size) -> Shape:
        return Shape((Axis("D", features),))

    @staticmethod
    def sequence(length: Size, features: Size) -> Shape:
        return Shape((Axis("T", length), Axis("D", features)))

    @staticmethod
    def tokens(length: Size) -> Shape:
        return Shape((Axis("T", length),), "int")

    @staticmethod
    def mask(length: Size) -> Shape:
        return Shape((Axis("T", length),), "bool")

    @staticmethod
    def label() -> Shape:
        return Shape((), "int")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(axis.name for axis in self.axes)

    @property
    def sizes(self) -> tuple[Size, ...]:
        return tuple(axis.size for axis in self.axes)

    def known(self, symbolic: int = 16) -> tuple[int, ...]:
        """Sizes as integers; a symbolic length counts as ``symbolic``."""
        return tuple([axis.size if isinstance(axis.size, int) else symbolic for axis in self.axes])

    def count(self, symbolic: int = 16) -> int:
        """Number of elements of one example."""
        return math.prod(self.known(symbolic))

    @property
    def is_image(self) -> bool:
        return self.names == ("C", "H", "W")

    def with_last(self, size: Size, name: str | None = None) -> Shape:
        """The same shape with its last axis resized."""
        last = self.axes[-1]
        return Shape((*self.axes[:-1], Axis(name or last.name, size)), self.dtype)

    def __str__(self) -> str:
        return "×".join(str(axis) for axis in self.axes) if self.axes else "1"
