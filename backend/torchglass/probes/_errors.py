"""Losses by hand: value and gradient for one example, from their formulas. NumPy only, float64."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from torchglass.probes._curves import sigmoid

Pulled = tuple[float, np.ndarray]


def error(kind: str, settings: Mapping[str, Any], output: np.ndarray, target: np.ndarray) -> Pulled:
    """Loss of one example and its gradient for each output, (D,) both; KeyError for a loss that is not known."""
    wanted = target.reshape(-1).astype(float)
    if kind == "cross_entropy":
        return _cross_entropy(output, int(wanted[0]))
    if kind == "hinge" and wanted.size == 1 and output.size > 1:
        return _hinge_of_classes(output, int(wanted[0]))
    if kind in ("logistic", "hinge"):
        return _margin(kind, output, wanted * 2 - 1)
    if kind == "binary_cross_entropy":
        losses = np.logaddexp(0, output) - wanted * output
        return float(losses.mean()), (sigmoid(output) - wanted) / output.size
    return _distance(kind, settings, output - wanted)


def _cross_entropy(output: np.ndarray, right: int) -> Pulled:
    shifted = output - output.max()
    logs = shifted - np.log(np.exp(shifted).sum())
    gradient = np.exp(logs)
    gradient[right] -= 1
    return float(-logs[right]), gradient


def _hinge_of_classes(output: np.ndarray, right: int) -> Pulled:
    excess = np.maximum(0, 1 + output - output[right])
    excess[right] = 0
    gradient = (excess > 0) / output.size
    gradient[right] = -gradient.sum()
    return float(excess.mean()), gradient


def _margin(kind: str, output: np.ndarray, sign: np.ndarray) -> Pulled:
    margin = output * sign
    if kind == "logistic":
        return float(np.logaddexp(0, -margin).mean()), -sign * sigmoid(-margin) / output.size
    return float(np.maximum(0, 1 - margin).mean()), -sign * (margin < 1) / output.size


def _distance(kind: str, settings: Mapping[str, Any], away: np.ndarray) -> Pulled:
    size, far = away.size, np.abs(away)
    if kind == "mse":
        factor = 0.5 if settings.get("form") == "textbook" else 1.0
        return factor * float((away**2).mean()), 2 * factor * away / size
    if kind == "l1":
        return float(far.mean()), np.sign(away) / size
    if kind == "huber":
        delta = settings["delta"]
        losses = np.where(far <= delta, away**2 / 2, delta * (far - delta / 2))
        return float(losses.mean()), np.clip(away, -delta, delta) / size
    raise KeyError(kind)
