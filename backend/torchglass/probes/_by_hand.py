"""Back-propagation by hand: the chain rule over a graph of dense layers, for one example. NumPy only, float64, and
independent of autograd, which it is tested against.

Rumelhart, Hinton, Williams (1986), *Learning representations by back-propagating errors*. Legend: D inputs, K units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from torchglass.probes._curves import CURVES

#: Layers that combine what arrives number by number.
JOINS = ("add", "multiply", "concatenate")
KINDS = ("linear", "prelu", *JOINS, *CURVES)


@dataclass(frozen=True, slots=True)
class Dense:
    """One layer. ``given`` is its value where nothing in front of it learns: the walk begins there."""

    id: str
    kind: str
    sources: Sequence[str]
    settings: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, np.ndarray] = field(default_factory=dict)
    given: np.ndarray | None = None


@dataclass(slots=True)
class Passed:
    """What became of one layer: its ``value`` (K,), the ``slope`` of its curve (K,), and, on the way back, the loss's
    ``gradient`` for its value, summed over all who read it, and for its parameters."""

    value: np.ndarray
    slope: np.ndarray | None = None
    gradient: np.ndarray | None = None
    parameters: dict[str, np.ndarray] = field(default_factory=dict)


def forward(layers: Sequence[Dense]) -> dict[str, Passed]:
    """Values of every layer, which stand in the order in which they are computed."""
    passed: dict[str, Passed] = {}
    for layer in layers:
        passed[layer.id] = _forward(layer, [passed[source].value for source in layer.sources])
    return passed


def _forward(layer: Dense, inputs: list[np.ndarray]) -> Passed:
    if layer.given is not None:
        return Passed(layer.given)
    if layer.kind == "linear":
        bias = layer.parameters.get("bias", 0.0)
        return Passed(layer.parameters["weight"] @ inputs[0] + bias)
    if layer.kind == "prelu":
        slope = np.where(inputs[0] > 0, 1.0, layer.parameters["weight"])
        return Passed(inputs[0] * slope, slope)
    if layer.kind in CURVES:
        return Passed(*CURVES[layer.kind](inputs[0], layer.settings))
    match layer.kind:
        case "add":
            return Passed(np.sum(inputs, axis=0))
        case "multiply":
            return Passed(np.prod(inputs, axis=0))
        case _:
            return Passed(np.concatenate(inputs))


def backward(layers: Sequence[Dense], passed: Mapping[str, Passed], output: str, gradient: np.ndarray) -> None:
    """From the loss's gradient for the output to that of every value and parameter, the last layer first. What a
    layer's readers send back adds up: that sum is computed once and used by everything in front of it."""
    passed[output].gradient = gradient
    for layer in reversed(layers):
        here = passed[layer.id]
        if layer.given is not None or here.gradient is None:
            continue
        inputs = [passed[source].value for source in layer.sources]
        for source, share in zip(layer.sources, _backward(layer, here, inputs), strict=True):
            before = passed[source]
            before.gradient = share if before.gradient is None else before.gradient + share


def _backward(layer: Dense, here: Passed, inputs: list[np.ndarray]) -> list[np.ndarray]:
    """What goes back to each source, (D,); the gradients of the parameters are left with the layer."""
    delta = here.gradient
    assert delta is not None
    if layer.kind == "linear":
        here.parameters["weight"] = np.outer(delta, inputs[0])  # (K, D)
        if "bias" in layer.parameters:
            here.parameters["bias"] = delta
        return [layer.parameters["weight"].T @ delta]
    if here.slope is not None:
        if layer.kind == "prelu":
            shares = delta * np.minimum(inputs[0], 0)
            whole = layer.parameters["weight"].size == 1
            here.parameters["weight"] = shares.sum(keepdims=True) if whole else shares
        return [delta * here.slope]
    if layer.kind == "multiply":
        return [delta * np.prod([x for j, x in enumerate(inputs) if j != i], axis=0) for i in range(len(inputs))]
    if layer.kind == "concatenate":
        return np.split(delta, np.cumsum([len(x) for x in inputs])[:-1])
    return [delta] * len(inputs)
