"""Activations by hand: value and slope of each curve, from its formula. NumPy only, float64, number by number."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

#: (value, slope) at x, with the settings of the layer.
Curve = Callable[[np.ndarray, Mapping[str, Any]], tuple[np.ndarray, np.ndarray]]


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + e⁻ˣ), which overflows on neither side."""
    small = np.exp(-np.abs(x))
    share: np.ndarray = np.where(x >= 0, 1 / (1 + small), small / (1 + small))
    return share


def _bent(x: np.ndarray, slope: Any) -> tuple[np.ndarray, np.ndarray]:
    """Straight on the right, with another slope on the left."""
    return np.where(x > 0, x, slope * x), np.where(x > 0, 1.0, slope) * np.ones_like(x)


def _leaky(x: np.ndarray, settings: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    slope = settings["negative_slope"]
    return _bent(x, 1 / slope if settings.get("form") == "textbook" else slope)


def _rrelu(x: np.ndarray, settings: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    return _bent(x, (settings["lower"] + settings["upper"]) / 2)


def _tanh(x: np.ndarray, settings: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    y = np.tanh(x)
    return y, 1 - y * y


def _sigmoid(x: np.ndarray, settings: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    y = sigmoid(x)
    return y, y * (1 - y)


def _silu(x: np.ndarray, settings: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    s = sigmoid(x)
    return x * s, s * (1 + x * (1 - s))


def _softplus(x: np.ndarray, settings: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    beta = settings["beta"]
    return np.logaddexp(0, beta * x) / beta, sigmoid(beta * x)


def _elu(x: np.ndarray, settings: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    alpha, left = settings["alpha"], np.exp(np.minimum(x, 0))
    return np.where(x > 0, x, alpha * (left - 1)), np.where(x > 0, 1.0, alpha * left)


def _gelu(x: np.ndarray, settings: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    if settings["approximate"] == "tanh":
        c = math.sqrt(2 / math.pi)
        t = np.tanh(c * (x + 0.044715 * x**3))
        return x * (1 + t) / 2, (1 + t) / 2 + x * (1 - t * t) * c * (1 + 3 * 0.044715 * x * x) / 2
    share = (1 + np.vectorize(math.erf, otypes=[float])(x / math.sqrt(2))) / 2
    return x * share, share + x * np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def _step(x: np.ndarray, settings: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """The slope is the pretended one: 1 within ±1 of the threshold (straight through), else nothing comes back."""
    over = x - settings["threshold"]
    near = (np.abs(over) <= 1) & settings["straight_through"]
    return (over > 0).astype(float), near.astype(float)


def _plain(x: np.ndarray, settings: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    return x, np.ones_like(x)


def _dropout(x: np.ndarray, settings: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Thins nothing outside of training; the textbook's form scales then."""
    scale = 1 - settings["p"] if settings.get("form") == "textbook" else 1.0
    return scale * x, np.full_like(x, scale)


CURVES: Mapping[str, Curve] = {
    "relu": lambda x, settings: _bent(x, 0.0),
    "leaky_relu": _leaky,
    "rrelu": _rrelu,
    "tanh": _tanh,
    "sigmoid": _sigmoid,
    "silu": _silu,
    "softplus": _softplus,
    "elu": _elu,
    "gelu": _gelu,
    "step": _step,
    "identity": _plain,
    "dropout": _dropout,
}
