"""From a set of pictures to an experiment that is worth starting: convolutions, each followed by normalisation."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from torchglass.pictures.library import Pictures

_CHANNELS = (16, 32, 64)
_SMALLEST, _LARGEST_BATCH, _BATCHES = 4, 64, 8


def draft(library: Pictures, pictures: str, *, side: int, colour: str, test_share: float) -> dict[str, Any]:
    """An experiment as a document. Raises TableError where there are no such pictures."""
    facts = library.facts(pictures)
    classes = [one["name"] for one in facts["classes"]]
    config = {
        "pictures": pictures,
        "name": facts["name"],
        "classes": classes,
        "sizes": [one["images"] for one in facts["classes"]],
        "side": side,
        "colour": colour,
        "test_share": test_share,
    }
    nodes = _nodes(side, len(classes))
    edges = [{"source": one["id"], "target": other["id"]} for one, other in pairwise(nodes)]
    return {
        "version": 1,
        "name": f"{facts['name']}: {len(classes)} classes"[:200],
        "description": f"Which of {len(classes)} classes a picture of “{facts['name']}” shows.",
        "seed": 1,
        "data": {
            "kind": "image_files",
            "config": config,
            "batch_size": max(4, min(_LARGEST_BATCH, facts["images"] // _BATCHES)),
            "prepare": [{"kind": "standardize", "config": {"field": "image"}}],
        },
        "network": {"nodes": nodes, "edges": edges},
        "recipe": {
            "kind": "supervised",
            "config": {"output": "dense", "target": "label", "loss": {"kind": "cross_entropy", "config": {}}},
        },
        "training": {"optimizers": {"model": {"kind": "adam", "config": {"lr": 0.002}}}},
    }


def _nodes(side: int, classes: int) -> list[dict[str, Any]]:
    """Convolutions until four pixels are left, then one dense layer."""
    nodes: list[dict[str, Any]] = [{"id": "input", "kind": "input", "config": {"field": "image"}, "label": "Picture"}]
    number = 0
    while side >= 2 * _SMALLEST or number == 0:
        channels = _CHANNELS[min(number, len(_CHANNELS) - 1)]
        number += 1
        settings = {"out_channels": channels, "kernel_size": 3, "padding": 1}
        nodes += [
            {"id": f"conv{number}", "kind": "conv2d", "config": settings, "label": f"Conv {number}"},
            {"id": f"norm{number}", "kind": "batch_norm", "config": {}},
            {"id": f"relu{number}", "kind": "relu", "config": {}},
            {"id": f"pool{number}", "kind": "max_pool2d", "config": {"kernel_size": 2}},
        ]
        side //= 2
    return [
        *nodes,
        {"id": "flatten", "kind": "flatten", "config": {}},
        {"id": "dropout", "kind": "dropout", "config": {"p": 0.5}},
        {"id": "dense", "kind": "linear", "config": {"out_features": classes}, "label": "Dense"},
    ]


__all__ = ["draft"]
