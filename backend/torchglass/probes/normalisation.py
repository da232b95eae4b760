"""What a normalisation does: its inputs, what training makes of them, and what prediction makes of them."""

from __future__ import annotations

import numpy as np

from torchglass.probes._graph import feeder
from torchglass.probes._numbers import array, finite
from torchglass.probes.base import Capture, Needs, Picture, Probe, Target

_EXAMPLES = 200
_BINS = 41


class Normalisation(Probe):
    kind = "normalisation"
    label = "Before and after a normalisation"
    group = "activations"
    summary = (
        "The distribution before and after, with the numbers of the batch (training) and the kept ones (prediction)."
    )
    docs = (
        "Counts (row, bin) for one batch of the first 200 training examples: the inputs, what comes out in training "
        "(mean and deviation of this batch) and in prediction (the running mean and deviation of all batches so far). "
        "`lo`, `hi`, `mean` and `std` have one number per row; `gap` is the root mean square of the difference "
        "between training and prediction. A layer normalisation does the same in both."
    )

    def needs(self, target: Target) -> Needs:
        return Needs(own_pass=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(3, bins) exact; None where nothing feeds the node."""
        if target.node is None:
            raise ValueError("Choose a normalisation.")
        node = capture.network().node(target.node)
        source = feeder(capture.network(), node.id)
        outputs, _ = capture.passed("train", list(range(min(_EXAMPLES, capture.count("train")))))
        if source is None or source not in outputs or node.id not in outputs:
            return None
        before, predicted = array(outputs[source]), array(outputs[node.id])
        trained = predicted
        if node.kind == "batch_norm":
            trained = _of_this_batch(before, capture, node.id)
        rows = [before, trained, predicted]
        told: dict[str, list[float]] = {"lo": [], "hi": [], "mean": [], "std": []}
        counts = []
        for row in rows:
            good = row[np.isfinite(row)].astype(np.float64)
            lo, hi = (float(good.min()), float(good.max())) if good.size else (0.0, 1.0)
            if not hi > lo:
                lo, hi = lo - 0.5, hi + 0.5
            counts.append(np.histogram(good, _BINS, (lo, hi))[0])
            mean, std = (float(good.mean()), float(good.std())) if good.size else (0.0, 0.0)
            for name, value in (("lo", lo), ("hi", hi), ("mean", mean), ("std", std)):
                told[name].append(finite(value))
        gap = finite(float(np.sqrt(np.mean(np.square(trained - predicted, dtype=np.float64)))))
        extra = {**told, "gap": gap, "kind": node.kind}
        picture = np.stack(counts).astype(np.float32)
        return Picture(picture, ("row", "bin"), encoding="exact", signed=False, extra=extra)


def _of_this_batch(x: np.ndarray, capture: Capture, node: str) -> np.ndarray:
    """Batch normalisation as training does it: (B, D) or (B, C, H, W) with this batch's own mean and variance."""
    others = tuple(axis for axis in range(x.ndim) if axis != 1)
    mean, variance = x.mean(axis=others, keepdims=True), x.var(axis=others, keepdims=True)
    y = (x - mean) / np.sqrt(variance + float(capture.settings(node).get("eps", 1e-5)))
    names = set(capture.parameter_names(node))
    shape = (1, -1, *(1 for _ in range(x.ndim - 2)))
    if f"{node}.weight" in names:
        y = y * array(capture.parameter(f"{node}.weight")).reshape(shape)
    if f"{node}.bias" in names:
        y = y + array(capture.parameter(f"{node}.bias")).reshape(shape)
    return np.asarray(y, np.float32)
