"""Dense layers that follow one another with nothing between them, and the one matrix that they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from torchglass.probes._graph import feeder, kind_of
from torchglass.probes._numbers import array, finite
from torchglass.probes.base import Capture, Needs, Picture, Probe, Target

if TYPE_CHECKING:
    from torchglass.spec.network import Network

#: Rows and columns of each matrix that are sent.
SHOWN = 48
#: Layers that leave the numbers as they are.
_NOTHING = frozenset({"identity", "flatten"})


class Product(Probe):
    kind = "product"
    label = "One matrix"
    group = "parameters"
    summary = "Dense layers with nothing between them, and the single matrix that says the same."
    docs = (
        "Exact values, one after the other: each layer's matrix from the first to the last, their product, its bias; "
        f"of each at most {SHOWN} rows and columns (`shown_rows`, `shown_columns` of `rows`, `columns`). `numbers` is "
        "how many the layers learn, `instead` how many the product has. `network` and `matrix` are the first number "
        "that each says of the source, `difference` the largest difference between the two."
    )
    formula = r"W_n(\cdots(W_1 x + b_1)\cdots) + b_n = W x + b, \quad W = W_n \cdots W_1"
    scope = "network"

    def needs(self, target: Target) -> Needs:
        return Needs(everything=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """One flat row, see ``docs``; None where no two dense layers follow one another."""
        network = capture.network()
        chain = dense_chain(network)
        if len(chain) < 2:
            return None
        factors = [array(capture.parameter(f"{node}.weight")).astype(np.float64) for node in chain]
        names = set(capture.parameter_names())
        product, bias = np.eye(factors[0].shape[1]), np.zeros(factors[0].shape[1])
        numbers = 0
        for node, weight in zip(chain, factors, strict=True):
            own = f"{node}.bias"
            added = array(capture.parameter(own)).astype(np.float64) if own in names else np.zeros(len(weight))
            product, bias = weight @ product, weight @ bias + added
            numbers += weight.size + (added.size if own in names else 0)
        matrices = [*factors, product]
        extra: dict[str, Any] = {
            "nodes": chain,
            "rows": [one.shape[0] for one in matrices],
            "columns": [one.shape[1] for one in matrices],
            "shown_rows": [min(SHOWN, one.shape[0]) for one in matrices],
            "shown_columns": [min(SHOWN, one.shape[1]) for one in matrices],
            "numbers": numbers,
            "instead": product.size + bias.size,
            **_said(capture, chain, product, bias),
        }
        cut = [one[:SHOWN, :SHOWN].reshape(-1) for one in matrices]
        values = np.nan_to_num(np.concatenate([*cut, bias[:SHOWN]])).astype(np.float32)
        return Picture(values, ("number",), encoding="exact", extra=extra)


def _said(capture: Capture, chain: list[str], product: np.ndarray, bias: np.ndarray) -> dict[str, float]:
    """What the layers and the one matrix say of the source."""
    before = feeder(capture.network(), chain[0])
    if before is None:
        return {}
    x = array(capture.activation(before)).astype(np.float64).reshape(-1)
    layers = array(capture.activation(chain[-1])).astype(np.float64).reshape(-1)
    if len(x) != product.shape[1] or len(layers) != len(bias):
        return {}  # the matrix is used at many places at once
    matrix = product @ x + bias
    return {
        "network": finite(layers[0]),
        "matrix": finite(matrix[0]),
        "difference": finite(np.abs(layers - matrix).max(initial=0)),
    }


def dense_chain(network: Network) -> list[str]:
    """The longest row of dense layers with nothing between them, from the first to the last."""
    linear = [node.id for node in network.nodes if node.kind == "linear"]
    rows = [list(_back(network, node))[::-1] for node in linear]
    return max(rows, key=len, default=[])


def _back(network: Network, node: str) -> Iterator[str]:
    """From a dense layer to those before it, as far as nothing stands between them."""
    here: str | None = node
    for _ in range(len(network.nodes)):
        if here is None or "." in here or kind_of(network, here) not in {"linear", *_NOTHING}:
            return
        if kind_of(network, here) == "linear":
            yield here
        here = feeder(network, here)
