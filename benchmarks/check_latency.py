"""How long the server takes for the check of networks of 50 and 500 nodes: from JSON text to JSON text."""

from __future__ import annotations

import itertools
import json
import sys
import time
from typing import Any

from figures import row, written
from torchglass.catalog import parse_experiment, validate
from torchglass.presets import presets

ROUNDS = 50
#: Nodes -> milliseconds.
GOALS = {50: 10.0, 500: 60.0}


def document(nodes: int) -> dict[str, Any]:
    """The opening preset, its last layer behind a long row of dense layers and activations."""
    raw: dict[str, Any] = presets()["mnist-softmax"].experiment.model_dump(mode="json")
    row: list[dict[str, Any]] = [
        {"id": "image", "kind": "input", "config": {"field": "image"}},
        {"id": "flat", "kind": "flatten", "config": {}},
    ]
    while len(row) < nodes - 1:
        dense = len(row) % 2 == 0
        row.append(
            {"id": f"n{len(row)}", "kind": "linear", "config": {"out_features": 64}}
            if dense
            else {"id": f"n{len(row)}", "kind": "relu", "config": {}}
        )
    row.append({"id": "scores", "kind": "linear", "config": {"out_features": 10}})
    raw["network"] = {
        "nodes": row,
        "edges": [{"source": a["id"], "target": b["id"]} for a, b in itertools.pairwise(row)],
    }
    raw["recipe"]["config"]["output"] = "scores"
    return raw


def measure(nodes: int) -> list[float]:
    """Milliseconds of each check. The least is what a machine does that has nothing else to do."""
    body = json.dumps(document(nodes))
    taken = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        report = validate(parse_experiment(json.loads(body)))
        report.model_dump_json()
        taken.append((time.perf_counter() - begin) * 1000)
    assert not [problem for problem in report.problems if problem.severity == "error"], report.problems
    return taken


def main() -> int:
    rows = [
        row(f"check of a network of {nodes} nodes", measure(nodes), "ms", bar=f"<= {goal:g}")
        for nodes, goal in GOALS.items()
    ]
    return written("check_latency", rows)


if __name__ == "__main__":
    sys.exit(main())
