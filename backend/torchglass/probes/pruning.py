"""What pruning has taken out of a network, and what is left."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from torchglass.probes._numbers import array
from torchglass.probes.base import Capture, Picture, Probe, Target

#: Of larger layers only the counts are told.
_MOST = 1 << 17
#: What a weight that is there, and happens to be 0, is told as: 0 means pruned.
_ZERO = 1e-30


class Pruning(Probe):
    kind = "pruning"
    label = "Pruning"
    group = "parameters"
    summary = "How many weights of every layer are left, and which of one layer."
    docs = (
        "Without a node: weights left and in all (layer, 2); `layers` in the extra names them, `done` tells the rounds "
        "so far and `last` the step of the last one. With a node: its weights (unit, input), 0 where pruned; at most "
        "131,072."
    )
    scope = "network"

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """None for a network without weights, or a layer without any."""
        names = [name for name in capture.parameter_names() if capture.parameter(name).dim() > 1]
        pruned = capture.pruned()
        if target.node is not None:
            return self._layer(target.node, names, capture)
        layers: list[dict[str, Any]] = []
        counts = np.zeros((len(names), 2), np.float32)
        for row, name in enumerate(names):
            total = capture.parameter(name).numel()
            left = total if pruned is None else total - int(pruned.masks[name].sum())
            node, _, parameter = name.partition(".")
            counts[row] = left, total
            layers.append({"node": node, "parameter": parameter})
        if not names:
            return None
        told = {"done": pruned.done, "last": pruned.last} if pruned is not None else {"done": 0, "last": 0}
        return Picture(counts, ("layer", "count"), encoding="exact", signed=False, extra={"layers": layers, **told})

    def _layer(self, node: str, names: list[str], capture: Capture) -> Picture | None:
        name = next((name for name in names if name.partition(".")[0] == node), None)
        if name is None or capture.parameter(name).numel() > _MOST:
            return None
        weight = array(capture.parameter(name))
        flat = weight.reshape(len(weight), math.prod(weight.shape[1:])).copy()
        flat[flat == 0] = _ZERO
        pruned = capture.pruned()
        if pruned is not None:
            flat[array(pruned.masks[name]).reshape(flat.shape).astype(bool)] = 0
        return Picture(flat, ("unit", "input"), encoding="exact")
