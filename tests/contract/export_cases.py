"""Experiments that between them use every entry of every registry: what exported scripts are tried on."""

from __future__ import annotations

import copy
import itertools
import random
from collections.abc import Iterator
from typing import Any

from tests.seams.fixtures import SEAMS, chain, edge, node
from torchglass.catalog import parse_experiment, validate
from torchglass.layers.base import LAYERS
from torchglass.losses.base import LOSSES
from torchglass.optimizers.base import OPTIMIZERS
from torchglass.presets import presets
from torchglass.recipes.base import RECIPES
from torchglass.registry import Entry
from torchglass.schedules.base import SCHEDULES

Document = dict[str, Any]
ADAM = {"kind": "adam", "config": {"lr": 0.01}}


def document(data: Document, nodes: list[Document], edges: list[Document], recipe: Document, **more: Any) -> Document:
    training = {"optimizers": {"model": ADAM}, **more.pop("training", {})}
    network = {"nodes": nodes, "edges": edges, "parts": more.pop("parts", {})}
    return {"seed": 3, "data": {"config": {}, **data}, "network": network, "recipe": recipe, "training": training}


def supervised(output: str, target: str, loss: str, **more: Any) -> Document:
    config = {"output": output, "target": target, "loss": {"kind": loss, "config": {}}, **more}
    return {"kind": "supervised", "config": config}


#: Small data, so that loading it costs nothing; 65 examples leave a single one over in batches of 16.
IMAGES = {"kind": "mnist", "batch_size": 16, "split": {"train": 65, "test": 32}}
POINTS = {"kind": "two_blobs", "batch_size": 16}
ROWS = {"kind": "iris", "batch_size": 16, "prepare": [{"kind": "standardize", "config": {"field": "features"}}]}
NUMBERS = {"kind": "diabetes", "batch_size": 16}


def on_images(*layers: Document) -> Document:
    """input → layers → flatten → ten scores."""
    nodes = [
        node("x", "input", field="image"),
        *layers,
        node("flat", "flatten"),
        node("out", "linear", out_features=10),
    ]
    return document(IMAGES, nodes, chain(*(n["id"] for n in nodes)), supervised("out", "label", "cross_entropy"))


def on_rows(*layers: Document, **training: Any) -> Document:
    """input → layers → three scores."""
    nodes = [node("x", "input", field="features"), *layers, node("out", "linear", out_features=3)]
    edges = chain(*(n["id"] for n in nodes))
    return document(ROWS, nodes, edges, supervised("out", "label", "cross_entropy"), training=training)


def on_tokens(*layers: Document) -> Document:
    """Tokens → embedding → layers → a score per token at every position, padding masked."""
    nodes = [node("x", "input", field="source"), node("embed", "embedding", num_embeddings=9, embedding_dim=8), *layers]
    nodes.append(node("out", "linear", out_features=9))
    recipe = supervised("out", "source", "cross_entropy", mask="source_mask")
    return document({"kind": "reverse_sequences", "batch_size": 16}, nodes, chain(*(n["id"] for n in nodes)), recipe)


def on_days(*layers: Document) -> Document:
    """A week of numbers → layers → flatten → the next number."""
    nodes = [node("x", "input", field="days"), *layers, node("flat", "flatten"), node("out", "linear", out_features=1)]
    edges = chain(*(n["id"] for n in nodes))
    days = {"kind": "us_births", "batch_size": 16, "split": {"train": 65, "test": 32}}
    return document(days, nodes, edges, supervised("out", "next", "mse"))


def joined(kind: str) -> Document:
    """Two branches that the layer brings together."""
    nodes = [node("x", "input", field="features"), node("a", "linear", out_features=4)]
    nodes += [node("b", "linear", out_features=4), node("both", kind), node("out", "linear", out_features=3)]
    edges = [*chain("x", "a", "both", "out"), *chain("x", "b", "both")]
    return document(ROWS, nodes, edges, supervised("out", "label", "cross_entropy"))


