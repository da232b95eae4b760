"""Who feeds whom, read off the document."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torchglass.probes.base import Capture
    from torchglass.spec.network import Network, Node
    from torchglass.spec.shapes import Shape

#: Layers behind which every feature is still one pixel of the picture in front of them.
_TRANSPARENT = frozenset({"flatten", "identity", "dropout", "input"})


def kind_of(network: Network, node: str) -> str:
    return network.node(node).kind


def feeder(network: Network, node: str) -> str | None:
    """The output (``node`` or ``node.port``) that feeds the first port of ``node``; None for none."""
    for edge in network.edges:
        if edge.target == node:
            return edge.source if edge.source_port == "out" else f"{edge.source}.{edge.source_port}"
    return None


def alone_after(network: Network, node: str) -> Node | None:
    """The only node that reads ``node``, where it reads nothing else; None where there is none."""
    readers = [edge.target for edge in network.edges if edge.source == node]
    if len(readers) != 1 or sum(edge.target == readers[0] for edge in network.edges) != 1:
        return None
    return network.node(readers[0])


def image_behind(capture: Capture, node: str) -> Shape | None:
    """Shape of the input image whose pixels reach ``node`` unchanged and flattened; None where there is none."""
    network = capture.network()
    here: str | None = feeder(network, node)
    for _ in range(len(network.nodes)):
        if here is None:
            return None
        name = here.partition(".")[0]
        kind = kind_of(network, name)
        if kind not in _TRANSPARENT:
            return None
        if kind == "input":
            shape = capture.shape(name)
            return shape if shape is not None and shape.is_image else None
        here = feeder(network, name)
    return None
