"""The thinned network that is drawn is the one that was trained."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from torchglass.catalog import parse_experiment
from torchglass.presets import load_preset
from torchglass.training.trainer import Trainer
from torchglass.worker.masks import masks


def trainer(stepper: str, **data: Any) -> Trainer:
    raw = load_preset("overfit-dropout").model_dump(mode="json")
    raw["training"]["stepper"] = stepper
    raw["data"] |= data
    return Trainer(parse_experiment(raw), device="cpu", threads=1)


@pytest.mark.parametrize("data", [{}, {"batch_size": 13}, {"batch_size": 39}, {"batch_size": 500}])
def test_the_masks_are_those_that_the_step_has_used(data: dict[str, Any]) -> None:
    subject = trainer("eager", **data)
    assert masks(subject) is None
    seen: dict[str, torch.Tensor] = {}
    for name in ("dropout1", "dropout2"):
        module = subject.model.module(name)
        module.register_forward_hook(
            lambda _module, _given, out, name=name: seen.__setitem__(name, (out[0] != 0).clone())
        )
    for _ in range(7):
        subject.run(1)
        found = masks(subject)
        assert found is not None
        for name, kept in seen.items():
            assert torch.equal(found[name], kept)
        assert 0.2 < float(np.mean([kept.float().mean() for kept in seen.values()])) < 0.8
