"""The places of the plane at which a network of two inputs is looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor

from torchglass.probes.base import PlaneView

#: Grids of so many sizes are kept ready to be fed.
_MOST_GRIDS = 4


class PlaneGrid:
    """Grids over the plane of the one input field that has two numbers; ``field`` is None for other data."""

    def __init__(self, trainer: Any) -> None:
        self.trainer = trainer
        self.field = self._find()
        self.range = self._measure()
        self._grids: dict[int, dict[str, Tensor]] = {}

    def view(self, size: int) -> PlaneView | None:
        """One forward pass over size × size places; call it in eval mode without gradients."""
        if self.field is None:
            return None
        outputs = self.trainer.model.run(self._fed(size))
        return PlaneView(outputs, self.trainer.recipe.predict(outputs), *self.range)

    def _find(self) -> str | None:
        inputs = {name: field for name, field in self.trainer.data.fields.items() if field.role == "input"}
        if len(inputs) != 1:
            return None
        ((name, field),) = inputs.items()
        return name if field.shape.names == ("D",) and field.shape.sizes == (2,) else None

    def _measure(self) -> tuple[float, float]:
        """The range that the field promises, or room for all training points; the same in both directions."""
        if self.field is None:
            return 0.0, 0.0
        data = self.trainer.data
        promised = data.fields[self.field].range
        if promised is not None:
            return float(promised[0]), float(promised[1])
        points = data.raw("train", range(min(data.count("train"), 10_000)))[self.field]
        reach = 1.1 * float(np.abs(points).max()) if points.size else 1.0
        return -reach, reach

    def _fed(self, size: int) -> dict[str, Tensor]:
        """The middles of size × size cells, row by row from the upper left, as the network is fed."""
        assert self.field is not None
        if size not in self._grids:
            if len(self._grids) >= _MOST_GRIDS:
                self._grids.pop(next(iter(self._grids)))
            lo, hi = self.range
            across = lo + (np.arange(size, dtype=np.float32) + 0.5) * ((hi - lo) / size)
            x, y = np.meshgrid(across, across[::-1])
            places = np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float32)
            self._grids[size] = {self.field: self.trainer.data.prepare_input(self.field, places)}
        return self._grids[size]
