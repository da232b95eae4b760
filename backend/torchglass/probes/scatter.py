"""Predicted against true numbers."""

from __future__ import annotations

import numpy as np

from torchglass.probes._numbers import array, finite, without_interval
from torchglass.probes.base import Capture, Needs, Picture, Probe, Target


class Scatter(Probe):
    kind = "scatter"
    label = "Predicted against true"
    group = "outputs"
    summary = "For every test example the number that was predicted against the true one."
    docs = "Exact values (example, (true, predicted)) in the units of the data, with R² and the mean absolute error."
    formula = r"R^2 = 1 - \frac{\sum_n (y_n - \hat y_n)^2}{\sum_n (y_n - \bar y)^2}"
    scope = "network"

    def needs(self, target: Target) -> Needs:
        return Needs(evaluation=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(N, 2) exact; None where classes are predicted, or more than one number."""
        field, outcome = capture.target_field(), capture.evaluation()
        if field is None or outcome is None or capture.classes():
            return None
        read, truth = without_interval(outcome[0], capture), outcome[1]
        if read.numel() != len(read) or truth.numel() != len(read) or not len(read):
            return None
        said, true = (array(capture.natural(field, values.reshape(-1))) for values in (read, truth))
        return Picture(
            np.column_stack([true, said]),
            ("example", "number"),
            encoding="exact",
            extra={"field": field, **quality(true, said)},
        )


def quality(true: np.ndarray, said: np.ndarray) -> dict[str, float | int | None]:
    """``r2`` (None where all true values are equal), ``absolute_error`` and ``total``."""
    error = true.astype(np.float64) - said
    spread = float(((true - true.mean(dtype=np.float64)) ** 2).sum())
    r2 = finite(1 - float((error**2).sum()) / spread) if spread > 0 else None
    return {"r2": r2, "absolute_error": finite(float(np.abs(error).mean())), "total": len(true)}
