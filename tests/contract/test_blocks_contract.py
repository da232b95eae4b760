"""Every block is made of layers that exist, fits where it is inserted, and trains."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest

from torchglass.blocks import Block, blocks
from torchglass.catalog import parse_experiment, validate
from torchglass.training.trainer import Trainer

CHANNELS = 12


def filled(value: Any) -> Any:
    """A setting with its rule carried out for ``CHANNELS`` arriving channels."""
    if isinstance(value, dict) and value.get("of") == "channels":
        return max(value.get("least", 1), round(CHANNELS * value.get("times", 1)))
    return value


def around(block: Block) -> dict[str, Any]:
    """A convolution (or a flattened image), the block, a head."""
    fragment = block.fragment
    images = block.kind != "fully_connected"
    first = {"kind": "conv2d", "config": {"out_channels": CHANNELS, "padding": 1}} if images else {"kind": "flatten"}
    nodes: list[dict[str, Any]] = [
        {"id": "image", "kind": "input", "config": {"field": "image"}},
        first | {"id": "before"},
    ]
    for node in fragment.nodes:
        config = {key: filled(value) for key, value in node.config.items()}
        nodes.append({"id": node.id, "kind": node.kind, "config": config})
    nodes += [{"id": "flat", "kind": "flatten"}, {"id": "scores", "kind": "linear", "config": {"out_features": 10}}]
    edges = [edge.model_dump() for edge in fragment.edges]
    edges += [{"source": "before", "target": entry} for entry in fragment.entry]
    after = ["flat", "scores"] if images else ["scores"]
    nodes = [node for node in nodes if images or node["id"] != "flat"]
    chain = [fragment.exit, *after]
    edges += [{"source": "image", "target": "before"}]
    edges += [{"source": a, "target": b} for a, b in itertools.pairwise(chain)]
    loss = {"kind": "cross_entropy", "config": {}}
    return {
        "data": {"kind": "mnist", "config": {}, "batch_size": 4, "split": {"train": 64, "test": 16}},
        "network": {"nodes": nodes, "edges": edges, "parts": {block.kind: [node.id for node in fragment.nodes]}},
        "recipe": {"kind": "supervised", "config": {"output": "scores", "target": "label", "loss": loss}},
        "training": {"optimizers": {"model": {"kind": "adam", "config": {}}}},
    }


def test_the_blocks_of_the_textbooks_are_there() -> None:
    assert set(blocks()) >= {
        "dense_block",
        "vgg",
        "residual",
        "residual_projection",
        "bottleneck",
        "squeeze_excitation",
        "inception",
    }


@pytest.mark.parametrize("kind", sorted(blocks()))
def test_block_checks_and_trains(kind: str) -> None:
    block = blocks()[kind]
    assert "Source: " in block.docs
    assert block.summary.endswith(".")
    assert {block.fragment.exit, *block.fragment.entry} <= {node.id for node in block.fragment.nodes}
    experiment = parse_experiment(around(block))
    assert validate(experiment).problems == []
    chunk = Trainer(experiment, device="cpu", threads=1).run(1)
    assert all(math.isfinite(value) for values in chunk.metrics.values() for value in values)
