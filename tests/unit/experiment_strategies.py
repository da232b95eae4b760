"""Experiments at random: networks grown from whatever the registries hold, and known ones with something spoiled.

Settings are drawn from the JSON Schema of each entry's Config, so that a new entry is tried without a word here.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from torchglass.augment.base import AUGMENTS
from torchglass.catalog import analyse, parse_experiment
from torchglass.datasets.base import DATASETS
from torchglass.layers.base import LAYERS
from torchglass.losses.base import LOSSES
from torchglass.optimizers.base import OPTIMIZERS
from torchglass.prepare.base import PREPARES
from torchglass.presets import presets
from torchglass.recipes.base import RECIPES
from torchglass.schedules.base import SCHEDULES
from torchglass.spec.problems import ExperimentError

Document = dict[str, Any]
#: What nobody should send, and somebody will.
HOSTILE: list[Any] = [
    None, True, False, -1, 0, 1, 2, 3, 7, 255, 10**9, 2**31, 2**53, 2**63, 10**30, 0.0, -0.5, 0.5, 1e-300, 1e300,
    1.5, "", "x", "n0", "point", "image", "label", "\u202ecba", "<b>", "a" * 300, "\ud800", [], [0], [10**9] * 3,
    {}, {"a": 1}, {"kind": "x"}, {"kind": "linear", "config": {}},
]  # fmt: skip
hostile = st.sampled_from(HOSTILE)


def setting(schema: Mapping[str, Any], root: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a schema allows, small ones above all."""
    if "$ref" in schema:
        return setting(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    if "anyOf" in schema:
        return st.one_of([setting(choice, root) for choice in schema["anyOf"]])
    match schema.get("type"):
        case "integer":
            low, high = schema.get("minimum", 0), schema.get("maximum", 10**6)
            return st.integers(low, min(high, low + 5)) | st.sampled_from([low, min(high, max(low, 40))])
        case "number":
            low = schema.get("minimum", schema.get("exclusiveMinimum", 0.0) + 1e-6)
            high = schema.get("maximum", schema.get("exclusiveMaximum", 1.001) - 1e-3)
            return st.floats(low, max(low, min(high, low + 2)), allow_nan=False)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "array":
            return st.lists(
                setting(schema.get("items", {}), root),
                min_size=schema.get("minItems", 0),
                max_size=min(3, schema.get("maxItems", 3)),
            )
        case "object" if "properties" in schema:
            return settings_of(schema, root)
        case "object":
            return st.just({})
    return st.sampled_from(["p", "q", "n1", "n2"])


def settings_of(schema: Mapping[str, Any], root: Mapping[str, Any] | None = None) -> st.SearchStrategy[Document]:
    """Some of an entry's settings; the rest keep their defaults."""
    root = root or schema
    fields = {name: setting(item, root) for name, item in schema.get("properties", {}).items()}
    needed = {name: fields.pop(name) for name in schema.get("required", [])}
    return st.fixed_dictionaries(needed, optional=fields)


def choice_of(registry: Mapping[str, Any]) -> st.SearchStrategy[Document]:
    """One entry of a registry with some settings."""
    options = [
        settings_of(entry.Config.model_json_schema()).map(lambda config, kind=kind: {"kind": kind, "config": config})
        for kind, entry in registry.items()
    ]
    return st.one_of(options)


_LAYERS = {kind: settings_of(entry.Config.model_json_schema()) for kind, entry in LAYERS.items()}
_DATA = {
    kind: settings_of(entry.Config.model_json_schema())
    for kind, entry in DATASETS.items()
    if kind not in ("none", "table_file")  # no fields, and none without a file
}
_OPTIMIZERS, _SCHEDULES, _LOSSES = choice_of(OPTIMIZERS), choice_of(SCHEDULES), choice_of(LOSSES)
_PREPARE, _AUGMENT = choice_of(PREPARES), choice_of(AUGMENTS)
_KINDS = st.sampled_from(sorted(set(LAYERS) - {"input", "part_input"})) | st.sampled_from(
    ["linear", "linear", "conv2d", "max_pool2d", "relu", "tanh", "batch_norm", "add", "concatenate", "flatten"]
)


def faults(document: Document, node: str = "", field: str = "") -> bool:
    """Whether the check finds fault with that node, or that field, or cannot even read the document."""
    try:
        errors = analyse(parse_experiment(document)).errors
    except ExperimentError:
        return True
    return any((node and problem.node == node) or (field and field in (problem.field or "")) for problem in errors)


@st.composite
def grown(draw: st.DrawFn) -> Document:
    """A network over some data set: layer by layer, each on one or several of those before. A layer that does not
    fit is mostly left out again, so that about half of the documents are sound."""
    kind = draw(st.sampled_from(sorted(_DATA)))
    data = {"kind": kind, "config": draw(_DATA[kind]), "batch_size": draw(st.integers(1, 12))}
    data["split"] = {"train": draw(st.integers(1, 40)), "test": draw(st.integers(1, 20))}
    data["prepare"] = draw(st.lists(_PREPARE, max_size=1))
    data["augment"] = draw(st.lists(_AUGMENT, max_size=2))
    fields = DATASETS.make(kind, data["config"]).fields() if _readable(kind, data["config"]) else {}
    entrances = [name for name, spec in fields.items() if spec.role in ("input", "mask")] or ["x"]
    targets = [name for name, spec in fields.items() if spec.role == "target"] or entrances
    nodes = [{"id": f"in{n}", "kind": "input", "config": {"field": name}} for n, name in enumerate(entrances)]
    network: Document = {"nodes": nodes, "edges": [], "parts": {}}
    document: Document = {
        "seed": draw(st.integers(0, 2**53 - 1)),
        "data": data,
        "network": network,
        "recipe": {"kind": "supervised", "config": {"output": "head", "target": draw(st.sampled_from(targets))}},
        "training": {
            "optimizers": {"model": draw(_OPTIMIZERS)},
            "schedule": draw(_SCHEDULES),
            "precision": draw(st.sampled_from(["float32"] * 4 + ["float64", "bfloat16"])),
        },
    }
    for part in ("prepare", "augment", "schedule"):
        if faults(document, field=part) and draw(st.integers(0, 9)):
            (document["training"] if part == "schedule" else data).pop(part)
    for number in range(draw(st.integers(0, 7))):
        layer = draw(_KINDS)
        sources = [draw(st.sampled_from([node["id"] for node in nodes][-4:]))]
        if layer in ("add", "multiply", "concatenate"):
            sources.append(draw(st.sampled_from([node["id"] for node in nodes])))
        put(network, f"n{number}", layer, draw(_LAYERS[layer]), sources)
        if faults(document, f"n{number}") and draw(st.integers(0, 9)):
            take(network, f"n{number}")
    _head(draw, document, fields)
    if draw(st.booleans()):
        document["training"]["stop"] = {"steps": 2}
        document["stages"] = [{"name": "first"}, *draw(st.lists(_stages(nodes), min_size=1, max_size=2))]
        if faults(document, field="stages") and draw(st.integers(0, 9)):
            del document["stages"], document["training"]["stop"]
    return document


def _stages(nodes: list[Document]) -> st.SearchStrategy[Document]:
    """What a later stage may do with the layers that there are, and with how they learn."""
    some = st.lists(st.sampled_from([node["id"] for node in nodes]), max_size=2, unique=True)
    training = st.builds(lambda optimizer: {"optimizers": {"model": optimizer}, "stop": {"steps": 2}}, _OPTIMIZERS)
    first = st.sampled_from(["keep", "keep", "rewind", "reinit", "prune"])
    return st.fixed_dictionaries(
        {"name": st.just("later"), "training": st.none() | training},
        optional={"frozen": some, "fresh": some, "initial": first},
    )


def _head(draw: st.DrawFn, document: Document, fields: Mapping[str, Any]) -> None:
    """Flatten, one dense layer with as many units as the target asks for, and some loss."""
    config, network = document["recipe"]["config"], document["network"]
    target = fields.get(config["target"])
    units = len(target.classes) if target is not None and target.classes else 1
    last = network["nodes"][-1]["id"]
    if draw(st.booleans()):
        put(network, "flat", "flatten", {}, [last])
        last = "flat"
        if faults(document, "flat"):
            take(network, "flat")
            last = network["nodes"][-1]["id"]
    put(network, "head", "linear", {"out_features": draw(st.sampled_from([units, units, units, 1, 3]))}, [last])
    config["loss"] = draw(_LOSSES)
    for kind in draw(st.permutations(sorted(LOSSES))) if draw(st.integers(0, 9)) else []:
        if not faults(document, field="loss"):
            break
        config["loss"] = {"kind": kind, "config": {}}


def put(network: Document, name: str, kind: str, config: Document, sources: list[str]) -> None:
    network["nodes"].append({"id": name, "kind": kind, "config": config})
    network["edges"] += [{"source": source, "target": name} for source in sources]


def take(network: Document, name: str) -> None:
    network["nodes"] = [node for node in network["nodes"] if node["id"] != name]
    network["edges"] = [edge for edge in network["edges"] if edge["target"] != name]


def _readable(kind: str, config: Document) -> bool:
    try:
        DATASETS.make(kind, config)
    except ValueError:
        return False
    return True


_KNOWN = [preset.experiment.model_dump(mode="json") for preset in presets().values()]
_KNOWN += [copy.deepcopy(dict(recipe.example)) for recipe in RECIPES.values() if getattr(recipe, "example", None)]


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place within a document, containers included."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found += places(item, (*path, key))
    return found


@st.composite
def spoiled(draw: st.DrawFn, among: st.SearchStrategy[Document]) -> Document:
    """One of ``among`` in which one to three places hold something else, or nothing."""
    document = copy.deepcopy(draw(among))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(document)))
        holder: Any = document
        for step in path[:-1]:
            holder = holder[step]
        match draw(st.sampled_from(["put", "put", "put", "drop", "twice"])):
            case "drop":
                del holder[path[-1]]
            case "twice" if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[path[-1]]))
            case _:
                holder[path[-1]] = copy.deepcopy(draw(hostile))
    return document


experiments = st.one_of(grown(), grown(), grown(), spoiled(st.sampled_from(_KNOWN)), spoiled(grown()))
