"""What passes along the roads that meet in an addition: the shortcut and the layers of a residual block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from torchglass.probes._numbers import finite
from torchglass.probes.base import Capture, Needs, Picture, Probe, Target

if TYPE_CHECKING:
    from torchglass.spec.network import Network

_MOST_JUNCTIONS = 64
#: Layers that leave a road what it is, up to a factor.
_PLAIN = frozenset({"identity", "scale"})


@dataclass(frozen=True, slots=True)
class Road:
    """From the fork to the addition: the output that arrives there and the layers on the way, in order."""

    arrives: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Junction:
    """An addition, the node at which its roads part (None where they have none in common), and the roads."""

    node: str
    fork: str | None
    roads: tuple[Road, ...]


class Roads(Probe):
    kind = "roads"
    label = "Both roads of a residual block"
    group = "gradients"
    summary = "Signal and gradient along the shortcut and along the layers, at every addition of the network."
    docs = (
        "Exact gradients (junction, road), 0 where there is none. `junctions` in the extra has for each addition: "
        "`node`, `fork` (where its roads part) and `roads`, each with the `nodes` on it, `plain` (nothing is computed "
        "on it but a factor), `signal`, the root mean square of what it brings to the addition, and `gradient`, that "
        "of the gradient of the mean loss that comes back to the fork along this road alone; on the fixed training "
        "batch. Null without a loss, or where the fork learns nothing.\n\n"
        "Source: He, Zhang, Ren, Sun (2016), *Identity mappings in deep residual networks*, equation 5."
    )
    formula = (
        r"\frac{\partial L}{\partial x} = \frac{\partial L}{\partial y}"
        r"\Big(1 + \frac{\partial F}{\partial x}\Big), \quad y = x + F(x)"
    )
    scope = "network"

    def needs(self, target: Target) -> Needs:
        return Needs(own_pass=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(junctions, roads) exact; None for a network that adds nothing up."""
        network = capture.network()
        found = junctions(network)[:_MOST_JUNCTIONS]
        if not found:
            return None
        ways = [(one.fork, road.arrives, one.node) for one in found for road in one.roads]
        measured = iter(capture.pulled_back(ways))
        kinds = {node.id: node.kind for node in network.nodes}
        told = [_told(one, [next(measured) for _ in one.roads], kinds) for one in found]
        values = np.zeros((len(found), max(len(one.roads) for one in found)), np.float32)
        for row, junction in enumerate(told):
            for column, road in enumerate(junction["roads"]):
                values[row, column] = road["gradient"] or 0.0
        extra = {"junctions": told}
        return Picture(values, ("junction", "road"), encoding="exact", signed=False, extra=extra)


def _told(one: Junction, measured: list[tuple[float, float | None]], kinds: Mapping[str, str]) -> dict[str, Any]:
    roads = [
        {
            "arrives": road.arrives,
            "nodes": list(road.nodes),
            "plain": all(kinds[node] in _PLAIN for node in road.nodes),
            "signal": finite(signal),
            "gradient": None if gradient is None else finite(gradient),
        }
        for road, (signal, gradient) in zip(one.roads, measured, strict=True)
    ]
    return {"node": one.node, "fork": one.fork, "roads": roads}


def junctions(network: Network) -> list[Junction]:
    """Every ``add`` of the network that something reaches, in the order of the computation; pure."""
    sources: dict[str, list[str]] = {node.id: [] for node in network.nodes}
    for edge in network.edges:
        sources[edge.target].append(edge.source)
    order = _ordered(sources)
    before: dict[str, frozenset[str]] = {}
    for node in order:
        before[node] = frozenset().union(*(before[source] | {source} for source in sources[node]))
    adds = {node.id for node in network.nodes if node.kind == "add"}
    places = {node: place for place, node in enumerate(order)}
    found = []
    for node in order:
        arriving = list(dict.fromkeys(sources[node]))
        if node not in adds or not arriving:
            continue
        common = frozenset.intersection(*(before[source] | {source} for source in arriving))
        fork = max(common, key=places.__getitem__, default=None) if len(arriving) > 1 else None
        roads = (Road(source, _between(fork, source, before, order)) for source in arriving)
        found.append(Junction(node, fork, tuple(roads)))
    return found


def _between(fork: str | None, end: str, before: Mapping[str, Iterable[str]], order: list[str]) -> tuple[str, ...]:
    """The nodes behind the fork up to ``end``, in order; none where the fork itself arrives."""
    if fork is None or fork == end:
        return ()
    return tuple(node for node in order if fork in before[node] and (node == end or node in before[end]))


def _ordered(sources: Mapping[str, list[str]]) -> list[str]:
    """Every node after those it reads."""
    waiting = {node: set(reads) for node, reads in sources.items()}
    order: list[str] = []
    while ready := [node for node, reads in waiting.items() if not reads]:
        order += ready
        waiting = {node: reads.difference(ready) for node, reads in waiting.items() if reads}
    return order
