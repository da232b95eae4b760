"""The thinned network that dropout leaves in one training step."""

from __future__ import annotations

from typing import Any

import numpy as np

from torchglass.probes._numbers import array
from torchglass.probes.base import Capture, Picture, Probe, Target

#: More units than these are left out.
_MOST = 4096


class Thinned(Probe):
    kind = "thinned"
    label = "Thinned network"
    group = "outputs"
    summary = "Which units dropout has left in the newest training step, for its first example."
    docs = (
        "Exact values (unit): dropout layer after dropout layer, 1 for a unit that is kept and 0 for one that is "
        "dropped. `layers` in the extra says where each begins and how many there are; `known` is false before the "
        "first step, and where another random layer draws from the same stream. Every example of a batch has a mask "
        "of its own; this is that of the first one. Nothing is drawn for it: the step's stream is read again."
    )
    scope = "network"

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(N,) exact; None for a network without dropout on vectors."""
        dropouts = [node.id for node in capture.network().nodes if node.kind == "dropout"]
        masks = capture.masks() if dropouts else None
        layers: list[dict[str, Any]] = []
        parts: list[np.ndarray] = []
        first = 0
        for node in dropouts:
            shape = capture.shape(node)
            if shape is None or len(shape.axes) != 1 or first + shape.count() > _MOST:
                continue
            count = shape.count()
            kept = np.ones(count) if masks is None else array(masks[node])
            parts.append(kept.astype(np.float32))
            layers.append({"node": node, "first": first, "count": count})
            first += count
        if not parts:
            return None
        extra = {"layers": layers, "known": masks is not None}
        return Picture(np.concatenate(parts), ("unit",), encoding="exact", extra=extra)
