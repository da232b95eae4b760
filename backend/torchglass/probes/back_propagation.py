"""Back-propagation with numbers: one example forwards through a dense network, and its loss back along the graph."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from torchglass.probes import base
from torchglass.probes._numbers import array, finite, listed_terms
from torchglass.probes.base import Capture, Needs, Picture, Probe, Target
from torchglass.spec.base import Name

if TYPE_CHECKING:
    import numpy as np

    from torchglass.probes._by_hand import Dense, Passed

#: Units of a layer that are shown at once; `windows` says from which one on.
SHOWN = 12


class ByHandError(ValueError):
    """Why this network can not be gone through by hand, in words."""


class BackPropagation(Probe):
    kind = "back_propagation"
    label = "Back-propagation"
    group = "gradients"
    summary = "One example through a dense network: values forwards, then the chain rule's factors backwards."
    docs = (
        "The loss (1), exact. `layers` in the extra, in the order of computation: `values`, the loss's `gradient` for "
        "them, the `slope` of a curve, `weights` and `bias`, 12 units of each, from unit `first` on: `windows` sets it "
        "for the layer named by `root`. Computed "
        "in NumPy from the formulas, not by autograd, which it is tested against. `chosen` takes one weight through "
        "the next update with the gradient of this example alone. Where something in the network is neither dense nor "
        "elementwise, `problem` says so.\n\n"
        "Source: Rumelhart, Hinton, Williams (1986), *Learning representations by back-propagating errors*."
    )
    formula = (
        r"\delta_j = \varphi'(z_j) \sum_k w_{kj}\,\delta_k, \qquad \frac{\partial L}{\partial w_{ji}} = \delta_j x_i"
    )
    scope = "network"

    class Config(base.Config):
        layer: Annotated[Name | None, Field(title="Layer", description="Of the weight that is updated.")] = None
        unit: Annotated[int, Field(ge=0, lt=10**6, title="Unit", description="Whose weight it is.")] = 0
        input: Annotated[int, Field(ge=0, lt=10**6, title="Input", description="Which input it weighs.")] = 0
        windows: Annotated[
            dict[Name, Annotated[int, Field(ge=0, lt=10**6)]],
            Field(max_length=64, title="Windows", description="The first unit that is shown of a larger layer."),
        ] = Field(default_factory=dict)

    def needs(self, target: Target) -> Needs:
        return Needs(everything=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(1,) the loss; 0 with a ``problem`` in words where there is none to go back from."""
        import numpy as np

        try:
            layers, passed, loss, output = walk(capture)
        except ByHandError as problem:
            return Picture(np.zeros(1, np.float32), ("loss",), encoding="exact", extra={"problem": str(problem)})
        extra: dict[str, Any] = {
            "layers": _all_told(layers, passed, self.config.windows),
            "output": output,
            "loss": finite(loss),
            "target": [finite(value) for value in _wanted(capture)[:SHOWN]],
            "classes": list(capture.classes()),
            "chosen": self._chosen(layers, passed, capture),
        }
        return Picture(np.asarray([extra["loss"]], np.float32), ("loss",), encoding="exact", extra=extra)

    def _chosen(self, layers: list[Dense], passed: Mapping[str, Passed], capture: Capture) -> dict[str, Any] | None:
        """One weight's gradient and its update; the first dense layer's where none is named."""
        dense = [layer for layer in layers if layer.kind == "linear" and passed[layer.id].parameters]
        layer = next((one for one in dense if one.id == self.config.layer), dense[0] if dense else None)
        if layer is None:
            return None
        weight = layer.parameters["weight"]
        unit, place = min(self.config.unit, weight.shape[0] - 1), min(self.config.input, weight.shape[1] - 1)
        gradients = {f"{one}.{name}": g for one, found in passed.items() for name, g in found.parameters.items()}
        delta = passed[layer.id].gradient
        assert delta is not None
        return {
            "layer": layer.id,
            "unit": unit,
            "input": place,
            "weight": finite(weight[unit, place]),
            "value": finite(passed[layer.sources[0]].value[place]),
            "delta": finite(delta[unit]),
            "gradient": finite(passed[layer.id].parameters["weight"][unit, place]),
            "terms": listed_terms(capture.update(f"{layer.id}.weight", (unit, place), gradients)),
        }


