"""Preparation of data: fitted on the training split, applied to every batch, saved with checkpoint and export."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar

from torchglass.registry import Config, Entry, Registry

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


class Prepare(Entry):
    """``fit`` returns what was learned from the training data; ``apply`` uses nothing else."""

    #: Whether it only puts values into other places, which is worth seeing.
    moves: ClassVar[bool] = False

    def field(self) -> str:
        """The field that it changes."""
        raise NotImplementedError

    def fit(self, blocks: Iterable[np.ndarray]) -> dict[str, np.ndarray]:
        """blocks: the training split of the field, a few rows (B, ...) after the other, floats in the range of a batch
        (uint8 already scaled). Each is made when it is asked for, so that the whole never stands in memory."""
        raise NotImplementedError

    def apply(self, values: Tensor, fitted: dict[str, Tensor]) -> Tensor:
        """values (B, ...) -> (B, ...) of the same shape."""
        raise NotImplementedError

    def to_source(self, values: str, fitted: Callable[[str], str]) -> str:
        """``apply`` as an expression of the variable ``values``; ``fitted("mean")`` is the expression of what was
        fitted under that name."""
        raise NotImplementedError

    def undo(self, values: Tensor, fitted: dict[str, Tensor]) -> Tensor:
        """From prepared values back to those of the data, to show them."""
        raise NotImplementedError


PREPARES: Registry[Prepare] = Registry("torchglass.prepare", Prepare)

__all__ = ["PREPARES", "Config", "Prepare"]
