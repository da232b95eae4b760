"""Every entry of the probe registry: documented, JSON round trip, torch-free to import; and on every kind of preset
that it is made for, with the real trainer, it captures something finite, while the training does not notice."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import resources
from typing import Any

import numpy as np
import pytest

from torchglass.catalog import fields_of
from torchglass.probes.base import PROBES
from torchglass.probes.product import dense_chain
from torchglass.protocol.worker import FROM_WORKER, WatchSpec
from torchglass.recipes.base import RECIPES, Recipe
from torchglass.spec.experiment import Experiment
from torchglass.training.trainer import Trainer
from torchglass.worker.watching import WatchingService

ACTIVATIONS = ("relu", "leaky_relu", "prelu", "elu", "gelu", "silu", "softplus", "step", "sigmoid", "tanh")
WINDOWS = ("conv2d", "conv1d", "max_pool2d", "avg_pool2d", "max_pool1d", "avg_pool1d")
PRESETS = sorted(entry.name for entry in resources.files("torchglass.presets").iterdir() if entry.name[-5:] == ".json")


def suits(probe: str, document: Experiment) -> bool:
    """Whether that kind of data has such a picture at all."""
    fields = fields_of(document)
    points = any(field.role == "input" and field.shape.sizes == (2,) for field in fields.values())
    line = any(field.role == "input" and field.shape.sizes == (1,) for field in fields.values())
    pictures = any(field.shape.is_image for field in fields.values())
    walks = document.data.kind == "start"  # no weights, only places
    needed = {
        "example": pictures,
        "fed": pictures,
        "samples": pictures,
        "rows": not pictures,
        "weights": not pictures and not walks,
        "one_number": not walks,
        "filters": not walks,
        "wiring": not pictures and not walks,
        "path": any(field.shape.names == ("D",) for field in fields.values()),
        "neurons": points,
        "plane": points,
        "points": points,
        "bend": points,
        "product": len(dense_chain(document.network)) > 1,
        "direction": document.data.kind == "tilted_cloud",
        "line": line,
        "line_points": line,
        "truth_table": document.data.kind == "truth_table",
        "confusion": any(field.classes for field in fields.values()),
        "landscape": walks,
        "shift": pictures,
        "exciting_patches": pictures and any(node.kind in WINDOWS for node in document.network.nodes),
        "shift_accuracy": pictures and any(field.classes for field in fields.values()),
        "sliding_window": any(node.kind in WINDOWS for node in document.network.nodes),
        "layers": not walks,
        "mistakes": document.recipe.kind == "perceptron",
        "loss_curve": document.recipe.kind == "supervised",
        "activation_function": any(node.kind in ACTIVATIONS for node in document.network.nodes),
        "normalisation": any(node.kind == "batch_norm" for node in document.network.nodes),
        "thinned": any(node.kind == "dropout" for node in document.network.nodes),
        "roads": any(node.kind == "add" for node in document.network.nodes),
        "trail": walks,
        "pruning": not walks,
        "fast_gradient": any(field.classes for field in fields.values()) and document.recipe.kind == "supervised",
        "answers": pictures and any(field.classes for field in fields.values()),
        "embedding": not walks,
        "nearest": pictures,
        "saliency": pictures and document.recipe.kind == "supervised",
        "scatter": not walks and any(field.role == "target" and not field.classes for field in fields.values()),
    }
    return needed.get(probe, True)


def experiment(preset: str) -> Experiment:
    text = (resources.files("torchglass.presets") / preset).read_text()
    document = json.loads(text)["experiment"]
    document["data"]["split"] = {"train": 400, "test": 200}
    return Experiment.model_validate(document)


def with_dropout(document: Experiment) -> Experiment:
    """The same network with half of the units behind its flatten layer dropped while training."""
    raw = document.model_dump(mode="json")
    raw["network"]["nodes"].append({"id": "drop", "kind": "dropout", "config": {"p": 0.5}})
    for edge in raw["network"]["edges"]:
        if edge["source"] == "flatten":
            edge["source"] = "drop"
    raw["network"]["edges"].append({"source": "flatten", "target": "drop"})
    return Experiment.model_validate(raw)


def has_gradients(document: Experiment) -> bool:
    """A rule without a loss, as the perceptron's, has none to show."""
    return RECIPES[document.recipe.kind].loss is not Recipe.loss


def behind_means(document: Experiment) -> set[str]:
    """The nodes behind a global mean, whose units see the whole picture."""
    found = {node.id for node in document.network.nodes if node.kind == "adaptive_avg_pool2d"}
    while more := {edge.target for edge in document.network.edges if edge.source in found} - found:
        found |= more
    return found


