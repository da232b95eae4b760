"""A landscape as a map, and the ways of those who walk down it."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from torchglass.probes import base
from torchglass.probes._numbers import array
from torchglass.probes.base import Capture, Picture, Probe, Target


class Landscape(Probe):
    kind = "landscape"
    label = "Landscape"
    group = "data"
    summary = "The heights of the loss over a map, where that is what is walked on."
    docs = "Exact heights (row, column) at size × size places, row by row from the upper left."
    scope = "network"

    class Config(base.Config):
        size: Annotated[int, Field(ge=8, le=256, title="Size", description="Places in either direction.")] = 120

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(size, size) exact; None where the loss is no landscape."""
        view = capture.landscape(self.config.size)
        if view is None:
            return None
        extra = {
            "surface": view.surface,
            "box": list(view.box),
            "start": list(view.start),
            "minima": [list(place) for place in view.minima],
            "formula": view.formula,
        }
        heights = array(view.heights).astype(np.float32)
        return Picture(heights, ("row", "column"), encoding="exact", signed=False, extra=extra)


class Trail(Probe):
    kind = "trail"
    label = "Trails"
    group = "outputs"
    summary = "The way that each lane of a race took over the landscape."
    docs = "Exact places (lane, place, (x, y)), the oldest first; long ways are thinned evenly, the last place is now."
    scope = "network"

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(L, N, 2) exact; None where nobody walks."""
        trail, filled = capture.state("trail"), capture.state("trail_kept")
        if trail is None or filled is None:
            return None
        kept, stride = array(filled).astype(int).tolist()
        ways = array(trail)[:kept].transpose(1, 0, 2)  # (L, N, 2)
        return Picture(
            np.ascontiguousarray(ways, dtype=np.float32),
            ("lane", "place", "column"),
            encoding="exact",
            extra={"stride": stride},
        )
