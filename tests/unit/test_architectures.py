"""What the small architectures of record promise about their sizes is so."""

from __future__ import annotations

from typing import Any

import pytest

from torchglass.catalog import validate
from torchglass.presets import load_preset, presets
from torchglass.spec.report import CheckReport

ARCHITECTURES = (
    *("lenet", "alexnet-mini", "vgg-mini", "inception-mini", "resnet-mini", "senet-mini", "densenet-mini"),
    *("mobilenet-mini", "nin", "plain-20", "resnet-20", "scaled-skip"),
)


def report(preset: str) -> CheckReport:
    return validate(load_preset(preset))


def parameters(preset: str) -> int:
    return report(preset).parameters


def document(preset: str) -> dict[str, Any]:
    return load_preset(preset).model_dump(mode="json")


@pytest.mark.parametrize("preset", ARCHITECTURES)
def test_they_stand_in_the_chapter_and_a_step_is_short(preset: str) -> None:
    assert presets()[preset].chapter == "convolutional networks"
    found = report(preset)
    assert found.problems == []
    assert found.step_seconds < 0.04  # the check's own guess for one core


def test_lenet_is_that_of_the_paper() -> None:
    """LeCun et al. (1998), section II.B, without the table of which maps of S2 reach C3 and without the learned
    pooling: 61,706 parameters, nearly all of them in the dense layers, while the convolutions do the work."""
    found = report("lenet")
    dense = [node for node in found.nodes if node.kind == "linear"]
    convolutions = [node for node in found.nodes if node.kind == "conv2d"]
    assert found.parameters == 61_706
    assert [node.parameters for node in convolutions] == [156, 2416]
    assert round(sum(node.parameters for node in dense) / found.parameters, 2) == 0.96
    assert round(sum(node.multiply_adds for node in convolutions) / found.multiply_adds, 2) == 0.86


def test_the_others_are_as_small_as_they_say() -> None:
    lenet = parameters("lenet")
    assert 6.5 < lenet / parameters("inception-mini") < 8  # a seventh
    assert lenet / parameters("densenet-mini") > 5  # a fifth
    assert not any(node.kind == "linear" for node in report("nin").nodes)
    assert 400 < 60e6 / parameters("alexnet-mini") < 500  # 1/460 of the original


def test_separable_convolutions_do_a_sixth_of_the_work_of_whole_ones() -> None:
    """The same network with each depthwise and pointwise pair as one 3×3 convolution."""
    whole = document("mobilenet-mini")
    nodes = {node["id"]: node for node in whole["network"]["nodes"]}
    pairs = [members for name, members in whole["network"]["parts"].items() if name.startswith("separable")]
    assert len(pairs) == 3
    separable = report("mobilenet-mini")
    work = {node.id: node.multiply_adds for node in separable.nodes}
    shapes = {node.id: node.outputs["out"] for node in separable.nodes}
    ours = theirs = 0
    for members in pairs:
        depthwise, pointwise = (nodes[name] for name in members if nodes[name]["kind"] == "conv2d")
        places = int(shapes[pointwise["id"]].axes[1].size) * int(shapes[pointwise["id"]].axes[2].size)
        ours += work[depthwise["id"]] + work[pointwise["id"]]
        theirs += places * depthwise["config"]["groups"] * pointwise["config"]["out_channels"] * 9
    assert 6 < theirs / ours < 8


def test_the_three_deep_twins_differ_by_their_shortcuts_alone() -> None:
    def layers(preset: str) -> list[Any]:
        nodes = document(preset)["network"]["nodes"]
        return [(node["id"], node["kind"], node["config"]) for node in nodes if node["kind"] not in ("add", "scale")]

    plain, residual, scaled = (document(name) for name in ("plain-20", "resnet-20", "scaled-skip"))
    assert layers("plain-20") == layers("resnet-20") == layers("scaled-skip")
    for key in ("data", "recipe", "training", "seed"):
        assert plain[key] == residual[key] == scaled[key]
    weighted = [node for node in plain["network"]["nodes"] if node["kind"] in ("conv2d", "linear")]
    assert len(weighted) == 20
    assert not any(node["kind"] == "batch_norm" for node in plain["network"]["nodes"])