def walk(capture: Capture) -> tuple[list[Dense], dict[str, Passed], float, str]:
    """Layers in order, what became of each, the loss and the output node. ByHandError in words."""
    from torchglass.probes._by_hand import backward, forward
    from torchglass.probes._errors import error

    objective = capture.objective()
    if objective is None:
        raise ByHandError("This recipe compares no output with a target: there is no loss to go back from.")
    if objective.target not in capture.example():
        raise ByHandError("This example has no label, so no loss.")
    silenced = sorted(capture.silenced())
    if silenced:
        raise ByHandError(f"“{silenced[0]}” is silenced by hand: let it go to follow the chain rule number by number.")
    layers = _layers(capture, objective.output)
    passed = forward(layers)
    output = passed[objective.output].value
    try:
        loss, gradient = error(objective.loss, objective.settings, output, _wanted(capture))
    except KeyError:
        raise ByHandError(f"The loss “{objective.loss}” is not known by hand yet.") from None
    backward(layers, passed, objective.output, gradient)
    return layers, passed, loss, objective.output


def _wanted(capture: Capture) -> np.ndarray:
    objective = capture.objective()
    assert objective is not None
    return capture.example()[objective.target].detach().cpu().double().numpy().reshape(-1)


def _layers(capture: Capture, output: str) -> list[Dense]:
    """What the output depends on, in the order in which it is computed; what nothing learns in front of is given."""
    network = capture.network()
    sources: dict[str, list[str]] = {node.id: [] for node in network.nodes}
    for edge in network.edges:
        sources[edge.target].append(edge.source)
    wanted, waiting = set(), [output]
    while waiting:
        node = waiting.pop()
        if node not in wanted:
            wanted.add(node)
            waiting += sources[node]
    learns: set[str] = set()
    layers = []
    for node in TopologicalSorter({one: sources[one] for one in sorted(wanted)}).static_order():
        if capture.parameter_names(node) or learns.intersection(sources[node]):
            learns.add(node)
        layers.append(_layer(capture, node, sources[node], node not in learns))
    order = {node.id: place for place, node in enumerate(network.nodes)}
    written = sorted(layers, key=lambda layer: order[layer.id])
    forwards = all(order[source] < order[layer.id] for layer in layers for source in layer.sources)
    return written if forwards else layers  # as people wrote it, where that is an order of computation


def _layer(capture: Capture, node: str, sources: list[str], given: bool) -> Dense:
    import numpy as np

    from torchglass.probes._by_hand import KINDS, Dense

    kind = capture.network().node(node).kind
    if given:
        value = array(capture.activation(node)[0]).astype(np.float64)
        return Dense(node, kind, [], given=value)
    if kind not in KINDS:
        name = capture.network().node(node).label or node
        raise ByHandError(f"“{name}” ({kind}) is no dense layer: by hand only networks of dense layers are shown.")
    for source in sources:
        shape = capture.shape(source)
        if shape is not None and len(shape.axes) != 1:
            raise ByHandError(f"“{node}” works on more than vectors: flatten what it gets to go through it by hand.")
    names = [name.partition(".")[2] for name in capture.parameter_names(node)]
    parameters = {name: capture.parameter(f"{node}.{name}").detach().cpu().double().numpy() for name in names}
    return Dense(node, kind, sources, capture.settings(node), parameters)


def _all_told(layers: list[Dense], passed: Mapping[str, Passed], windows: Mapping[str, int]) -> list[dict[str, Any]]:
    """Every layer as JSON, of larger ones a window. What works number by number has the window of what feeds it."""
    roots: dict[str, str] = {}
    first: dict[str, int] = {}
    for layer in layers:
        size = passed[layer.id].value.size
        follows = layer.given is None and len(layer.sources) == 1 and layer.kind != "linear"
        source = layer.sources[0] if follows and passed[layer.sources[0]].value.size == size else layer.id
        roots[layer.id] = roots.get(source, layer.id)
        first[layer.id] = max(0, min(windows.get(roots[layer.id], 0), size - SHOWN))
    return [
        _told(layer, passed[layer.id], first[layer.id], first[layer.sources[0]] if layer.sources else 0)
        | {"root": roots[layer.id]}
        for layer in layers
    ]


def _told(layer: Dense, passed: Passed, first: int, before: int) -> dict[str, Any]:
    """One layer as JSON, its units from ``first`` on, its weights for the inputs from ``before`` on."""

    def listed(values: np.ndarray | None) -> Any:
        import numpy as np

        if values is None:
            return None
        shown = values[first : first + SHOWN]
        if values.ndim == 2:
            shown = shown[:, before : before + SHOWN]
        return np.nan_to_num(shown, posinf=0.0, neginf=0.0).tolist()

    flat = passed.value.reshape(-1)
    return {
        "id": layer.id,
        "kind": layer.kind,
        "sources": list(layer.sources),
        "size": int(flat.size),
        "first": first,
        "values": listed(flat),
        "gradient": listed(passed.gradient) if layer.given is None else None,
        "slope": listed(passed.slope) if layer.given is None else None,
        "weights": listed(layer.parameters.get("weight")) if layer.kind == "linear" else None,
        "bias": listed(layer.parameters.get("bias")),
    }
