"""The mistakes of the perceptron rule, counted against Novikoff's bound."""

from __future__ import annotations

import numpy as np

from torchglass.probes._numbers import array, finite
from torchglass.probes.base import Capture, Picture, Probe, Target

_MOST_EXAMPLES = 2000
#: A margin below this part of the radius is none that a float can hold.
_NO_MARGIN = 1e-6


class Mistakes(Probe):
    kind = "mistakes"
    label = "Mistakes and their bound"
    group = "outputs"
    summary = "How often the perceptron rule was wrong so far, against the number of mistakes that it can make at most."
    docs = (
        "Exact values (entry, (examples shown, mistakes)), the oldest first, thinned evenly; the last entry is now. "
        "`bound` is (R/γ)² for the training data with a constant 1 added to each example (the bias learns too): "
        "`radius` R is the length of the longest, `margin` γ the largest distance that a hyperplane through the origin "
        "keeps from all of them; null where no hyperplane separates them. It holds for weights that begin at zero "
        "(Novikoff 1962)."
    )
    formula = r"\#\text{mistakes} \le (R/\gamma)^2"
    scope = "network"

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(entries, 2) exact; None for a recipe that counts no mistakes, or before its first step."""
        tally, now, filled = (capture.state(name) for name in ("tally", "tally_now", "tally_kept"))
        if tally is None or now is None or filled is None:
            return None
        kept = int(array(filled)[0])
        entries = np.concatenate([np.zeros((1, 2), np.float32), array(tally)[:kept], array(now)[None]])
        points, signs = _signed(capture)
        radius, margin = float(np.linalg.norm(points, axis=1).max(initial=0.0)), margin_of(points, signs)
        extra = {
            "radius": finite(radius),
            "margin": margin,
            "bound": None if margin is None else finite((radius / margin) ** 2),
            "examples": len(points),
        }
        return Picture(entries, ("entry", "column"), encoding="exact", signed=False, extra=extra)


def _signed(capture: Capture) -> tuple[np.ndarray, np.ndarray]:
    """(N, D+1) training examples as fed, each with a 1, and their (N) signs."""
    label = capture.target_field() or ""
    fields, _ = capture.examples("train", list(range(min(_MOST_EXAMPLES, capture.count("train")))))
    inputs = next(array(value) for name, value in fields.items() if name != label)
    x = inputs.reshape(len(inputs), -1).astype(np.float64)
    return np.hstack([x, np.ones((len(x), 1))]), array(fields[label]).reshape(-1) * 2.0 - 1


def margin_of(points: np.ndarray, signs: np.ndarray) -> float | None:
    """The largest distance from the origin's hyperplane: the distance of the convex hull of (N, D) y·x from the origin.

    Found by non-negative least squares (Lawson, Hanson 1974, chapter 23: least distance programming); None where it
    is zero, so that nothing separates.
    """
    from scipy.optimize import nnls

    if not len(points):
        return None
    scale = float(np.linalg.norm(points, axis=1).max()) or 1.0
    signed = (points * signs[:, None] / scale).T  # (D, N)
    try:
        weights, _ = nnls(np.vstack([signed, np.ones(signed.shape[1])]), np.append(np.zeros(len(signed)), 1.0))
    except RuntimeError:  # too many iterations: nothing can be said
        return None
    total = weights.sum()
    if not total > 0:
        return None
    nearest = signed @ weights / total
    distance = float(np.linalg.norm(nearest))
    if distance < _NO_MARGIN or (signed.T @ nearest).min() <= 0:
        return None
    return distance * scale
