"""Every unit of several layers over the plane, in one picture."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from torchglass.probes import base
from torchglass.probes._numbers import array, finite
from torchglass.probes.base import Capture, Picture, Probe, Target
from torchglass.spec.base import Name

#: A range smaller than this is shown as constant.
_SMALLEST_RANGE = 1e-30


class Neurons(Probe):
    kind = "neurons"
    label = "Neurons over the plane"
    group = "outputs"
    summary = "Every unit of the named layers as a picture of its own function over the plane, all in one frame."
    docs = (
        "Bytes (unit, y, x), row 0 is the upper edge; `layers` in the extra says which units belong to which node, "
        "and that byte b of a layer means lo + b/255 · (hi − lo). Layers that are not there (any more) are left out. "
        "One shared pass and one frame however many units there are: this is what makes 30 pictures a second cheap."
    )
    scope = "network"

    class Config(base.Config):
        nodes: Annotated[list[Name], Field(max_length=32, title="Nodes", description="All where it is empty.")] = []
        size: Annotated[int, Field(ge=4, le=200, title="Size", description="Places across and upwards.")] = 50
        every: Annotated[int, Field(ge=1, le=10, title="Every", description="Sends every k-th place only.")] = 2
        limit: Annotated[int, Field(ge=1, le=64, title="Limit", description="At most so many units of a layer.")] = 16

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(unit, y, x) uint8; None without a layer to show. ValueError for data that are no points of a plane."""
        settings = self.config
        view = capture.plane(settings.size)
        if view is None:
            raise ValueError("This data has no points of a plane: there is no such picture.")
        blocks: list[np.ndarray] = []
        layers: list[dict[str, Any]] = []
        first = 0
        for node in settings.nodes or [node.id for node in capture.network().nodes]:
            values = view.outputs.get(node)
            if values is None or values.dim() > 2:
                continue
            grid = array(values).reshape(settings.size, settings.size, -1)
            shown = grid[:: settings.every, :: settings.every, : settings.limit]
            blocks.append(shown)
            layers.append({"node": node, "first": first, "count": shown.shape[2], "total": grid.shape[2]})
            first += shown.shape[2]
        if not blocks:
            return None
        pictures, ranges, bad = _bytes(np.concatenate(blocks, axis=2), [layer["first"] for layer in layers])
        for layer, (lo, hi) in zip(layers, ranges, strict=True):
            layer |= {"lo": lo, "hi": hi}
        extra: dict[str, Any] = {"layers": layers, "lo": finite(view.lo), "hi": finite(view.hi)}
        if bad:
            extra["nonfinite"] = bad
        return Picture(pictures, ("unit", "y", "x"), extra=extra)


def _bytes(values_YXU: np.ndarray, firsts: list[int]) -> tuple[np.ndarray, list[tuple[float, float]], int]:
    """(unit, y, x) bytes, lo and hi of every layer, and how many values were not finite (they are shown as 0).

    Turned first, so that every step runs along memory: a fifth of the time.
    """
    bad = 0
    rows = np.ascontiguousarray(values_YXU.reshape(-1, values_YXU.shape[2]).T)  # (U, Y·X)
    least, most = rows.min(axis=1), rows.max(axis=1)
    if not (np.isfinite(least).all() and np.isfinite(most).all()):
        bad = int(rows.size - np.count_nonzero(np.isfinite(rows)))
        rows = np.nan_to_num(rows, nan=0.0, posinf=0.0, neginf=0.0)
        least, most = rows.min(axis=1), rows.max(axis=1)
    lo = np.minimum.reduceat(least, firsts).astype(np.float64)
    span = np.maximum.reduceat(most, firsts).astype(np.float64) - lo
    counts = np.diff([*firsts, len(rows)])
    scale = np.where(span < _SMALLEST_RANGE, 0, 255 / np.maximum(span, _SMALLEST_RANGE))
    scaled = rows - np.repeat(lo.astype(np.float32), counts)[:, None]
    scaled *= np.repeat(scale.astype(np.float32), counts)[:, None]
    scaled += 0.5
    pictures = np.minimum(scaled, 255).astype(np.uint8).reshape(-1, *values_YXU.shape[:2])
    return pictures, [(float(a), float(a + b)) for a, b in zip(lo, span, strict=True)], bad
