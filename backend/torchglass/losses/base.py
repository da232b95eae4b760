"""Losses: pure functions of output, target and mask, with their settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from torchglass.registry import Config, Entry, Registry
from torchglass.source import LossSource, Variable
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class LandscapeView:
    """Heights (size, size), row by row from the upper left of ``box`` (left, right, bottom, top); float64."""

    surface: str
    heights: Tensor
    box: tuple[float, float, float, float]
    start: tuple[float, float]
    minima: tuple[tuple[float, float], ...]
    formula: str


class Loss(Entry):
    """``value`` is the mean over examples (and over unmasked positions of a sequence)."""

    #: What the network's output becomes for people: ``softmax`` probabilities, ``sigmoid``, or as it is.
    reading: ClassVar[str] = "identity"

    def problem(self, output: Shape, target: Shape, classes: int) -> str | None:
        """Why this loss cannot compare these two, in words; None if it can. ``classes`` is 0 for no classes."""
        return None

    def units(self, classes: int) -> int:
        """How many scores for each answer tell so many classes."""
        return classes

    def value(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
        """Scalar mean loss. output (B, ...), target (B, ...), mask (B, T) bool or None."""
        raise NotImplementedError

    def read(self, output: Tensor) -> Tensor:
        """Output as people read it, e.g. probabilities; same leading axes."""
        return output

    def metrics(self, output: Tensor, target: Tensor, mask: Tensor | None = None) -> dict[str, Tensor]:
        """Further scalars such as ``accuracy``, each a mean over examples; no device sync."""
        return {}

    def landscape(self, size: int) -> LandscapeView | None:
        """The map that is walked on, where the loss is a height over a plane."""
        return None

    def to_source(self, output: Variable, target: Variable, mask: str | None) -> LossSource:
        """``value`` and ``metrics`` in an exported script; ``mask`` is a variable (B, T) or None."""
        raise NotImplementedError


LOSSES: Registry[Loss] = Registry("torchglass.losses", Loss)

__all__ = ["LOSSES", "Config", "Loss"]
