"""Bars and stripes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from torchglass.datasets._generated import FREE, GENERATED, GeneratedConfig, both
from torchglass.datasets.base import DataSet, FieldSpec, Splits
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    import numpy as np


class BarsAndStripesConfig(GeneratedConfig):
    size: int = Field(4, title="Size", description="Height and width of the pictures.", ge=2, le=28)


class BarsAndStripes(DataSet):
    kind = "bars_and_stripes"
    label = "Bars and stripes"
    group = "Images"
    summary = "Tiny black and white pictures of whole rows or whole columns."
    docs = (
        "Field `pixels`: a picture of size×size zeros and ones, laid out in one row of numbers. A coin decides "
        "between rows and columns, then one coin per row or column. A classic for Boltzmann machines: few patterns, "
        "strongly bound pixels.\n\n"
        "Source: MacKay (2003), *Information Theory, Inference, and Learning Algorithms*, section 43.3."
    )
    source = GENERATED
    licence = FREE
    Config = BarsAndStripesConfig
    config: BarsAndStripesConfig

    def fields(self) -> dict[str, FieldSpec]:
        return {"pixels": FieldSpec(Shape.vector(self.config.size**2), "float32", range=(0, 1))}

    def counts(self) -> tuple[int, int]:
        return self.config.train, self.config.test

    def load(self, seed: int) -> Splits:
        return both(seed, self.config, self._draw)

    def _draw(self, random: np.random.Generator, count: int) -> dict[str, np.ndarray]:
        import numpy as np

        size = self.config.size
        lines = random.integers(0, 2, (count, size, 1))
        rows = np.broadcast_to(lines, (count, size, size))
        upright = random.integers(0, 2, (count, 1, 1)).astype(bool)
        pictures = np.where(upright, rows.transpose(0, 2, 1), rows)
        return {"pixels": pictures.reshape(count, size * size).astype(np.float32)}
