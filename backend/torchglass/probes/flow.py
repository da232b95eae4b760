"""How strong the signal is, node by node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torchglass.probes._numbers import finite
from torchglass.probes.base import Capture, Needs, Picture, Probe, Target

if TYPE_CHECKING:
    from torch import Tensor


class Flow(Probe):
    kind = "flow"
    label = "Signal flow"
    group = "activations"
    summary = "How strong outputs, weights and gradients are in every node: where the signal dies or explodes."
    docs = "Root mean square of each node's output (node), in the order of the document."
    formula = r"\mathrm{rms}(x) = \sqrt{\tfrac1n \sum_i x_i^2}"
    scope = "network"

    def needs(self, target: Target) -> Needs:
        return Needs(everything=True, gradients=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(n,) rms of each node's output; extra holds those of weights and gradients, null where there are none."""
        import numpy as np

        nodes: list[str] = []
        outputs: list[float] = []
        weights: dict[str, float | None] = {}
        gradients: dict[str, float | None] = {}
        for node in capture.network().nodes:
            try:
                value = capture.activation(node.id)
            except KeyError:
                continue  # not reached from this source
            nodes.append(node.id)
            outputs.append(_rms(value))
            names = [name for name in capture.parameter_names(node.id) if name.endswith("weight")]
            if names:
                weights[node.id] = _rms(capture.parameter(names[0]))
                gradient = capture.gradient(names[0])
                gradients[node.id] = None if gradient is None else _rms(gradient)
        extra = {"nodes": nodes, "weight_rms": weights, "gradient_rms": gradients}
        return Picture(np.asarray(outputs, np.float32), ("node",), encoding="exact", signed=False, extra=extra)


def _rms(tensor: Tensor) -> float:
    import torch

    if not tensor.numel():
        return 0.0
    return finite(float(torch.linalg.vector_norm(tensor.detach().to(torch.float32))) / tensor.numel() ** 0.5)
