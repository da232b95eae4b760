"""The function that an activation is, its derivative, and where its inputs lie on it."""

from __future__ import annotations

import numpy as np

from torchglass.probes._graph import feeder
from torchglass.probes._numbers import array, finite
from torchglass.probes.base import Capture, Needs, Picture, Probe, Target

_PLACES = 161
_EXAMPLES = 200
#: The function is drawn at least so far, and at most so far.
_LEAST, _MOST = 4.0, 1e6
_FLAT = 0.01


class ActivationFunction(Probe):
    kind = "activation_function"
    label = "Function of an activation"
    group = "activations"
    summary = "An activation and its derivative, with the live distribution of its inputs on top."
    docs = (
        "Exact values (row, place): the function, its derivative and the counts of its inputs (first 200 test "
        "examples) around equally spaced places from `lo` to `hi`. `flat` is the share of inputs where the derivative "
        "is smaller than 0.01: nothing comes back through these. `slope` is the learned slope of a PReLU (the mean, "
        "where every unit has its own). A layer of several inputs is shown along its first, the others zero."
    )

    def needs(self, target: Target) -> Needs:
        return Needs(own_pass=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(3, places) exact; None for a node that is no function of one input."""
        if target.node is None:
            raise ValueError("Choose an activation.")
        source = feeder(capture.network(), target.node)
        split = "test" if capture.count("test") else "train"
        outputs, _ = capture.passed(split, list(range(min(_EXAMPLES, capture.count(split)))))
        if source is None or source not in outputs:
            return None
        inputs = array(outputs[source]).ravel()
        good = inputs[np.isfinite(inputs)].astype(np.float64)
        reach = _round(min(_MOST, max(_LEAST, float(np.abs(good).max()) if good.size else 0.0)))
        places = np.linspace(-reach, reach, _PLACES)
        found = capture.function(target.node, places)
        if found is None:
            return None
        values, slopes = found
        half = reach / (_PLACES - 1)
        counts, _ = np.histogram(good, _PLACES, (-reach - half, reach + half))
        flat = float((counts * (np.abs(slopes) < _FLAT)).sum() / max(1, counts.sum()))
        extra: dict[str, object] = {"lo": -reach, "hi": reach, "flat": flat, "inputs": int(good.size)}
        if capture.network().node(target.node).kind == "prelu":
            learned = array(capture.parameter(f"{target.node}.weight"))
            extra |= {"slope": finite(float(learned.mean())), "slopes": int(learned.size)}
        rows = np.nan_to_num(np.stack([values, slopes, counts]), nan=0.0, posinf=_MOST**2, neginf=-(_MOST**2))
        return Picture(rows.astype(np.float32), ("row", "place"), encoding="exact", signed=False, extra=extra)


def _round(reach: float) -> float:
    """The next of 4, 5, 6, 8, 10, 12, 15, 20 times a power of ten, so that the axis does not tremble."""
    power = 10.0 ** np.floor(np.log10(reach / 2))
    steps = (2, 2.5, 3, 4, 5, 6, 8, 10, 12, 15, 20)
    return float(next(step * power for step in steps if step * power >= reach * (1 - 1e-9)))