def watches(document: Experiment, kinds: list[str] | None = None) -> list[WatchSpec]:
    """Every probe on every node that it can look at."""
    found: list[WatchSpec] = []

    def add(probe: str, **more: Any) -> None:
        if (kinds is None or probe in kinds) and suits(probe, document):
            found.append(WatchSpec(stream=len(found), probe=probe, **{"source": "test:0", "rate": 60.0, **more}))

    for kind, probe in PROBES.items():
        if probe.scope == "network":
            add(kind)
    first = {edge.target for edge in document.network.edges if edge.source == "input"}  # one weight on a line
    everywhere = behind_means(document)
    for node in document.network.nodes:
        add("activations", node=node.id, tap="out", source="train:0" if document.data.kind == "start" else "train:3")
        add("histogram", node=node.id, tap="out")
        add("plane", node=node.id, options={"size": 8, "limit": 4})
        add("line", node=node.id, options={"size": 8})
        if node.kind == "linear" and suits("weights", document):
            add("weights", node=node.id)
        if node.kind in ACTIVATIONS:
            add("activation_function", node=node.id)
        if node.kind in WINDOWS:
            add("sliding_window", node=node.id)
            if node.id not in everywhere:
                add("exciting_patches", node=node.id, options={"pictures": 8, "channels": 2})
        if node.kind == "batch_norm":
            add("normalisation", node=node.id)
        if node.kind in ("conv2d", "linear"):
            add("filters", node=node.id, tap="weight")
            add("one_number", node=node.id)
            last = 0 if suits("line", document) and node.id in first else 1
            add("one_number", node=node.id, options={"update": True, "weight": last})
            parameters = ("weight", "bias") if node.config.get("bias", True) else ("weight",)
            for name in parameters:
                add("histogram", node=node.id, tap=name)
                if has_gradients(document):
                    add("histogram", node=node.id, tap=f"{name}.grad")
    return found


@pytest.mark.parametrize("kind", PROBES)
def test_entry_is_documented_and_round_trips(kind: str) -> None:
    probe = PROBES[kind]
    assert probe.label
    assert probe.summary.endswith(".")
    assert probe.docs
    config = probe.Config()
    assert probe.Config.model_validate_json(config.model_dump_json()) == config


def test_registry_needs_no_torch() -> None:
    code = "import sys; from torchglass.probes.base import PROBES; len(PROBES); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("preset", PRESETS)
def test_every_probe_captures_something_finite(preset: str) -> None:
    document = experiment(preset)
    trainer = Trainer(document, device="cpu")
    trainer.run(3)
    sent: list[tuple[dict[str, Any], bytes]] = []
    service = WatchingService(trainer, lambda header, body: sent.append((header, bytes(body))))
    asked = watches(document)
    assert {spec.probe for spec in asked} >= {kind for kind in PROBES if suits(kind, document)}
    service.set_watches(asked)
    for _ in range(500):  # some gather their examples in blocks
        service.serve(False)
        if len(sent) >= len(asked):
            break
    assert sorted(header["stream"] for header, _ in sent) == [spec.stream for spec in asked]
    for header, body in sent:
        frame = FROM_WORKER.validate_python(header)
        assert frame.type == "frame", frame
        values = np.frombuffer(body, frame.dtype)
        assert values.size == np.prod(frame.shape) > 0
        assert np.isfinite(values).all()
        assert "nonfinite" not in frame.extra
        json.dumps(frame.extra, allow_nan=False)


@pytest.mark.parametrize("dropped", [False, True])
def test_watched_and_unwatched_losses_are_bitwise_equal(dropped: bool) -> None:
    document = experiment("mnist_cnn.json")
    document = with_dropout(document) if dropped else document

    def losses(watched: bool) -> list[bytes]:
        trainer = Trainer(document, device="cpu", threads=1)
        frames: list[int] = []
        service = WatchingService(trainer, lambda header, body: frames.append(header["stream"]), budget=1e9)
        result = []
        for _ in range(30):
            result.append(trainer.run(1).metrics["loss"].tobytes())
            if watched:
                service.changed()
                service.set_watches(watches(document))
                service.serve(True)
        for _ in range(500):  # some gather their examples in blocks
            service.serve(True)
        result.append(trainer.run(1).metrics["loss"].tobytes())
        assert not watched or set(frames) == {spec.stream for spec in watches(document)}
        return result

    assert losses(watched=True) == losses(watched=False)
