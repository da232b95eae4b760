"""Whatever is wrong with an experiment is said in words at its node and field, with a mend where there is one."""

from __future__ import annotations

import itertools
import json
from importlib import resources
from typing import Any

import pytest

from torchglass.catalog import parse_experiment, require, validate
from torchglass.spec.problems import ExperimentError, Problem


@pytest.fixture
def document() -> dict[str, Any]:
    text = resources.files("torchglass.presets").joinpath("mnist_cnn.json").read_text(encoding="utf-8")
    experiment: dict[str, Any] = json.loads(text)["experiment"]
    return experiment


def node(document: dict[str, Any], node_id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(item for item in document["network"]["nodes"] if item["id"] == node_id)
    return found


def edges(document: dict[str, Any]) -> list[dict[str, str]]:
    listed: list[dict[str, str]] = document["network"]["edges"]
    return listed


def problems(document: dict[str, Any]) -> list[Problem]:
    report = validate(parse_experiment(document))
    assert report.ok == (not any(problem.severity == "error" for problem in report.problems))
    return report.problems


def only(document: dict[str, Any]) -> Problem:
    found = problems(document)
    assert len(found) == 1, found
    assert not require_passes(document)
    return found[0]


def require_passes(document: dict[str, Any]) -> bool:
    try:
        require(parse_experiment(document))
    except ExperimentError:
        return False
    return True


def test_unknown_kind_names_the_nearest(document: dict[str, Any]) -> None:
    node(document, "relu1")["kind"] = "rellu"
    problem = only(document)
    assert (problem.node, problem.field) == ("relu1", "kind")
    assert "“relu”" in problem.message
    assert problem.mend is not None
    assert (problem.mend.path, problem.mend.value) == ("network.nodes.relu1.kind", "relu")


@pytest.mark.parametrize(
    ("config", "field", "words"),
    [
        ({"kernel_size": 0}, "kernel_size", "at least 1 (it is 0)"),
        ({"kernel_size": True}, "kernel_size", "whole number (it is true)"),
        ({"kernel_size": "3"}, "kernel_size", "whole number"),
        ({"kernel_size": 2.5}, "kernel_size", "whole number"),
        ({"kernel_size": None}, "kernel_size", "whole number (it is empty)"),
        ({"kernel_size": [3]}, "kernel_size", "whole number"),
        ({"kernel_size": 99}, "kernel_size", "does not fit into an image of 28×28"),
        ({"out_channels": 10**9}, "out_channels", "at most 65536"),
        ({"out_chanels": 3}, "out_chanels", "did you mean “out_channels”?"),
        ({"groups": 3}, "groups", "3 groups do not divide the 1 channels"),
        ({"dilation": 20}, "kernel_size", "spread over"),
    ],
)
def test_bad_settings(document: dict[str, Any], config: dict[str, Any], field: str, words: str) -> None:
    node(document, "conv1")["config"] |= config
    problem = only(document)
    assert (problem.node, problem.field) == ("conv1", field)
    assert words in problem.message


def test_image_into_dense_offers_a_flatten(document: dict[str, Any]) -> None:
    del edges(document)[-2:]
    document["network"]["nodes"] = [item for item in document["network"]["nodes"] if item["id"] != "flatten"]
    edges(document).append({"source": "pool2", "target": "dense"})
    problem = only(document)
    assert problem.node == "dense"
    assert problem.mend is not None
    assert problem.mend.patch is not None
    assert [(item.id, item.kind) for item in problem.mend.patch.add_nodes] == [("flatten1", "flatten")]


def test_cycle_names_its_nodes_and_the_edge_to_remove(document: dict[str, Any]) -> None:
    edges(document)[1] = {"source": "conv2", "target": "relu1"}
    problem = only(document)
    assert "relu1 → pool1 → conv2 → relu1" in problem.message
    assert problem.mend is not None
    assert problem.mend.patch is not None
    assert [(edge.source, edge.target) for edge in problem.mend.patch.remove_edges] == [("conv2", "relu1")]


def test_node_connected_to_itself(document: dict[str, Any]) -> None:
    edges(document)[1] = {"source": "relu1", "target": "relu1"}
    assert "relu1 → relu1" in only(document).message


def test_open_input(document: dict[str, Any]) -> None:
    del edges(document)[3]
    problem = only(document)
    assert (problem.node, problem.field) == ("conv2", "in")


def test_two_producers_on_one_port(document: dict[str, Any]) -> None:
    edges(document).append({"source": "input", "target": "conv2"})
    assert "takes only one" in only(document).message


@pytest.mark.parametrize("end", ["source", "target"])
def test_dangling_edge(document: dict[str, Any], end: str) -> None:
    edges(document).append({"source": "relu1", "target": "relu1", end: "nowhere"})
    assert "“nowhere”" in only(document).message


def test_duplicate_ids(document: dict[str, Any]) -> None:
    document["network"]["nodes"].append({"id": "relu1", "kind": "tanh"})
    assert "unique" in only(document).message


def test_wrong_port_is_one_problem_that_lists_the_ports(document: dict[str, Any]) -> None:
    edges(document)[1] |= {"target_port": "left"}
    assert "“in”" in only(document).message


def test_wrong_source_port(document: dict[str, Any]) -> None:
    edges(document)[1] |= {"source_port": "left"}
    assert only(document).node == "conv1"


def test_unknown_data_set_is_not_blamed_on_the_input(document: dict[str, Any]) -> None:
    document["data"]["kind"] = "mnst"
    problem = only(document)
    assert problem.field == "data.kind"
    assert problem.mend is not None
    assert (problem.mend.path, problem.mend.value) == ("data.kind", "mnist")


def test_unknown_field(document: dict[str, Any]) -> None:
    node(document, "input")["config"]["field"] = "imag"
    problem = only(document)
    assert problem.mend is not None
    assert problem.mend.value == "image"


def test_loss_against_output(document: dict[str, Any]) -> None:
    node(document, "dense")["config"]["out_features"] = 9
    problem = only(document)
    assert "9 scores" in problem.message
    assert problem.mend is not None
    assert problem.mend.path == "network.nodes.dense.config.out_features"


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("recipe.config.loss.kind", "cross_entropi", "recipe.config.loss.kind"),
        ("recipe.kind", "supervized", "recipe.kind"),
        ("training.optimizers.model.config.lr", 1e9, "training.optimizers.model.config.lr"),
        ("training.optimizers.model.kind", "adem", "training.optimizers.model.kind"),
        ("training.optimizers", {}, "training.optimizers.model"),
        ("training.schedule", {"kind": "constnt", "config": {}}, "training.schedule.kind"),
        ("data.prepare", [{"kind": "standardize", "config": {"field": "img"}}], "data.prepare.0.config.field"),
        ("data.augment", [{"kind": "flip", "config": {}}], "data.augment.0.kind"),
        ("network", {}, "network.nodes"),
    ],
)
def test_learning_settings(document: dict[str, Any], path: str, value: Any, field: str) -> None:
    place = document
    *steps, last = path.split(".")
    for step in steps:
        place = place[step]
    place[last] = value
    assert field in [problem.field for problem in problems(document)]


