"""Random networks that fit together: every layer is one of the registry's that take what arrives there.

What `experiment_strategies` grows is refused three times out of four and seldom deep; these are sound by construction,
so that each of them can be trained, exported and compared.
"""

from __future__ import annotations

from typing import Any

from hypothesis import assume
from hypothesis import strategies as st
from tests.unit.experiment_strategies import Document, choice_of, faults, put, settings_of, take

from torchglass.catalog import analyse, parse_experiment
from torchglass.datasets.base import DATASETS
from torchglass.layers.base import LAYERS
from torchglass.losses.base import LOSSES
from torchglass.optimizers.base import OPTIMIZERS
from torchglass.schedules.base import SCHEDULES
from torchglass.spec.shapes import Shape

_DATA = sorted(
    kind
    for kind in DATASETS
    if not DATASETS.make(kind, {}).problems()  # not of a file that is not here
    and any(field.role == "input" for field in DATASETS.make(kind, {}).fields().values())
)
_DATA += ["mnist"] * (len(_DATA) // 3)  # what works on images needs images
_LAYERS = {kind: settings_of(entry.Config.model_json_schema()) for kind, entry in LAYERS.items()}
#: Join several branches; what they read is chosen to have one shape.
_JOINS = ("add", "multiply", "concatenate")
#: Read nothing that a layer gives, or stand for a part of the network, which `_part` makes.
_OTHERWISE = ("input", "part_input", "part", "scan", "noise")
_OPTIMIZERS, _SCHEDULES = choice_of(OPTIMIZERS), choice_of(SCHEDULES)
#: Shape, its sizes apart -> kinds that take it.
_fitting: dict[tuple[Any, ...], list[str]] = {}


def _shapes(document: Document) -> dict[str, Shape]:
    return dict(analyse(parse_experiment(document)).shapes)


def _taking(document: Document, source: str, shape: Shape) -> list[str]:
    """Kinds of layers that take what ``source`` gives; found by trying each, once per kind of shape."""
    small = min((size for size in shape.sizes if isinstance(size, int)), default=1) < 4
    key = (tuple(axis.name for axis in shape.axes), shape.dtype, small)
    if key not in _fitting:
        _fitting[key] = []
        for kind in sorted(set(LAYERS) - set(_OTHERWISE)):
            _connect(document["network"], "try", kind, _sized(kind, shape, {}), [source])
            if not faults(document, "try"):
                _fitting[key].append(kind)
            take(document["network"], "try")
    return _fitting[key]


def _sized(kind: str, shape: Shape, config: Document) -> Document:
    """The settings, with as many units of state as arrive and as many words as there are."""
    width = shape.sizes[-1] if shape.sizes else 1
    needed = {"hidden_size": width, "num_embeddings": 64}
    return config | {name: value for name, value in needed.items() if name in LAYERS[kind].Config.model_fields}


def _connect(network: Document, name: str, kind: str, config: Document, sources: list[str]) -> None:
    """A node whose every input reads one of ``sources`` in turn; those that join read two."""
    ports = [port.name for port in LAYERS[kind].inputs] * (2 if kind in _JOINS else 1)
    put(network, name, kind, config, [sources[at % len(sources)] for at in range(len(ports))])
    for edge, port in zip(network["edges"][-len(ports) :] if ports else [], ports, strict=True):
        edge["target_port"] = port


@st.composite
def sound(draw: st.DrawFn) -> Document:
    """An experiment that the check accepts."""
    kind = draw(st.sampled_from(_DATA))
    fields = DATASETS.make(kind, {}).fields()
    entrances = [name for name, spec in fields.items() if spec.role == "input"]
    targets = [name for name, spec in fields.items() if spec.role == "target"] or entrances
    nodes = [{"id": f"in{n}", "kind": "input", "config": {"field": name}} for n, name in enumerate(entrances)]
    network: Document = {"nodes": nodes, "edges": [], "parts": {}}
    document: Document = {
        "seed": draw(st.integers(0, 2**53 - 1)),
        "data": {"kind": kind, "config": {}, "batch_size": draw(st.integers(2, 9)), "split": {"train": 30, "test": 9}},
        "network": network,
        "recipe": {"kind": "supervised", "config": {"output": "head", "target": draw(st.sampled_from(targets))}},
        "training": {
            "optimizers": {"model": draw(_OPTIMIZERS)},
            "schedule": draw(_SCHEDULES),
            "precision": draw(st.sampled_from(["float32"] * 4 + ["float64", "bfloat16"])),
            "stepper": "eager",
        },
    }
    if faults(document, field="schedule"):
        document["training"].pop("schedule")
    for number in range(draw(st.integers(1, 7))):
        _layer(draw, document, number)
    if draw(st.integers(0, 3)) == 0:
        _part(draw, document)
    _end(draw, document, len(fields[document["recipe"]["config"]["target"]].classes))
    return document


def _layer(draw: st.DrawFn, document: Document, number: int) -> None:
    """One layer more, behind the last or behind any other, with its usual settings where those drawn do not fit."""
    network, shapes = document["network"], _shapes(document)
    known = [node["id"] for node in network["nodes"] if node["id"] in shapes]
    source = known[-1] if draw(st.integers(0, 3)) else draw(st.sampled_from(known))
    kinds = _taking(document, source, shapes[source])
    alike = [name for name in known if shapes[name] == shapes[source]]
    kind = draw(st.sampled_from([*kinds, *(kind for kind in _JOINS if kind in kinds and len(alike) > 1)]))
    sources = [source, draw(st.sampled_from(alike))]
    _connect(network, f"n{number}", kind, _sized(kind, shapes[source], draw(_LAYERS[kind])), sources)
    if faults(document, f"n{number}"):
        network["nodes"][-1]["config"] = _sized(kind, shapes[source], {})
    if faults(document, f"n{number}"):
        take(network, f"n{number}")


def _part(draw: st.DrawFn, document: Document) -> None:
    """A part with weights of its own, called twice in a row."""
    network, last = document["network"], document["network"]["nodes"][-1]["id"]
    shape = _shapes(document).get(last)
    assume(shape is not None)
    assert shape is not None
    before = {key: list(value) if key != "parts" else {} for key, value in network.items()}
    put(network, "given", "part_input", {}, [])
    inner = "given"
    if len(shape.sizes) == 1 and isinstance(shape.sizes[0], int):
        put(network, "dense", "linear", {"out_features": shape.sizes[0]}, ["given"])
        inner = "dense"
    put(network, "bend", draw(st.sampled_from(["tanh", "relu", "silu", "softplus"])), {}, [inner])
    network["parts"] = {"twice": [name for name in ("given", "dense", "bend") if name == inner or name != "dense"]}
    for number, (source, port) in enumerate([(last, "out"), ("call0", "bend")]):
        put(network, f"call{number}", "part", {"part": "twice"}, [])
        network["edges"].append(
            {"source": source, "source_port": port, "target": f"call{number}", "target_port": "given"}
        )
    if any(faults(document, name) for name in ("given", "dense", "bend", "call0", "call1")):
        network.update(before)


def _end(draw: st.DrawFn, document: Document, classes: int) -> None:
    """Scores that the target asks for, and a loss that compares the two."""
    network, config = document["network"], document["recipe"]["config"]
    flat = draw(st.booleans())
    for flattened in (flat, not flat):
        for units in draw(st.permutations([max(1, classes), 1])):
            last = network["nodes"][-1]["id"]
            port = {"source_port": "bend"} if last == "call1" else {}
            if flattened:
                put(network, "flat", "flatten", {}, [last])
                network["edges"][-1].update(port)
            put(network, "head", "linear", {"out_features": units}, ["flat" if flattened else last])
            network["edges"][-1].update({} if flattened else port)
            for kind in draw(st.permutations(sorted(LOSSES))):
                config["loss"] = {"kind": kind, "config": {}}
                if not faults(document, "head") and not faults(document, field="recipe"):
                    return
            take(network, "head")
            take(network, "flat")
    assume(False)
