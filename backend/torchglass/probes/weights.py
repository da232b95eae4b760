"""The weights of a dense layer, one by one."""

from __future__ import annotations

from torchglass.probes._numbers import array, finite
from torchglass.probes.base import Capture, Picture, Probe, Target

#: Larger layers have too many connections to be told apart; their weights are shown as pictures (`filters`).
_MOST = 128 * 128


class Weights(Probe):
    kind = "weights"
    label = "Weights"
    group = "parameters"
    summary = "Every connection of a small dense layer, as the number that it is."
    docs = "Exact values (unit, input); the biases ride along. At most 16,384 weights."

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(unit, input) exact; None for layers without a weight matrix, or with too large a one."""
        node = target.node or ""
        names = capture.parameter_names(node)
        if f"{node}.weight" not in names:
            return None
        weight = capture.parameter(f"{node}.weight")
        if weight.dim() != 2 or weight.numel() > _MOST:
            return None
        biases = [array(capture.parameter(f"{node}.bias"))] if f"{node}.bias" in names else []
        extra = {"bias": [finite(value) for bias in biases for value in bias]}
        return Picture(array(weight).copy(), ("unit", "input"), encoding="exact", extra=extra)
