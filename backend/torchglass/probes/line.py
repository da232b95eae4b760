"""What a network of one input says along the line, what each part adds to it, and the data beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import Field

from torchglass.probes import base
from torchglass.probes._numbers import array, finite
from torchglass.probes.base import Capture, GridView, Picture, Probe, Target

if TYPE_CHECKING:
    from torch import Tensor

_NO_LINE = "This data is more than one number: there is no such picture."


class Line(Probe):
    kind = "line"
    label = "Along the line"
    group = "outputs"
    summary = "The function that a network of one input computes, and the pieces that it is the sum of."
    docs = (
        "Exact values (row, x) at `size` places from `lo` to `hi`. Without a node the rows are what the network says. "
        "With a node they are its units; with `pieces`, for a dense node of one unit, weight · input for each of its "
        "inputs, then its bias: their sum is what the node says. With `draws`, of a network with dropout: what so many "
        "thinned networks say in the mean, and one standard deviation below and above (MC dropout).\n\n"
        "Source of the last: Gal, Ghahramani (2016), *Dropout as a Bayesian approximation*."
    )
    formula = r"f(x) = b + \sum_j w_j\, h_j(x)"
    scope = "network"

    class Config(base.Config):
        size: Annotated[int, Field(ge=8, le=1000, title="Size", description="Places from left to right.")] = 200
        pieces: Annotated[bool, Field(title="Pieces", description="What each input adds to the unit.")] = False
        draws: Annotated[
            int, Field(ge=0, le=200, title="Draws", description="So many thinned networks; 0 for none.")
        ] = 0
        limit: Annotated[int, Field(ge=1, le=256, title="Limit", description="At most so many rows.")] = 64

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(row, x) exact; None where there is nothing to read. ValueError for data of more than one number."""
        view = capture.line(self.config.size)
        if view is None:
            raise ValueError(_NO_LINE)
        if target.node is None and self.config.draws:
            values = self._spread(capture)
        elif target.node is None:
            values = None if view.read is None else self._natural(view.read, capture)
        elif self.config.pieces:
            values = _pieces(target.node, view, capture)
        else:
            values = _rows(view, target.node)
        if values is None:
            return None
        shown = np.ascontiguousarray(values[: self.config.limit], dtype=np.float32)
        extra = {"lo": finite(view.lo), "hi": finite(view.hi), "total": len(values)}
        return Picture(shown, ("row", "x"), encoding="exact", extra=extra)

    def _spread(self, capture: Capture) -> np.ndarray | None:
        """(3, x): mean of the thinned networks, one standard deviation below and above, of the first number read."""
        read = capture.line_thinned(self.config.size, self.config.draws)
        if read is None:
            return None
        draws, size, _ = read.shape
        said = self._natural(read[:, :, :1].reshape(draws * size, 1), capture).reshape(draws, size)
        mean, spread = said.mean(axis=0), said.std(axis=0)
        return np.stack([mean, mean - spread, mean + spread])

    @staticmethod
    def _natural(read: Tensor, capture: Capture) -> np.ndarray:
        """In the units of the data."""
        rows, field = read.reshape(len(read), -1), capture.target_field()
        result: np.ndarray = array(rows if field is None else capture.natural(field, rows)).T
        return result


def _rows(view: GridView, name: str) -> np.ndarray | None:
    """(unit, x) of a node whose output is a row of numbers."""
    values = view.outputs[name]
    return None if values.dim() > 2 else array(values).reshape(len(values), -1).T


def _pieces(node: str, view: GridView, capture: Capture) -> np.ndarray | None:
    """(input + 1, x): weight times input for each input of a dense node of one unit, and last its bias."""
    arrows = [edge for edge in capture.network().edges if edge.target == node]
    if f"{node}.weight" not in capture.parameter_names(node) or len(arrows) != 1:
        return None
    weight = array(capture.parameter(f"{node}.weight"))
    (arrow,) = arrows
    source = arrow.source if arrow.source_port == "out" else f"{arrow.source}.{arrow.source_port}"
    inputs = _rows(view, source)
    if inputs is None or weight.shape != (1, len(inputs)):
        return None
    has_bias = f"{node}.bias" in capture.parameter_names(node)
    bias = float(array(capture.parameter(f"{node}.bias"))[0]) if has_bias else 0.0
    return np.concatenate([weight[0][:, None] * inputs, np.full((1, inputs.shape[1]), bias, np.float32)])


class LinePoints(Probe):
    kind = "line_points"
    label = "Points along the line"
    group = "data"
    summary = "The data of a curve: where each point stands and how high."
    docs = "Exact values (point, (x, value)) as they are stored."
    scope = "network"

    class Config(base.Config):
        split: Annotated[Literal["train", "test"], Field(title="Split")] = "train"
        limit: Annotated[int, Field(ge=1, le=5000, title="Limit", description="At most so many points.")] = 1000

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(N, 2) exact; None where no single number is predicted. ValueError for data of more than one number."""
        field, wanted = capture.line_field(), capture.target_field()
        if field is None:
            raise ValueError(_NO_LINE)
        if wanted is None or capture.field_shape(wanted).sizes:
            return None
        total = capture.count(self.config.split)
        raw = capture.examples_raw(self.config.split, list(range(min(total, self.config.limit))))
        points = np.column_stack([raw[field].reshape(-1), raw[wanted].reshape(-1)]).astype(np.float32)
        return Picture(
            points,
            ("point", "column"),
            encoding="exact",
            extra={"total": total, "rows": capture.rows(self.config.split)},
        )
