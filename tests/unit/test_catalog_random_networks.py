"""Random wiring never makes the check fail in another way than by reporting; what passes can be built and run."""

from __future__ import annotations

import time
from typing import Any

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from torchglass.catalog import analyse, parse_experiment, validate
from torchglass.layers.base import LAYERS
from torchglass.training.builder import build, initialise

ids = st.integers(0, 9).map(lambda number: f"n{number}")
configs: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "part": st.fixed_dictionaries({"part": st.sampled_from(["p", "q"])}),
    "scan": st.fixed_dictionaries(
        {"part": st.sampled_from(["p", "q"]), "over": st.lists(ids, min_size=1, max_size=2)},
        optional={"carry": st.dictionaries(ids, ids, max_size=2), "mask": st.booleans()},
    ),
    "input": st.fixed_dictionaries({"field": st.sampled_from(["source", "source_mask", "target_in"])}),
    "part_input": st.fixed_dictionaries({}, optional={"shape": st.lists(st.integers(1, 4), max_size=3)}),
    "linear": st.fixed_dictionaries({"out_features": st.integers(1, 4)}),
}
ports = st.sampled_from(["in", "in", "in", "state", "key", "memory", "value", "n1", "n2", "mask"])


@st.composite
def networks(draw: st.DrawFn) -> dict[str, Any]:
    nodes = []
    for number in range(draw(st.integers(1, 10))):
        kind = draw(st.sampled_from(sorted(LAYERS)))
        config = draw(configs.get(kind, st.just({})))
        nodes.append({"id": f"n{number}", "kind": kind, "config": config})
    edge = st.builds(
        lambda source, target, port: {"source": source, "target": target, "target_port": port}, ids, ids, ports
    )
    members = st.dictionaries(st.sampled_from(["p", "q"]), st.lists(ids, max_size=4), max_size=2)
    return {"nodes": nodes, "edges": draw(st.lists(edge, max_size=14)), "parts": draw(members)}


def document(network: dict[str, Any], output: str = "n0") -> dict[str, Any]:
    return {
        "data": {"kind": "reverse_sequences", "config": {}},
        "network": network,
        "recipe": {"kind": "supervised", "config": {"output": output, "target": "target"}},
        "training": {"optimizers": {"model": {"kind": "sgd", "config": {}}}},
    }


@settings(max_examples=200, deadline=None, derandomize=True)
@given(networks())
def test_validate_never_raises(network: dict[str, Any]) -> None:
    report = validate(parse_experiment(document(network)))
    assert all(problem.message.endswith((".", "?")) for problem in report.problems)
    report.model_dump_json()


@st.composite
def chains(draw: st.DrawFn) -> dict[str, Any]:
    """Layers that fit one another: a random chain over images, with shortcuts where shapes allow."""
    kinds = st.sampled_from(
        ["relu", "tanh", "gelu", "identity", "dropout", "batch_norm", "leaky_relu", "conv2d", "add"]
    )
    nodes = [{"id": "n0", "kind": "input", "config": {"field": "image"}}]
    edges = []
    for number in range(1, draw(st.integers(2, 8))):
        kind = draw(kinds)
        config = {"out_channels": draw(st.integers(1, 3)), "padding": 1} if kind == "conv2d" else {}
        nodes.append({"id": f"n{number}", "kind": kind, "config": config})
        edges.append({"source": f"n{number - 1}", "target": f"n{number}"})
        if kind == "add" and draw(st.booleans()):
            edges.append({"source": f"n{draw(st.integers(0, number - 1))}", "target": f"n{number}"})
    return {"nodes": nodes, "edges": edges}


@settings(max_examples=15, deadline=None, derandomize=True)
@given(chains())
def test_shapes_are_those_of_the_built_network(network: dict[str, Any]) -> None:
    raw = document(network) | {"data": {"kind": "mnist", "config": {}}}
    analysis = analyse(parse_experiment(raw))
    if any(problem.node for problem in analysis.errors if problem.field != "recipe.config.loss"):
        return
    model = build(analysis, torch.float32)
    initialise(model, analysis, 1)
    values = model.run({"image": torch.rand(2, 1, 28, 28)})
    for name, shape in analysis.shapes.items():
        assert tuple(values[name].shape) == (2, *shape.known())


def chain_of(count: int) -> dict[str, Any]:
    """A network of that many layers, no two of them alike in their settings."""
    nodes = [{"id": "n0", "kind": "input", "config": {"field": "image"}}]
    for number in range(1, count):
        config = {"out_channels": 4 + number % 7, "padding": 1} if number % 2 else {}
        nodes.append({"id": f"n{number}", "kind": "conv2d" if number % 2 else "relu", "config": config})
    edges = [{"source": f"n{number - 1}", "target": f"n{number}"} for number in range(1, count)]
    return {"nodes": nodes, "edges": edges}


def fastest(count: int) -> float:
    """Seconds of the fastest of some checks, which is what other work on the machine disturbs least."""
    experiment = parse_experiment(document(chain_of(count)) | {"data": {"kind": "mnist", "config": {}}})
    times = []
    for _ in range(8):
        start = time.process_time()
        validate(experiment)
        times.append(time.process_time() - start)
    return min(times)


def test_checking_is_fast() -> None:
    assert fastest(50) <= 0.010
    assert fastest(500) <= 0.060
