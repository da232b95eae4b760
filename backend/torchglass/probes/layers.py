"""Layer by layer: how large its gradient is, how its outputs are spread, how many units are dead or saturated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from torchglass.probes._graph import alone_after
from torchglass.probes._numbers import array, finite
from torchglass.probes.base import Capture, Needs, Picture, Probe, Target

if TYPE_CHECKING:
    from torch import Tensor

    from torchglass.spec.network import Node

_EXAMPLES = 200
_BINS = 24
_MOST_LAYERS = 32
#: Units that answer nothing but zero to every example are dead.
_RECTIFIERS = frozenset({"relu"})
#: Where an activation is flat, and from how near to its ends on.
_ENDS = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}
_NEAR_END = 0.02


class Layers(Probe):
    kind = "layers"
    label = "Layers side by side"
    group = "gradients"
    summary = "Size of the gradient, spread of the outputs and share of dead or saturated units, layer by layer."
    docs = (
        "Counts (layer, bin) of the outputs after the activation, in prediction mode on the first 200 test examples. "
        "`layers` in the extra has for each: `gradient` and `weight`, the root mean square of its weights' gradient "
        "on a fixed training batch (null without a loss) and of the weights; `lo` and `hi` of the counts, `mean` and "
        "`std` of the outputs; `dead`, the share of ReLUs that are zero for every example; `saturated`, the share of "
        "outputs within 2 % of the ends of a sigmoid or tanh."
    )
    formula = r"\mathrm{rms}(g) = \sqrt{\tfrac1n \sum_i g_i^2}"
    scope = "network"

    def needs(self, target: Target) -> Needs:
        return Needs(gradients=True, own_pass=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(layers, bins) exact; None for a network without weights."""
        split = "test" if capture.count("test") else "train"
        outputs, _ = capture.passed(split, list(range(min(_EXAMPLES, capture.count(split)))))
        weighted = {name for name in capture.parameter_names() if capture.parameter(name).dim() >= 2}
        rows: list[np.ndarray] = []
        layers: list[dict[str, Any]] = []
        for node in capture.network().nodes:
            # A normalisation's weights, a vector, make no layer of their own.
            if f"{node.id}.weight" not in weighted or node.id not in outputs:
                continue
            weight = capture.parameter(f"{node.id}.weight")
            shown = _through(capture, node, outputs, weighted)
            counts, told = _spread(array(outputs[shown.id]), shown.kind)
            gradient = capture.gradient(f"{node.id}.weight")
            told |= {
                "node": node.id,
                "activation": shown.kind if shown is not node else "",
                "gradient": None if gradient is None else finite(_rms(array(gradient))),
                "weight": finite(_rms(array(weight))),
            }
            rows.append(counts)
            layers.append(told)
            if len(rows) == _MOST_LAYERS:
                break
        if not rows:
            return None
        return Picture(np.stack(rows), ("layer", "bin"), encoding="exact", signed=False, extra={"layers": layers})


def _through(capture: Capture, node: Node, outputs: Mapping[str, Tensor], weighted: set[str]) -> Node:
    """The last of the normalisation, activation and dropout that alone read a layer, one after the other."""
    shape = outputs[node.id].shape
    for _ in range(4):
        after = alone_after(capture.network(), node.id)
        if after is None or after.id not in outputs or outputs[after.id].shape != shape:
            break
        if f"{after.id}.weight" in weighted:
            break
        node = after
        if node.kind in _RECTIFIERS or node.kind in _ENDS:
            break
    return node


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64)))) if values.size else 0.0


def _spread(values: np.ndarray, kind: str) -> tuple[np.ndarray, dict[str, Any]]:
    """Counts (bin) of the finite outputs (N, ...), and what is said about them."""
    good = values[np.isfinite(values)].astype(np.float64)
    lo, hi = (float(good.min()), float(good.max())) if good.size else (0.0, 1.0)
    if not hi > lo:
        lo, hi = lo - 0.5, hi + 0.5
    counts, _ = np.histogram(good, _BINS, (lo, hi))
    told: dict[str, Any] = {
        "lo": finite(lo),
        "hi": finite(hi),
        "mean": finite(float(good.mean())) if good.size else 0.0,
        "std": finite(float(good.std())) if good.size else 0.0,
        "dead": None,
        "saturated": None,
    }
    if kind in _RECTIFIERS and values.ndim >= 2:
        units = values.reshape(values.shape[0], values.shape[1], -1)  # (N, units, places)
        told["dead"] = float((units == 0).all(axis=(0, 2)).mean())
    if kind in _ENDS and good.size:
        low, high = _ENDS[kind]
        near = _NEAR_END * (high - low)
        told["saturated"] = float(((good < low + near) | (good > high - near)).mean())
    return counts.astype(np.float32), told
