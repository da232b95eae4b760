"""Repairs and suggestions: whatever the check proposes makes a network that checks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from torchglass.catalog import parse_experiment, validate
from torchglass.checking.mends import fresh_id
from torchglass.spec.problems import Mend
from torchglass.spec.report import CheckReport, Suggestion


def document(*nodes: tuple[str, str, dict[str, Any]], edges: str, output: str = "dense1") -> dict[str, Any]:
    """``edges``: ``"a>b b>c"``."""
    pairs = (item.split(">") for item in edges.split())
    return {
        "data": {"kind": "mnist", "config": {}},
        "network": {
            "nodes": [{"id": name, "kind": kind, "config": config} for name, kind, config in nodes],
            "edges": [{"source": source, "target": target} for source, target in pairs],
        },
        "recipe": {
            "kind": "supervised",
            "config": {"output": output, "target": "label", "loss": {"kind": "cross_entropy", "config": {}}},
        },
        "training": {"optimizers": {"model": {"kind": "adam", "config": {}}}},
    }


def check(raw: dict[str, Any]) -> CheckReport:
    return validate(parse_experiment(raw))


def mended(raw: dict[str, Any], mend: Mend) -> CheckReport:
    """The check after the repair, carried out on a copy as the interface does it."""
    copy = json.loads(json.dumps(raw))
    offer = json.loads(mend.model_dump_json())
    if offer["path"] is not None:
        _, _, name, _, key = offer["path"].split(".")
        next(node for node in copy["network"]["nodes"] if node["id"] == name)["config"][key] = offer["value"]
    if offer["patch"] is not None:
        patch, network = offer["patch"], copy["network"]
        gone = [(edge["source"], edge["target"]) for edge in patch["remove_edges"]]
        network["edges"] = [edge for edge in network["edges"] if (edge["source"], edge["target"]) not in gone]
        network["nodes"] += patch["add_nodes"]
        network["edges"] += patch["add_edges"]
    return check(copy)


INPUT = ("input", "input", {"field": "image"})
HEAD = [("flatten1", "flatten", {}), ("dense1", "linear", {"out_features": 10})]


def residual(**second: Any) -> dict[str, Any]:
    conv = {"kernel_size": 3, "padding": 1}
    layers = [
        ("conv1", "conv2d", {"out_channels": 8, **conv}),
        ("conv2", "conv2d", {"out_channels": 16, **conv, **second}),
        ("relu1", "relu", {}),
        ("add1", "add", {}),
    ]
    wires = "input>conv1 conv1>conv2 conv2>relu1 relu1>add1 conv1>add1 add1>flatten1 flatten1>dense1"
    return document(INPUT, *layers, *HEAD, edges=wires)


def test_a_skip_connection_gets_a_projection_or_the_channels_are_matched() -> None:
    (problem,) = check(residual()).problems
    assert problem.node == "add1"
    assert problem.mend is not None
    assert [mend.label for mend in (problem.mend, *problem.others)] == [
        "Add a projection on the skip connection",
        "Match the channels: 8 in conv2",
    ]
    for mend in (problem.mend, *problem.others):
        assert mended(residual(), mend).ok, mend


def test_a_skip_over_a_stride_is_projected_with_that_stride() -> None:
    raw = residual(stride=2)
    (problem,) = check(raw).problems
    assert problem.mend is not None
    assert problem.mend.patch is not None
    assert problem.mend.patch.add_nodes[0].config["stride"] == 2
    assert problem.others == []
    assert mended(raw, problem.mend).ok


def test_vectors_of_different_length_are_projected_by_a_dense_layer() -> None:
    layers = [
        ("flatten1", "flatten", {}),
        ("a", "linear", {"out_features": 32}),
        ("b", "linear", {"out_features": 10}),
        ("dense1", "add", {}),
    ]
    raw = document(INPUT, *layers, edges="input>flatten1 flatten1>a a>b a>dense1 b>dense1")
    (problem,) = check(raw).problems
    assert problem.mend is not None
    assert mended(raw, problem.mend).ok


def test_what_can_not_be_joined_has_no_false_mend() -> None:
    layers = [("flat", "flatten", {}), ("add1", "add", {})]
    raw = document(INPUT, *layers, edges="input>flat input>add1 flat>add1", output="add1")
    (problem,) = check(raw).problems
    assert problem.mend is None
    assert problem.others == []


def test_flatten_is_inserted_where_it_is_missing_and_units_follow_the_classes() -> None:
    raw = document(INPUT, ("dense1", "linear", {"out_features": 10}), edges="input>dense1")
    (problem,) = check(raw).problems
    assert problem.mend is not None
    assert mended(raw, problem.mend).ok
    raw = document(INPUT, ("f", "flatten", {}), ("dense1", "linear", {"out_features": 7}), edges="input>f f>dense1")
    (problem,) = check(raw).problems
    assert problem.mend is not None
    assert problem.mend.label == "use 10 units"
    assert mended(raw, problem.mend).ok


def taken(raw: dict[str, Any], suggestion: Suggestion) -> CheckReport:
    network, recipe = suggestion.network.model_dump(mode="json"), suggestion.recipe.model_dump(mode="json")
    return check({**raw, "network": network, "recipe": recipe})


@pytest.mark.parametrize("kind", ["mnist", "moons", "iris", "diabetes", "wine", "circle"])
def test_an_empty_canvas_suggests_what_fits_the_data(kind: str) -> None:
    raw = document(edges="") | {"data": {"kind": kind, "config": {}}}
    offered = check(raw).suggestions
    assert len(offered) >= 2
    assert {one.kind for one in offered} == {"start"}
    assert any("conv2d" in {node.kind for node in one.network.nodes} for one in offered) == (kind == "mnist")
    for one in offered:
        report = taken(raw, one)
        assert report.ok, (one.label, report.problems)
        assert report.suggestions == []


@pytest.mark.parametrize("filters", [8, 64])
def test_an_unfinished_network_is_completed(filters: int) -> None:
    raw = document(INPUT, ("conv1", "conv2d", {"out_channels": filters}), edges="input>conv1", output="nothing")
    (offer,) = check(raw).suggestions
    assert offer.kind == "complete"
    assert "10 units" in offer.summary
    report = taken(raw, offer)
    assert report.ok
    assert report.outputs == ["linear1"]
    kinds = {node.kind for node in offer.network.nodes}
    assert ("adaptive_avg_pool2d" in kinds) == (filters == 64)


def test_a_network_with_the_right_end_gets_its_loss_only() -> None:
    raw = document(INPUT, *HEAD, edges="input>flatten1 flatten1>dense1", output="flatten1")
    (offer,) = check(raw).suggestions
    assert len(offer.network.nodes) == 3
    assert taken(raw, offer).ok


def test_data_without_a_target_suggests_nothing() -> None:
    raw = document(edges="") | {"data": {"kind": "none", "config": {}}}
    assert check(raw).suggestions == []


def test_ids_are_free() -> None:
    names = {"conv1", "conv2"}
    assert fresh_id("conv2d", names) == "conv3"
    assert fresh_id("max_pool2d", names) == "max_pool1"
    assert fresh_id("gru_cell", names) == "gru_cell1"
