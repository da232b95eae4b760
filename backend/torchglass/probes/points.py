"""The data points of the plane."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from torchglass.probes import base
from torchglass.probes._numbers import array, finite
from torchglass.probes._plane import signed_reading
from torchglass.probes.base import Capture, Needs, Picture, Probe, Target


class Points(Probe):
    kind = "points"
    label = "Points"
    group = "data"
    summary = "Points of the plane with what they are and what the network says about each."
    docs = (
        "Exact values (point, column): x₁, x₂, the target (class number or value), and what the network says: "
        "between −1 and 1 for two classes, the most probable class for more, or a value."
    )
    scope = "network"

    class Config(base.Config):
        split: Annotated[Literal["train", "test"], Field(title="Split")] = "train"
        limit: Annotated[int, Field(ge=1, le=5000, title="Limit", description="At most so many points.")] = 1000

    def needs(self, target: Target) -> Needs:
        return Needs(own_pass=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(N, 4) exact; the target is 0 where there is none. ValueError for data that are no points of a plane."""
        field, wanted = capture.point_field(), capture.target_field()
        if field is None:
            raise ValueError("This data has no points of a plane: there is no such picture.")
        total = capture.count(self.config.split)
        indices = list(range(min(total, self.config.limit)))
        raw = capture.examples_raw(self.config.split, indices)
        truth = np.zeros(len(indices)) if wanted is None else raw[wanted].reshape(len(indices), -1)[:, 0]
        _, read = capture.examples(self.config.split, indices)
        said, scale = np.zeros(len(indices), np.float32), "none"
        if read is not None:
            rows, scale = signed_reading(read, capture)
            said = array(rows)
            said = said.argmax(axis=1) if scale == "probability" else said[:, 0]
        lo, hi = capture.plane_range()
        columns = np.column_stack([raw[field].reshape(len(indices), 2), truth, said]).astype(np.float32)
        extra = {
            "split": self.config.split,
            "total": total,
            "rows": capture.rows(self.config.split),
            "classes": list(capture.classes()),
            "scale": scale,
            "lo": finite(lo),
            "hi": finite(hi),
        }
        return Picture(columns, ("point", "column"), encoding="exact", extra=extra)