def twice() -> Document:
    """One part, called twice, so that both calls share its weights; ids that Python or PyTorch take for themselves."""
    nodes = [node("x", "input", field="features"), node("class", "part_input"), node("type", "linear", out_features=4)]
    nodes += [node("tanh", "tanh"), node("first", "part", part="train"), node("second", "part", part="train")]
    nodes.append(node("lambda", "linear", out_features=3))
    edges = [*chain("class", "type", "tanh"), edge("x", "first", "class")]
    edges += [edge("first", "second", "class", "tanh"), edge("second", "lambda", "in", "tanh")]
    recipe = supervised("lambda", "label", "cross_entropy")
    return document(ROWS, nodes, edges, recipe, parts={"train": ["class", "type", "tanh"]})


def one_layer(kind: str) -> Document:
    """The first small experiment that takes this layer."""
    if kind in ("part", "part_input"):
        return twice()
    for name in SEAMS:
        seam = SEAMS[name]()
        if kind in {n["kind"] for n in seam["network"]["nodes"]}:
            return seam
    one = node("one", kind)
    points = [node("x", "input", field="point"), one, node("out", "linear", out_features=2)]
    tries = [
        on_rows(node("before", "linear", out_features=6), one),
        on_images(one),
        document(POINTS, points, chain("x", "one", "out"), supervised("out", "label", "cross_entropy")),
        on_tokens(one),
        on_days(one),
        joined(kind),
    ]
    return next(raw for raw in tries if _fits(raw))


def _fits(raw: Document) -> bool:
    return validate(parse_experiment(raw)).ok


def one_loss(kind: str) -> dict[str, Document]:
    """Wherever this loss fits: classes, yes and no, numbers, masked sequences."""
    found = {}
    for name, data, field, target, units in (
        ("classes", ROWS, "features", "label", LOSSES.make(kind, {}).units(3)),
        ("yes-no", POINTS, "point", "label", 1),
        ("numbers", NUMBERS, "features", "value", 1),
    ):
        nodes = [node("x", "input", field=field), node("hidden", "linear", out_features=5), node("relu", "relu")]
        nodes.append(node("out", "linear", out_features=units))
        raw = document(data, nodes, chain("x", "hidden", "relu", "out"), supervised("out", target, kind))
        if _fits(raw):
            found[f"{kind}-{name}"] = raw
    masked = on_tokens()
    masked["recipe"]["config"]["loss"]["kind"] = kind
    return found | ({f"{kind}-masked": masked} if _fits(masked) else {})


def random_network(seed: int) -> Document:
    """A random graph over images: layers in a row, shortcuts that are added or put beside."""
    draw = random.Random(seed)
    nodes, edges = [node("n0", "input", field="image")], []
    pooled = 0
    for number in range(1, draw.randint(4, 12)):
        kinds = ["relu", "tanh", "dropout", "batch_norm", "conv2d", "conv2d", "add", "concatenate", "rrelu", "gelu"]
        kind = draw.choice(kinds + ["max_pool2d"] * (pooled < 2))
        config = {"out_channels": draw.randint(1, 4), "padding": 1} if kind == "conv2d" else {}
        pooled += kind == "max_pool2d"
        previous = f"n{number - 1}"
        nodes.append(node(f"n{number}", kind, **config))
        edges.append(edge(previous, f"n{number}"))
        if kind in ("add", "concatenate"):
            edges.append(edge(f"n{draw.randrange(number)}", f"n{number}"))
    last = nodes[-1]["id"]
    nodes += [node("flat", "flatten"), node("out", "linear", out_features=10)]
    return document(IMAGES, nodes, [*edges, *chain(last, "flat", "out")], supervised("out", "label", "cross_entropy"))


def random_networks(count: int) -> dict[str, Document]:
    """The first so many that fit together."""
    fitting = ((seed, raw) for seed in itertools.count() if _fits(raw := random_network(seed)))
    return {f"random-{seed}": raw for seed, raw in itertools.islice(fitting, count)}


HIDDEN = (node("hidden", "linear", out_features=6), node("drop", "dropout", p=0.3), node("tanh", "tanh"))


