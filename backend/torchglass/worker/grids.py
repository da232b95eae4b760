"""The places at which a network of one or two inputs is looked at: along the line, or over the plane."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor

from torchglass.probes.base import GridView
from torchglass.worker.draws import read_of_thinned

#: Grids of so many sizes are kept ready to be fed.
_MOST_GRIDS = 4


class Grid:
    """Grids over the one input field that has ``axes`` numbers; ``field`` is None for other data."""

    axes: int

    def __init__(self, trainer: Any) -> None:
        self.trainer = trainer
        self.field = self._find()
        self.range = self._measure() if self.field is not None else (0.0, 0.0)
        self._grids: dict[int, dict[str, Tensor]] = {}

    def view(self, size: int) -> GridView | None:
        """One forward pass over size places an axis; call it in eval mode without gradients."""
        if self.field is None:
            return None
        outputs = self.trainer.model.run(self._fed(size))
        return GridView(outputs, self.trainer.recipe.predict(outputs), *self.range)

    def thinned(self, size: int, draws: int) -> Tensor | None:
        """What so many thinned networks say at those places, see ``draws``; in eval mode without gradients."""
        return None if self.field is None else read_of_thinned(self.trainer, self._fed(size), draws)

    def _find(self) -> str | None:
        inputs = {name: field for name, field in self.trainer.data.fields.items() if field.role == "input"}
        if len(inputs) != 1:
            return None
        ((name, field),) = inputs.items()
        return name if field.shape.names == ("D",) and field.shape.sizes == (self.axes,) else None

    def _measure(self) -> tuple[float, float]:
        """The range that the field promises, or room for all training points; the same in every direction."""
        data = self.trainer.data
        promised = data.fields[self.field].range
        if promised is not None:
            return float(promised[0]), float(promised[1])
        points = data.raw("train", range(min(data.count("train"), 10_000)))[self.field]
        return self.around(points) if points.size else (-1.0, 1.0)

    def _fed(self, size: int) -> dict[str, Tensor]:
        """The middles of the cells, as the network is fed."""
        assert self.field is not None
        if size not in self._grids:
            if len(self._grids) >= _MOST_GRIDS:
                self._grids.pop(next(iter(self._grids)))
            lo, hi = self.range
            across = lo + (np.arange(size, dtype=np.float32) + 0.5) * ((hi - lo) / size)
            places = self.places(across).astype(np.float32)
            self._grids[size] = {self.field: self.trainer.data.prepare_input(self.field, places)}
        return self._grids[size]

    def around(self, points: np.ndarray) -> tuple[float, float]:
        """A range with room for all of those points."""
        raise NotImplementedError

    def places(self, across: np.ndarray) -> np.ndarray:
        """(N, axes) from the middles of the cells along one axis."""
        raise NotImplementedError


class PlaneGrid(Grid):
    """size × size places, row by row from the upper left."""

    axes = 2

    def around(self, points: np.ndarray) -> tuple[float, float]:
        reach = 1.1 * float(np.abs(points).max())
        return -reach, reach

    def places(self, across: np.ndarray) -> np.ndarray:
        x, y = np.meshgrid(across, across[::-1])
        return np.stack([x.ravel(), y.ravel()], axis=1)


class LineGrid(Grid):
    """size places from left to right."""

    axes = 1

    def around(self, points: np.ndarray) -> tuple[float, float]:
        lo, hi = float(points.min()), float(points.max())
        room = 0.05 * (hi - lo) or 0.5
        return lo - room, hi + room

    def places(self, across: np.ndarray) -> np.ndarray:
        return across[:, None]


__all__ = ["LineGrid", "PlaneGrid"]
