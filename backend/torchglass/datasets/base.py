"""What a data set is: named fields that can be described without loading anything, and arrays when asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from torchglass.registry import Config, Entry, Registry
from torchglass.spec.problems import Problem
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One named field of every example.

    ``storage`` is the array's dtype as kept; uint8 is turned into floats in 0..1 per batch (MNIST as float32
    would be 188 MB per worker). ``classes`` names the labels, or the vocabulary of a token field; ``columns`` the
    numbers of a row of a table.
    """

    shape: Shape
    storage: Literal["uint8", "float32", "int64", "bool"]
    role: Literal["input", "target", "mask", "other"] = "input"
    classes: tuple[str, ...] = ()
    range: tuple[float, float] | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Splits:
    """Arrays with a leading example axis, by field: ``train`` and ``test`` have the same fields."""

    train: Mapping[str, np.ndarray] = field(default_factory=dict)
    test: Mapping[str, np.ndarray] = field(default_factory=dict)


class DataSet(Entry):
    """One source of data. ``fields`` and ``counts`` load nothing and import nothing heavy."""

    #: Where it comes from and under which licence; shown in the interface and in docs/data.md.
    source: ClassVar[str] = ""
    licence: ClassVar[str] = ""
    #: How one example is drawn: ``image``, ``points``, ``table``, ``text``, ``none``.
    picture: ClassVar[str] = "none"

    def fields(self) -> dict[str, FieldSpec]:
        raise NotImplementedError

    def counts(self) -> tuple[int, int]:
        """Number of (training, test) examples."""
        raise NotImplementedError

    def problems(self) -> list[Problem]:
        """What keeps it from being loaded on this computer, with ``field`` relative to the settings: a file that is
        not there. Asked at every check, so it must be cheap."""
        return []

    def load(self, seed: int) -> Splits:
        """The arrays. ``seed`` is the experiment's: generated data depends on it and on nothing else."""
        raise NotImplementedError


DATASETS: Registry[DataSet] = Registry("torchglass.datasets", DataSet)

__all__ = ["DATASETS", "Config", "DataSet", "FieldSpec", "Splits"]
