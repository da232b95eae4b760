"""Every preset parses, checks without a problem, builds and trains three steps."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from torchglass.catalog import validate
from torchglass.presets import load_preset, presets
from torchglass.protocol.sweep import SweepRequest
from torchglass.sessions.sweeps import plan

#: What each panel that a preset opens watches (`frontend/src/panels/<panel>/`).
PANELS: dict[str, list[dict[str, Any]]] = {
    "landscape": [{"probe": "landscape"}, {"probe": "trail"}],
    "costs": [],  # reads the report of the check
    "roads": [{"probe": "roads"}],
    "race": [],  # draws the curves that every page has
    "loss-landscape": [],  # asks for a job: tests/integration/test_landscapes.py
    "truth-table": [{"probe": "truth_table"}, {"probe": "wiring"}],
    "bend": [{"probe": "bend"}],
    "layers": [{"probe": "layers"}],
    "loss": [{"probe": "loss_curve"}],
    "mistakes": [{"probe": "mistakes"}],
    "direction": [{"probe": "direction"}, {"probe": "points"}],
    "one-matrix": [{"probe": "product"}],
    "line": [{"probe": "line"}, {"probe": "line_points"}],
    "confusion": [{"probe": "confusion"}],
    "fed": [{"probe": "fed", "options": {"count": 12}}],
    "plane": [{"probe": "plane"}, {"probe": "points"}],
    "sliding-window": [{"probe": "sliding_window"}],
    "shared-weights": [{"probe": "sliding_window"}],
    "shift": [{"probe": "shift", "options": {"right": 2}}, {"probe": "shift_accuracy", "options": {"count": 8}}],
    "adversarial": [
        {"probe": "fast_gradient"},
        {"probe": "fast_gradient", "options": {"show": "examples", "count": 4}},
    ],
    "back-propagation": [{"probe": "back_propagation"}],
    "features": [{"probe": "embedding"}, {"probe": "nearest"}],
    "dream": [],  # asks for a job: tests/integration/test_studies.py
    "saliency": [{"probe": "saliency", "options": {"method": "integrated"}}, {"probe": "example"}],
}
OPENED = {
    preset.id: str(panel["shown"])
    for preset in presets().values()
    if (panel := preset.experiment.view.panels.get("output")) and "sweep" not in preset.experiment.view.panels
}
SWEPT = [preset.id for preset in presets().values() if "sweep" in preset.experiment.view.panels]


def test_the_presets_of_the_opening_are_there() -> None:
    assert {"mnist-softmax", "mnist-mlp", "mnist-cnn"} <= set(presets())
    with pytest.raises(KeyError, match="mnist-cnn"):
        load_preset("nothing")


@pytest.mark.parametrize("preset_id", sorted(presets()))
def test_preset_checks(preset_id: str) -> None:
    preset = presets()[preset_id]
    report = validate(preset.experiment)
    assert report.ok
    assert report.problems == []
    assert preset.chapter
    assert preset.promise
    assert preset.proof, f"{preset_id} promises something: say under `proof` what `make results` holds it to"
    assert preset.insight > 0, f"{preset_id}: `make bench ARGS=time_to_insight` says how long, `--write` states it"
    assert preset.experiment.description
    assert preset.summary()["name"] == preset.experiment.name


@pytest.mark.parametrize("preset_id", sorted(presets()))
def test_preset_trains_three_steps(preset_id: str) -> None:
    from torchglass.training.trainer import Trainer

    trainer = Trainer(load_preset(preset_id), device="cpu", threads=1)
    while trainer.step < 3:  # a chunk may end with an epoch
        chunk = trainer.run(3 - trainer.step)
        assert chunk.steps[-1] == trainer.step
        assert all(math.isfinite(value) for values in chunk.metrics.values() for value in values)


@pytest.mark.parametrize("preset_id", sorted(OPENED))
def test_the_panel_that_a_preset_opens_is_there_and_gets_its_pictures(preset_id: str, project_root: Path) -> None:
    from torchglass.protocol.worker import WatchSpec
    from torchglass.training.trainer import Trainer
    from torchglass.worker.watching import WatchingService

    panel = OPENED[preset_id]
    assert (project_root / "frontend/src/panels" / panel / "panel.ts").exists()
    trainer = Trainer(load_preset(preset_id), device="cpu", threads=1)
    trainer.run(1)
    sent: list[dict[str, Any]] = []
    service = WatchingService(trainer, lambda header, body: sent.append(header))
    proposed = presets()[preset_id].experiment.view.panels["output"].get("node")  # the layer that it opens with
    more = {"source": "test:0", "rate": 60.0, **({"node": proposed} if proposed else {})}
    asked = [WatchSpec(stream=i, **more, **watch) for i, watch in enumerate(PANELS[panel])]
    service.set_watches(asked)
    for _ in range(500):  # some gather their examples in blocks
        service.serve(False)
        if len(sent) >= len(asked):
            break
    assert [header["type"] for header in sent] == ["frame"] * len(asked), sent


@pytest.mark.parametrize("preset_id", SWEPT)
def test_the_sweep_that_a_preset_proposes_can_be_trained(preset_id: str) -> None:
    experiment = load_preset(preset_id)
    proposed = {**experiment.view.panels["sweep"]}
    # It opens with the sweep, or with the picture that comes first for its data.
    assert experiment.view.panels.get("output", {"shown": "sweep"})["shown"] == "sweep"
    assert proposed.pop("curve")
    networks = plan(SweepRequest(experiment={}, **proposed), experiment)
    assert len(networks) > 1
    for _, network in networks:
        assert validate(network).problems == []