def by_training() -> dict[str, Document]:
    """Every optimizer, schedule, way to begin, precision and penalty, on one small network with dropout."""
    found = {}
    for kind in OPTIMIZERS:
        for form in ("pytorch", "textbook"):
            schedule = {"kind": "cosine", "config": {"steps": 15}} if form == "textbook" else {"kind": "constant"}
            optimizer = {"model": {"kind": kind, "config": {"momentum": 0.9} if kind == "sgd" else {}}}
            raw = on_rows(*HIDDEN, optimizers=optimizer, form=form, schedule={"config": {}, **schedule})
            found[f"optimizer-{kind}-{form}"] = raw
    nesterov = {"model": {"kind": "sgd", "config": {"momentum": 0.8, "nesterov": True}}}
    found["optimizer-nesterov"] = on_rows(*HIDDEN, optimizers=nesterov)
    found["optimizer-nesterov-textbook"] = on_rows(*HIDDEN, optimizers=nesterov, form="textbook")
    for kind in SCHEDULES:
        found[f"schedule-{kind}"] = on_rows(*HIDDEN, schedule={"kind": kind, "config": {}})
    drawn = node("hidden", "linear", out_features=6, initial="he_normal", initial_scale=0.5)
    found["initial-scaled"] = on_rows(drawn, node("tanh", "tanh"))
    for precision in ("float64", "bfloat16"):
        found[f"precision-{precision}"] = on_rows(*HIDDEN, precision=precision)
        found[f"precision-{precision}-image"] = on_images(node("conv", "conv2d"))
        found[f"precision-{precision}-image"]["training"]["precision"] = precision
    for share in (0.5, 1.0, 0.0):
        found[f"attacked-{share}"] = on_rows(*HIDDEN)
        found[f"attacked-{share}"]["recipe"]["config"] |= {"epsilon": 0.1, "attacked_share": share}
    penalties = {"regularization": {"l1": 0.001, "l2": 0.01}, "gradient_clipping": 0.5}
    limits = {"regularization": {"max_norm": 0.4}, "clip_value": 0.02, "gradient_clipping": 0.5}
    found["limits"] = on_rows(*HIDDEN, **limits)
    found["limits-image"] = on_images(node("conv", "conv2d"))
    found["limits-image"]["training"] |= limits
    held = {"hidden": {"frozen_units": [1, 3], "silent_units": [0]}, "out": {"frozen": True}}
    momentum = {"model": {"kind": "sgd", "config": {"momentum": 0.9, "lr": 0.05}}}
    found["held"] = on_rows(*HIDDEN, held=held, optimizers=momentum, **penalties)
    found["held-image"] = on_images(node("conv", "conv2d"), node("relu", "relu"))
    quiet = {"conv": {"frozen_units": [2]}, "relu": {"silent_units": [1, 0]}, "x": {"silent": False}}
    found["held-image"]["training"] |= {"held": quiet}
    found["held-layer"] = on_rows(*HIDDEN, held={"hidden": {"silent": True}})
    found["penalties"] = on_rows(*HIDDEN, **penalties)
    rounds = {"sparsity": 0.7, "first": 4, "every": 4, "rounds": 2}
    found["pruned"] = on_rows(*HIDDEN, pruning={**rounds, "scope": "global"}, **penalties)
    found["pruned-twin"] = on_rows(*HIDDEN, pruning={**rounds, "rewind": "random"}, optimizers=momentum)
    found["pruned-ticket"] = on_images(node("conv", "conv2d"), node("norm", "batch_norm"), node("relu", "relu"))
    found["pruned-ticket"]["training"]["pruning"] = {**rounds, "rewind": "initial"}
    found["pruned-held"] = on_rows(*HIDDEN, pruning={**rounds, "first": 0}, held={"out": {"frozen": True}})
    found["pruned-gan"] = SEAMS["gan"]()
    found["pruned-gan"]["training"] |= {"pruning": {**rounds, "rewind": "initial"}, "precision": "float64"}
    found["gan-penalties"] = SEAMS["gan"]()
    found["gan-penalties"]["training"] |= {**penalties, "precision": "float64"}
    found["gan-penalties"]["recipe"]["config"]["discriminator_steps"] = 3
    found |= by_augmentation()
    for seam in ("rbm", "masked_language_model"):
        found[f"{seam}-float64"] = SEAMS[seam]()
        found[f"{seam}-float64"]["training"]["precision"] = "float64"
    return found


