"""How long the server takes for the check of a 50-node network: from JSON text to JSON text."""

from __future__ import annotations

import itertools
import json
import statistics
import sys
import time
from typing import Any

from torchglass.catalog import parse_experiment, validate
from torchglass.presets import presets

NODES, ROUNDS, GOAL_MS = 50, 200, 10.0


def document(nodes: int = NODES) -> dict[str, Any]:
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


def main() -> int:
    body = json.dumps(document())
    taken = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        report = validate(parse_experiment(json.loads(body)))
        report.model_dump_json()
        taken.append((time.perf_counter() - begin) * 1000)
    assert not [problem for problem in report.problems if problem.severity == "error"], report.problems
    taken.sort()
    median, late = statistics.median(taken), taken[int(0.99 * len(taken))]
    print(f"check of {NODES} nodes: median {median:.1f} ms, p99 {late:.1f} ms (goal: {GOAL_MS:.0f} ms)")
    return 0 if median <= GOAL_MS else 1


if __name__ == "__main__":
    sys.exit(main())
