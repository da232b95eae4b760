"""Every preset parses, checks without a problem, builds and trains three steps."""

from __future__ import annotations

import math

import pytest

from torchglass.catalog import validate
from torchglass.presets import load_preset, presets


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