def by_augmentation() -> dict[str, Document]:
    """Every augmentation, movements in one pass and in two, mixed pairs; in single and in double precision."""
    lists: dict[str, list[Any]] = {
        "moved": ["translate", "rotate", "scale", {"kind": "crop", "config": {"outside": "zeros"}}, "reflect"],
        "all": ["crop", "intensity", "cutout", "mixup", "translate", "translate"],
    }
    found = {}
    for name, precision in (("moved", "float32"), ("all", "float32"), ("all", "float64")):
        raw = on_images(node("conv", "conv2d"), node("relu", "relu"))
        given = [one if isinstance(one, dict) else {"kind": one, "config": {}} for one in lists[name]]
        scaled = [{"kind": "standardize", "config": {"field": "image"}}]
        raw["data"] = {**raw["data"], "augment": given, "prepare": scaled}
        raw["training"]["precision"] = precision
        found[f"augmented-{name}-{precision}"] = raw
    return found


def by_preset() -> dict[str, Document]:
    """Every preset, with few examples to test on, since measuring is not what takes time to compare, and small batches
    where windows slide over pictures."""
    found = {}
    for name, preset in presets().items():
        found[name] = preset.experiment.model_dump(mode="json")
        found[name]["data"]["split"] = {"train": found[name]["data"]["split"]["train"] or 4000, "test": 100}
        if any(one["kind"] == "conv2d" for one in found[name]["network"]["nodes"]):
            found[name]["data"]["batch_size"] = min(16, found[name]["data"]["batch_size"])
    return found


def by_layer() -> dict[str, Document]:
    return {f"layer-{kind}": one_layer(kind) for kind in LAYERS}


def choices(entry: type[Entry]) -> Iterator[tuple[str, Any]]:
    """Every switch and every choice of an entry, where it is not the usual one."""
    for name, schema in entry.Config.model_json_schema().get("properties", {}).items():
        values = [False, True] if schema.get("type") == "boolean" else schema.get("enum", [])
        yield from ((name, value) for value in values if value != schema.get("default"))


def by_choice() -> dict[str, Document]:
    """Every layer, schedule and recipe with each of its switches thrown and each of its choices taken."""
    found: dict[str, Document] = {}
    for kind, layer in LAYERS.items():
        for name, value in choices(layer):
            raw = copy.deepcopy(one_layer(kind))
            config = next(n for n in raw["network"]["nodes"] if n["kind"] == kind)["config"]
            config[name] = value
            if _fits(raw):
                found[f"layer-{kind}-{name}-{value}"] = raw
    for kind, schedule in SCHEDULES.items():
        for name, value in choices(schedule):
            training = {"schedule": {"kind": kind, "config": {name: value}}}
            found[f"schedule-{kind}-{name}-{value}"] = on_rows(*HIDDEN, **training)
    for kind, loss in LOSSES.items():
        for name, value in choices(loss):
            for where, raw in one_loss(kind).items():
                raw["recipe"]["config"]["loss"]["config"] = {name: value}
                found[f"loss-{where}-{name}-{value}"] = raw
    for kind, recipe in RECIPES.items():
        for name, value in choices(recipe):
            raw = copy.deepcopy(dict(recipe.example))
            raw["recipe"]["config"][name] = value
            found[f"recipe-{kind}-{name}-{value}"] = raw
    return found


def by_loss() -> dict[str, Document]:
    return {name: raw for kind in LOSSES for name, raw in one_loss(kind).items()}


def by_recipe() -> dict[str, Document]:
    return {f"recipe-{kind}": dict(recipe.example) for kind, recipe in RECIPES.items()}
