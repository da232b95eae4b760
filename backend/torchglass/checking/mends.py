"""One-click repairs that change the structure: a layer knows what is missing, the wiring knows where it goes."""

from __future__ import annotations

import re

from torchglass.checking.plan import Graph
from torchglass.checking.wiring import Scope
from torchglass.layers.base import Inputs, Layer
from torchglass.spec.network import Edge, Node
from torchglass.spec.problems import Insert, Mend, Patch, Problem
from torchglass.spec.shapes import Shape


def fresh_id(kind: str, taken: set[str]) -> str:
    """``conv2d`` -> the first free of ``conv1``, ``conv2`` ..., which is then taken."""
    stem = re.sub(r"(_*\d+d?)$", "", kind) or kind
    number = 1
    while f"{stem}{number}" in taken:
        number += 1
    taken.add(f"{stem}{number}")
    return f"{stem}{number}"


def mended(problem: Problem, scope: Scope, graph: Graph, layers: dict[str, Layer], taken: set[str]) -> Problem:
    """The problem of a node with every repair that the wiring allows."""
    node = problem.node
    assert node is not None
    edges = scope.incoming.get(node, [])
    offered = [problem.mend, *problem.others, *_joined(node, scope, graph, layers)]
    placed = [mend for offer in offered if offer is not None and (mend := _placed(offer, node, edges, taken))]
    return problem.model_copy(update={"mend": placed[0] if placed else None, "others": placed[1:]})


def _placed(mend: Mend, node: str, edges: list[Edge], taken: set[str]) -> Mend | None:
    """The repair with its place; None where there is no such connection."""
    if mend.insert is None:
        return mend
    if mend.insert.index >= len(edges):
        return None
    return mend.model_copy(update={"patch": _between(mend.insert, edges[mend.insert.index], taken), "insert": None})


def _between(insert: Insert, edge: Edge, taken: set[str]) -> Patch:
    """Cuts a connection and puts the layer between."""
    node = Node(id=fresh_id(insert.kind, set(taken)), kind=insert.kind, config=insert.config)
    into = Edge(source=edge.source, source_port=edge.source_port, target=node.id)
    out = Edge(source=node.id, target=edge.target, target_port=edge.target_port)
    return Patch(remove_edges=[edge], add_nodes=[node], add_edges=[into, out])


def _joined(node: str, scope: Scope, graph: Graph, layers: dict[str, Layer]) -> list[Mend]:
    """Repairs of a node that joins branches of different shapes: fit the shortcut to the long way, or that to it."""
    edges = scope.incoming.get(node, [])
    plans = [graph.nodes.get(edge.source) for edge in edges]
    if len(edges) < 2 or any(plan is None for plan in plans):
        return []
    shapes = [next(iter(plan.outputs.values())) for plan in plans if plan is not None and plan.outputs]
    if len(shapes) < len(edges):
        return []
    order = {name: place for place, name in enumerate(scope.order)}
    oldest = min(range(len(edges)), key=lambda index: order[edges[index].source])
    inputs: Inputs = {"in": list(shapes)}
    found = layers[node].mends(inputs, oldest)
    other = next((n for n, shape in enumerate(shapes) if n != oldest and shape.sizes != shapes[oldest].sizes), None)
    if found and other is not None:
        found += _match(edges[other].source, shapes[oldest], shapes[other], graph)
    return found


def _match(source: str, wanted: Shape, given: Shape, graph: Graph) -> list[Mend]:
    """Gives the last layer with units on that branch as many as the other branch has."""
    axis = 0 if wanted.is_image else -1
    same = len(wanted.axes) == len(given.axes) and wanted.sizes[1:] == given.sizes[1:]
    if wanted.is_image and not same:
        return []
    plan = graph.nodes.get(source)
    while plan is not None and plan.layer.units is None:
        feeders = [origin for origins in plan.sources.values() for origin in origins]
        unchanged = list(plan.outputs.values()) == list(plan.inputs.values())
        plan = graph.nodes.get(feeders[0][0]) if len(feeders) == 1 and unchanged else None
    if plan is None or plan.layer.units is None:
        return []
    size = wanted.sizes[axis]
    name = plan.node.label or plan.node.id
    path = f"network.nodes.{plan.node.id}.config.{plan.layer.units}"
    return [Mend(label=f"Match the channels: {size} in {name}", path=path, value=size)]
