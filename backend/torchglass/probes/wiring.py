"""Every weight and bias of the dense layers, in one picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from torchglass.probes._numbers import array
from torchglass.probes.base import Capture, Picture, Probe, Target

#: Networks with more connections than this show the layers that fit; the rest is left out.
_MOST = 16_384


class Wiring(Probe):
    kind = "wiring"
    label = "Wiring"
    group = "parameters"
    summary = "Every weight and bias of all small dense layers at one moment, as the numbers that they are."
    docs = (
        "Exact values (number): layer after layer its weights, row by row (one row per unit), then its biases. "
        "`layers` in the extra says where each begins: node, units, inputs, weight and bias (null where there is "
        "none); `pruned` lists the places of weights that are taken out."
    )
    scope = "network"

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(N,) exact; None without a dense layer that fits."""
        names = set(capture.parameter_names())
        layers: list[dict[str, Any]] = []
        parts: list[np.ndarray] = []
        place = 0
        for node in capture.network().nodes:
            if node.kind != "linear" or f"{node.id}.weight" not in names:
                continue
            weight = array(capture.parameter(f"{node.id}.weight"))
            if place + weight.size > _MOST:
                continue
            units, inputs = weight.shape
            layer = {"node": node.id, "units": units, "inputs": inputs, "weight": place, "bias": None}
            parts.append(weight.ravel())
            place += weight.size
            if f"{node.id}.bias" in names:
                layer["bias"] = place
                parts.append(array(capture.parameter(f"{node.id}.bias")))
                place += units
            layers.append(layer)
        if not layers:
            return None
        extra = {"layers": layers, "pruned": self._pruned(layers, capture)}
        return Picture(np.concatenate(parts), ("number",), encoding="exact", extra=extra)

    @staticmethod
    def _pruned(layers: list[dict[str, Any]], capture: Capture) -> list[int]:
        """Places of what is taken out."""
        pruned = capture.pruned()
        if pruned is None:
            return []
        masks = [(layer["weight"], array(pruned.masks[f"{layer['node']}.weight"]).ravel()) for layer in layers]
        return [int(first + place) for first, mask in masks for place in np.flatnonzero(mask)]
