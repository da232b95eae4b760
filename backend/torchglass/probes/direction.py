"""Where the weights of a unit over the plane point, beside the principal directions of the data."""

from __future__ import annotations

from typing import Any

import numpy as np

from torchglass.probes._numbers import array, finite
from torchglass.probes.base import Capture, Picture, Probe, Target

_MOST_POINTS = 10_000


class Direction(Probe):
    kind = "direction"
    label = "Direction of the weights"
    group = "parameters"
    summary = "The weights of the first dense layer over the plane as arrows, and the principal directions of the data."
    docs = (
        "Exact values (unit, coordinate). `principal` is the direction of the largest mean square of the training data "
        "(not centred: what a unit without a bias sees), `squares` the mean squares along it and across. `length` and "
        "`angle` (degrees, 0 to 90) are those of the first unit, the angle measured from `principal`; `overflowed` "
        "says that its weights are no longer numbers."
    )
    formula = r"\cos\angle = |w^\top u_1| / \lVert w \rVert"
    scope = "network"

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(units, 2) exact; None without such a layer. ValueError for data that are no points of a plane."""
        field = capture.point_field()
        if field is None:
            raise ValueError("This data has no points of a plane: weights have no direction there.")
        names = set(capture.parameter_names())
        nodes = [node.id for node in capture.network().nodes if node.kind == "linear" and f"{node.id}.weight" in names]
        weight = next((w for node in nodes if (w := array(capture.parameter(f"{node}.weight"))).shape[1] == 2), None)
        if weight is None:
            return None
        count = min(_MOST_POINTS, capture.count("train"))
        points = capture.examples_raw("train", list(range(count)))[field].astype(np.float64)
        squares, axes = np.linalg.eigh(points.T @ points / max(1, count))
        principal = axes[:, 1]
        length = float(np.linalg.norm(weight[0].astype(np.float64)))
        cosine = abs(float(weight[0] @ principal)) / length if 0 < length < np.inf else 0.0
        extra: dict[str, Any] = {
            "principal": [finite(principal[0]), finite(principal[1])],
            "squares": [finite(squares[1]), finite(squares[0])],
            "overflowed": not np.isfinite(length),
            "length": finite(length),
            "angle": finite(np.degrees(np.arccos(min(1.0, cosine)))),
        }
        return Picture(np.nan_to_num(weight[:16]), ("unit", "coordinate"), encoding="exact", extra=extra)
