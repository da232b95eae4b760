"""Every preset on an accelerator: the same network, the same first judgement, training, checkpoints, pictures."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from tests.contract.test_presets_contract import PANELS

from torchglass.presets import load_preset, presets
from torchglass.probes._host import Brought
from torchglass.protocol.worker import WatchSpec
from torchglass.training.trainer import Trainer
from torchglass.worker.watching import WatchingService

pytestmark = pytest.mark.gpu
STEPS = 3


def trained(trainer: Trainer, steps: int = STEPS) -> list[float]:
    """Losses of so many steps more."""
    found: list[float] = []
    until = trainer.step + steps
    while trainer.step < until:
        chunk = trainer.run(until - trainer.step)
        found += [float(value) for values in chunk.metrics.values() for value in values]
    return found


def judged(trainer: Trainer) -> dict[str, float]:
    """On the test split, or what of it is looked at while it trains."""
    found: dict[str, float] = {}
    for metrics in trainer.evaluate("test", limit=200):
        found = metrics or found
    return found


@pytest.mark.parametrize("preset_id", sorted(presets()))
def test_the_same_network_is_judged_alike_and_trains(accelerator: str, preset_id: str) -> None:
    experiment = load_preset(preset_id)
    here, there = (Trainer(experiment, device=device, threads=1) for device in ("cpu", accelerator))
    assert there.storage.flat.device.type == torch.device(accelerator).type
    if here.data.count("test"):
        first = judged(here)
        assert judged(there) == pytest.approx(first, rel=1e-2, abs=1e-2)
    assert all(math.isfinite(value) for value in trained(there))


@pytest.mark.parametrize("preset_id", ["mnist-cnn", "resnet-20", "xor-mlp"])
def test_a_checkpoint_moves_from_the_processor_to_it_and_back(accelerator: str, preset_id: str) -> None:
    here, there = (Trainer(load_preset(preset_id), device=device, threads=1) for device in ("cpu", accelerator))
    trained(here)
    there.restore(here.snapshot())
    assert torch.equal(there.storage.flat.cpu(), here.storage.flat)
    trained(there)
    here.restore(there.snapshot())
    assert torch.equal(there.storage.flat.cpu(), here.storage.flat)
    assert here.step == there.step == 2 * STEPS


@pytest.mark.parametrize("panel", sorted(panel for panel, watches in PANELS.items() if watches))
def test_every_panel_gets_its_pictures(accelerator: str, panel: str) -> None:
    shown = next(
        (one.id for one in presets().values() if one.experiment.view.panels.get("output", {}).get("shown") == panel),
        None,
    )
    if shown is None:
        pytest.skip(f"no preset opens with {panel}")
    trainer = Trainer(load_preset(shown), device=accelerator, threads=1)
    trainer.run(1)
    sent: list[str] = []
    service = WatchingService(trainer, lambda header, body: sent.append(str(header["type"])))
    node = presets()[shown].experiment.view.panels["output"].get("node")
    more = {"source": "test:0", "rate": 60.0, **({"node": node} if node else {})}
    asked = [WatchSpec(stream=i, **more, **watch) for i, watch in enumerate(PANELS[panel])]
    service.set_watches(asked)
    for _ in range(500):
        service.serve(False)
        if len(sent) >= len(asked):
            break
    assert sent == ["frame"] * len(asked)


def test_pictures_of_it_are_those_of_the_processor(accelerator: str) -> None:
    """The same weights give the same pictures, brought over together, as nearly as float32 allows."""
    here, there = (Trainer(load_preset("mnist-cnn"), device=device, threads=1) for device in ("cpu", accelerator))
    there.restore(here.snapshot())
    asked = [
        WatchSpec(stream=1, probe="activations", node="conv1", source="test:0", rate=60.0),
        WatchSpec(stream=2, probe="filters", node="conv1", tap="weight", source="test:0", rate=60.0),
        WatchSpec(stream=3, probe="predictions", source="test:0", rate=60.0),
    ]
    pictures: list[dict[int, np.ndarray]] = []
    for trainer in (here, there):
        found: dict[int, np.ndarray] = {}

        def keep(header: dict[str, Any], body: bytes, found: dict[int, np.ndarray] = found) -> None:
            values = np.frombuffer(body, header["dtype"]).astype(np.float64)
            exact = header["dtype"] == "float32"
            found[header["stream"]] = values if exact else header["lo"] + values / 255 * (header["hi"] - header["lo"])

        service = WatchingService(trainer, keep)
        service.set_watches(asked)
        service.serve(False)
        pictures.append(found)
    assert sorted(pictures[0]) == sorted(pictures[1]) == [1, 2, 3]
    for stream, values in pictures[0].items():
        np.testing.assert_allclose(pictures[1][stream], values, atol=0.02 * np.abs(values).max())


def test_copies_from_it_go_to_page_locked_memory_without_waiting(accelerator: str) -> None:
    tensor = torch.arange(1000.0, device=accelerator)
    brought = Brought([tensor, tensor * 2])
    found = brought.find(tensor[10:20])
    assert found is not None
    assert found.tolist() == list(range(10, 20))
    assert found.is_pinned() == accelerator.startswith("cuda")
