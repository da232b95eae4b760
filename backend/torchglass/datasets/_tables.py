"""What the tabular sets share: their fields and a split that keeps the classes' shares, the same for every seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import ConfigDict, Field

from torchglass.datasets._generated import stream
from torchglass.datasets.base import Config, DataSet, FieldSpec, Splits
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    import numpy as np


class TableConfig(Config):
    """Which part is for testing."""

    model_config = ConfigDict(strict=True)
    test_share: float = Field(
        0.25,
        title="Test share",
        description="Part of the rows that is kept for testing; of every class the same part.",
        ge=0.05,
        le=0.95,
    )


class Table(DataSet):
    """Rows of numbers, ``features``, with a class (``label``) or a number (``value``) to predict."""

    group = "Tables"
    picture = "table"
    Config = TableConfig
    config: TableConfig
    columns: ClassVar[tuple[str, ...]]
    #: Names of the classes and how many rows each has; a table of numbers has one group without a name.
    classes: ClassVar[tuple[str, ...]] = ()
    sizes: ClassVar[tuple[int, ...]]

    def fields(self) -> dict[str, FieldSpec]:
        features = FieldSpec(Shape.vector(len(self.columns)), "float32", columns=self.columns)
        if self.classes:
            return {"features": features, "label": FieldSpec(Shape.label(), "int64", "target", self.classes)}
        return {"features": features, "value": FieldSpec(Shape(()), "float32", "target")}

    def counts(self) -> tuple[int, int]:
        test = sum(held_out(size, self.config.test_share) for size in self.sizes)
        return sum(self.sizes) - test, test

    def load(self, seed: int) -> Splits:
        """The split does not depend on ``seed``: runs with other seeds then differ in their networks alone."""
        import numpy as np

        values, target = self.read()
        groups = target.astype(np.int64) if self.classes else np.zeros(len(target), np.int64)
        train, test = stratified(groups, self.config.test_share)
        name, storage = ("label", np.int64) if self.classes else ("value", np.float32)

        def rows(chosen: np.ndarray) -> dict[str, np.ndarray]:
            return {"features": values[chosen].astype(np.float32), name: target[chosen].astype(storage)}

        return Splits(train=rows(train), test=rows(test))

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        """Values (N, columns) and targets (N,)."""
        raise NotImplementedError


def held_out(size: int, share: float) -> int:
    """How many of ``size`` rows are for testing; at least one is left on either side."""
    return min(size - 1, max(1, round(size * share)))


def stratified(groups: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Shuffled row numbers (training, test) with the same share of every group for testing."""
    import numpy as np

    random = stream(0, 0)
    train, test = [], []
    for group in np.unique(groups):
        rows = random.permutation(np.flatnonzero(groups == group))
        cut = held_out(len(rows), share)
        test.append(rows[:cut])
        train.append(rows[cut:])
    return random.permutation(np.concatenate(train)), random.permutation(np.concatenate(test))


__all__ = ["Table", "held_out", "stratified"]
