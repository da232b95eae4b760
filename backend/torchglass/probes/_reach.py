"""Which pixels of the picture a unit can see: arithmetic on kernels, strides, paddings and dilations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from torchglass.probes._windows import CONVOLUTIONS, POOLS, Window

if TYPE_CHECKING:
    from torchglass.probes.base import Capture
    from torchglass.spec.network import Network

#: Layers that treat every place by itself.
_PLACEWISE = frozenset(
    [
        "relu",
        "leaky_relu",
        "prelu",
        "rrelu",
        "elu",
        "selu",
        "gelu",
        "silu",
        "softplus",
        "sigmoid",
        "tanh",
        "step",
        "identity",
        "dropout",
        "batch_norm",
        "add",
        "multiply",
        "concatenate",
        "offset",
        "scale",
        "celu",
        "mish",
        "hardtanh",
    ]
)


@dataclass(frozen=True, slots=True)
class Reach:
    """Along one axis: unit i sees the pixels from ``start + i·jump`` on, ``size`` of them (before the edge cuts)."""

    jump: int = 1
    start: int = 0
    size: int = 1

    def through(self, kernel: int, stride: int, padding: int, dilation: int) -> Reach:
        """Behind a window that slides over it (Araujo, Norris, Sim 2019, *Computing receptive fields*)."""
        return Reach(
            self.jump * stride, self.start - padding * self.jump, self.size + dilation * (kernel - 1) * self.jump
        )

    def joined(self, other: Reach) -> Reach | None:
        """What either sees; None where they move at different paces."""
        if self.jump != other.jump:
            return None
        start = min(self.start, other.start)
        return Reach(self.jump, start, max(self.start + self.size, other.start + other.size) - start)

    def span(self, unit: int, length: int) -> tuple[int, int]:
        """(first pixel, number of pixels) of that unit, within a picture of so many."""
        first, last = self.start + unit * self.jump, self.start + unit * self.jump + self.size
        first, last = max(0, min(first, length)), max(0, min(last, length))
        return first, last - first


Reaches = tuple[Reach, Reach]


def reach_of(capture: Capture, node: str) -> Reaches | None:
    """(down, across) from the picture to that node; None where a unit sees all of it, or where no picture leads."""
    return _walk(capture, capture.network(), node, {})


def _walk(capture: Capture, network: Network, node: str, known: dict[str, Reaches | None]) -> Reaches | None:
    if node in known:
        return known[node]
    known[node] = None
    kind = network.node(node).kind
    shape = capture.shape(node)
    if kind == "input":
        known[node] = (Reach(), Reach()) if shape is not None and shape.is_image else None
        return known[node]
    found = [_walk(capture, network, edge.source, known) for edge in network.edges if edge.target == node]
    before = _union(found)
    if before is None or shape is None or not shape.is_image:
        return None
    if kind in CONVOLUTIONS + POOLS:
        window = Window.of(kind, capture.settings(node))
        down, across = (
            reach.through(window.kernel[a], window.stride[a], window.padding[a], window.dilation[a])
            for a, reach in enumerate(before)
        )
        before = down, across
    elif kind not in _PLACEWISE:
        return None
    known[node] = before
    return before


def _union(found: list[Reaches | None]) -> Reaches | None:
    if not found or found[0] is None:
        return None
    total = found[0]
    for other in found[1:]:
        if other is None:
            return None
        down, across = total[0].joined(other[0]), total[1].joined(other[1])
        if down is None or across is None:
            return None
        total = down, across
    return total