def test_stage_overrides_are_checked(document: dict[str, Any]) -> None:
    nonsense = {"kind": "nonsense", "config": {}}
    document["stages"] = [{}, {"recipe": nonsense}, {"data": nonsense}]
    found = [problem.field for problem in problems(document) if problem.severity == "error"]
    assert found == ["stages.1.recipe.kind", "stages.2.data.kind"]


def test_tie_that_does_not_fit(document: dict[str, Any]) -> None:
    for target in ("conv1.weight", "nowhere.weight", "dense.weight", "conv1.scale"):
        node(document, "dense")["tied"] = {"weight": target}
        assert only(document).field == "tied.weight"
    node(document, "dense")["tied"] = {"scale": "conv1.weight"}
    assert only(document).field == "tied.scale"


def test_tied_weights_count_once(document: dict[str, Any]) -> None:
    for number in (1, 2):
        document["network"]["nodes"].append({"id": f"t{number}", "kind": "linear", "config": {"out_features": 10}})
    document["network"]["edges"] += [{"source": "dense", "target": "t1"}, {"source": "t1", "target": "t2"}]
    untied = validate(parse_experiment(document)).parameters
    node(document, "t2")["tied"] = {"weight": "t1.weight"}
    report = validate(parse_experiment(document))
    assert report.ok
    assert report.parameters == untied - 100


def test_batch_norm_of_vectors_needs_two_examples(document: dict[str, Any]) -> None:
    document["network"]["nodes"].append({"id": "norm", "kind": "batch_norm"})
    edges(document).append({"source": "flatten", "target": "norm"})
    document["data"]["batch_size"] = 1
    assert only(document).field == "data.batch_size"


def test_ten_gigabytes_are_refused_with_the_numbers(document: dict[str, Any]) -> None:
    node(document, "dense")["config"]["out_features"] = 1_000_000
    found = " ".join(problem.message for problem in problems(document))
    assert "GB" in found
    assert "785,000,000" not in found or "weights" in found
    assert not require_passes(document)


def test_products_beyond_machine_integers(document: dict[str, Any]) -> None:
    ids = ["flatten", *(f"wide{number}" for number in range(40))]
    for before, after in itertools.pairwise(ids):
        document["network"]["nodes"].append({"id": after, "kind": "concatenate"})
        edges(document).extend([{"source": before, "target": after}] * 16)
    found = problems(document)
    assert any("far too many" in problem.message for problem in found)
    json.loads(validate(parse_experiment(document)).model_dump_json())


def test_long_step_is_refused(document: dict[str, Any]) -> None:
    node(document, "conv2")["config"] |= {"out_channels": 60_000, "kernel_size": 7}
    node(document, "conv1")["config"] |= {"out_channels": 60_000}
    assert any("One step would take" in problem.message for problem in problems(document))
