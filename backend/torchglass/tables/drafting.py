"""From a table and the names of its columns to an experiment that is worth starting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torchglass.tables.choice import Missing, Use
from torchglass.tables.errors import TableError
from torchglass.tables.library import Library

_HIDDEN = 16
_LARGEST_BATCH, _BATCHES = 64, 8


def draft(
    library: Library,
    table: str,
    *,
    target: str | None = None,
    inputs: Sequence[str] | None = None,
    types: Mapping[str, Use] | None = None,
    missing: Missing | None = None,
) -> dict[str, Any]:
    """An experiment as a document; what is left out is guessed. Raises TableError naming the column."""
    facts = library.facts(table)
    columns = {column["name"]: column for column in facts["columns"]}
    chosen = target if target is not None else _usual_target(columns)
    names = list(inputs) if inputs is not None else [n for n, c in columns.items() if n != chosen and _useful(c)]
    given = dict(types or {})
    uses = [(name, given.get(name) or _usual_use(columns.get(name))) for name in names]
    predicted: Use = given.get(chosen) or _usual_use(columns.get(chosen), target=True)
    gaps = missing or _usual_missing(facts, [*names, chosen])
    question = {"inputs": uses, "target": (chosen, predicted), "missing": gaps}
    config = {"table": table, "name": facts["name"], "missing": gaps, **library.settings(table, question)}
    return _experiment(config)


def _usual_target(columns: Mapping[str, Mapping[str, Any]]) -> str:
    """The last column that can be predicted."""
    for name in reversed(list(columns)):
        if columns[name]["possible"] and columns[name]["kind"] in ("number", "category"):
            return name
    raise TableError("table", "No column of this table can be predicted: each is empty, always the same, or free text.")


def _useful(column: Mapping[str, Any]) -> bool:
    return column["kind"] in ("number", "category") and not column["counter"]


def _usual_use(column: Mapping[str, Any] | None, *, target: bool = False) -> Use:
    """``number`` for whatever is none: reading the table then says what is wrong with it."""
    if column is None or "number" not in column["possible"]:
        return "category" if column is not None and "category" in column["possible"] else "number"
    return "category" if target and column["few"] else "number"


def _usual_missing(facts: Mapping[str, Any], names: Sequence[str]) -> Missing:
    """Rows with gaps are left out where that costs little."""
    gaps = sum(column["missing"] for column in facts["columns"] if column["name"] in names)
    return "fill" if gaps > 0.1 * facts["rows"] else "drop"


def _experiment(config: dict[str, Any]) -> dict[str, Any]:
    target = config["target"]
    classes = len(target.get("classes", []))
    field, loss = ("label", "cross_entropy") if classes else ("value", "mse")
    rows = sum(config["complete"] if config["missing"] == "drop" else config["sizes"])
    scaled = ["features"] if classes else ["features", "value"]
    what = f"which of {classes} classes “{target['name']}” is" if classes else f"the number “{target['name']}”"
    return {
        "version": 1,
        "name": f"{config['name']}: {target['name']}"[:200],
        "description": f"{len(config['inputs'])} columns of your table “{config['name']}” predict {what}.",
        "seed": 1,
        "data": {
            "kind": "table_file",
            "config": config,
            "batch_size": max(4, min(_LARGEST_BATCH, rows // _BATCHES)),
            "prepare": [{"kind": "standardize", "config": {"field": name}} for name in scaled],
        },
        "network": {
            "nodes": [
                {"id": "input", "kind": "input", "config": {"field": "features"}, "label": "Row"},
                {"id": "hidden1", "kind": "linear", "config": {"out_features": _HIDDEN}, "label": "Hidden"},
                {"id": "tanh1", "kind": "tanh", "config": {}},
                {"id": "output", "kind": "linear", "config": {"out_features": classes or 1}, "label": "Output"},
            ],
            "edges": [
                {"source": "input", "target": "hidden1"},
                {"source": "hidden1", "target": "tanh1"},
                {"source": "tanh1", "target": "output"},
            ],
        },
        "recipe": {
            "kind": "supervised",
            "config": {"output": "output", "target": field, "loss": {"kind": loss, "config": {}}},
        },
        "training": {"optimizers": {"model": {"kind": "adam", "config": {"lr": 0.01 if classes else 0.003}}}},
    }


__all__ = ["draft"]
