"""Every preset on an accelerator: the same network, the same first judgement, training, checkpoints, pictures."""

from __future__ import annotations

import math

import pytest
import torch
from tests.contract.test_presets_contract import PANELS

from torchglass.presets import load_preset, presets
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
