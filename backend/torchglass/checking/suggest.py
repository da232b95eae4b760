"""What fits the chosen data: whole networks for an empty canvas, and a head and a loss for an unfinished one."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from torchglass.checking.mends import fresh_id
from torchglass.checking.plan import Analysis
from torchglass.datasets.base import FieldSpec
from torchglass.spec.base import Choice
from torchglass.spec.network import Edge, Network, Node
from torchglass.spec.report import Suggestion
from torchglass.spec.shapes import Shape

#: Kind and settings of layers that follow one another.
Row = list[tuple[str, dict[str, Any]]]


def suggestions(analysis: Analysis) -> list[Suggestion]:
    """Nothing for a network that trains. Never raises."""
    fields = analysis.fields
    found = next((name for name, spec in fields.items() if spec.role == "input"), None)
    target = next((name for name, spec in fields.items() if spec.role == "target"), None)
    if found is None or target is None or analysis.experiment.recipe.kind != "supervised":
        return []
    nodes = analysis.experiment.network.nodes
    if all(node.kind == "input" for node in nodes) and len(nodes) <= 1:
        return _starts(found, fields[found].shape, target, fields[target])
    done = _completed(analysis, target, fields)
    return [] if done is None else [done]


def _answer(target: FieldSpec) -> tuple[int, str] | None:
    """(units, loss) that answer a target; None for targets that one layer can not answer."""
    if target.shape.dtype == "int" and not target.shape.axes and len(target.classes) >= 2:
        return len(target.classes), "cross_entropy"
    if target.shape.dtype == "float" and len(target.shape.axes) <= 1 and _fixed(target.shape):
        return target.shape.count(), "mse"
    return None


def _fixed(shape: Shape) -> bool:
    return all(isinstance(size, int) for size in shape.sizes)


def _starts(field: str, shape: Shape, target: str, spec: FieldSpec) -> list[Suggestion]:
    answer = _answer(spec)
    if answer is None or shape.dtype != "float" or not _fixed(shape):
        return []
    head: Row = [("linear", {"out_features": answer[0]})]
    found: list[tuple[str, str, Row]] = []
    if shape.is_image and min(shape.known()[1:]) >= 8:
        conv = {"kernel_size": 3, "padding": 1}
        pool: tuple[str, dict[str, Any]] = ("max_pool2d", {"kernel_size": 2})
        row: Row = [("conv2d", {"out_channels": 8, **conv}), ("relu", {}), pool]
        row += [("conv2d", {"out_channels": 16, **conv}), ("relu", {}), pool, ("flatten", {}), *head]
        found.append(("Small convolutional network", "Two convolutions with pooling, then one dense layer.", row))
    flat: Row = [("flatten", {})] if len(shape.axes) > 1 else []
    wide = 64 if shape.count() > 32 else 16
    hidden: Row = [("linear", {"out_features": wide}), ("relu", {})]
    deep = [*flat, *hidden, *hidden, *head]
    found.append(("Dense network", f"Two hidden layers of {wide} units with ReLU.", deep))
    found.append(("One dense layer", "The simplest there is: a weighted sum for every answer.", [*flat, *head]))
    return [_start(label, summary, row, field, target, answer[1]) for label, summary, row in found]


def _start(label: str, summary: str, row: Row, field: str, target: str, loss: str) -> Suggestion:
    taken = {"input"}
    nodes = [Node(id="input", kind="input", config={"field": field})]
    nodes += [Node(id=fresh_id(kind, taken), kind=kind, config=config) for kind, config in row]
    edges = [Edge(source=a.id, target=b.id) for a, b in itertools.pairwise(nodes)]
    network = Network(nodes=nodes, edges=edges)
    return Suggestion(
        kind="start", label=label, summary=summary, network=network, recipe=_recipe(nodes[-1].id, target, loss)
    )


def _recipe(output: str, target: str, loss: str) -> Choice:
    return Choice(kind="supervised", config={"output": output, "target": target, "loss": {"kind": loss, "config": {}}})


def _completed(analysis: Analysis, target: str, fields: Mapping[str, FieldSpec]) -> Suggestion | None:
    """The network with a head that answers the target; None if it has one, or if nothing can be put on."""
    answer = _answer(fields[target])
    tail = _tail(analysis)
    if answer is None or tail is None or not any(problem.severity == "error" for problem in analysis.problems):
        return None
    shape = analysis.shapes[tail]
    if shape.dtype != "float" or not _fixed(shape):
        return None
    network = analysis.experiment.network
    units, loss = answer
    row: Row = []
    if len(shape.axes) > 1:
        row += _flattened(shape)
    if row or shape.sizes != (units,):
        row.append(("linear", {"out_features": units}))
    recipe = _recipe(tail, target, loss)
    if not row and analysis.experiment.recipe.config.get("output") == tail and _same_loss(analysis, recipe):
        return None
    taken = {node.id for node in network.nodes}
    added = [Node(id=fresh_id(kind, taken), kind=kind, config=config) for kind, config in row]
    ids = [tail, *(node.id for node in added)]
    edges = [Edge(source=a, target=b) for a, b in itertools.pairwise(ids)]
    whole = network.model_copy(update={"nodes": [*network.nodes, *added], "edges": [*network.edges, *edges]})
    what = " and ".join([f"a dense layer with {units} units"] * bool(row) + [f"the loss {loss.replace('_', ' ')}"])
    return Suggestion(
        kind="complete",
        label="Complete it for me",
        summary=f"Adds {what}: the network then answers “{target}”.",
        network=whole,
        recipe=_recipe(ids[-1], target, loss),
    )


def _flattened(shape: Shape) -> Row:
    """Many large maps are averaged first: a dense layer on all their numbers would be most of the network."""
    if shape.is_image and shape.count() > 4096 and shape.known()[0] >= 16:
        return [("adaptive_avg_pool2d", {"output_size": 1}), ("flatten", {})]
    return [("flatten", {})]


def _tail(analysis: Analysis) -> str | None:
    """The last node of the main network that nothing reads and whose shape is known; never a bare input."""
    graph = analysis.main
    ends = [node for node in graph.order if node in graph.outputs and graph.nodes[node].input_ports]
    return ends[-1] if ends else None


def _same_loss(analysis: Analysis, recipe: Choice) -> bool:
    config = analysis.experiment.recipe.config
    loss = config.get("loss")
    kind = loss.get("kind") if isinstance(loss, dict) else None
    return (config.get("target"), kind) == (recipe.config["target"], recipe.config["loss"]["kind"])
