"""One weight's update as it is explained is the one that the training then makes."""

from __future__ import annotations

import copy

import pytest
import torch

from torchglass.catalog import parse_experiment
from torchglass.recipes.base import RECIPES
from torchglass.training.explaining import explain_update
from torchglass.training.trainer import Trainer

COUNT = 32


def trainer(training: dict) -> Trainer:
    """Every step sees all training points, so that its gradient is known beforehand; in float64."""
    document = copy.deepcopy(dict(RECIPES["supervised"].example))
    document["data"] |= {"config": {"count": 2 * COUNT}, "batch_size": COUNT}
    document["training"] = {"precision": "float64", **training}
    return Trainer(parse_experiment(document), device="cpu", threads=1)


def gradients(subject: Trainer) -> dict[str, torch.Tensor]:
    batch = subject.data.batch("train", range(COUNT))
    named = subject.model.parameters_by_name()
    loss = subject.recipe.loss(subject.model.run(batch), batch)
    return dict(zip(named, torch.autograd.grad(loss, list(named.values())), strict=True))


TRAININGS = [
    {"optimizers": {"model": {"kind": "sgd", "config": {"lr": 0.1}}}},
    {
        "optimizers": {"model": {"kind": "sgd", "config": {"lr": 0.1, "momentum": 0.9}}},
        "regularization": {"l2": 0.1, "l1": 0.01},
        "gradient_clipping": 0.05,
    },
    {"optimizers": {"model": {"kind": "adam", "config": {}}}, "gradient_clipping": 1e6},
    {
        "optimizers": {"model": {"kind": "adam", "config": {}}},
        "schedule": {"kind": "step", "config": {"every": 3}},
        "form": "textbook",
    },
    {
        "optimizers": {"model": {"kind": "sgd", "config": {"lr": 0.5, "momentum": 0.5}}},
        "regularization": {"max_norm": 0.3, "l2": 0.05},
        "clip_value": 0.05,
        "gradient_clipping": 0.1,
    },
]


@pytest.mark.parametrize(
    "training", TRAININGS, ids=["plain", "regularised and clipped", "adam", "scheduled", "limited"]
)
def test_the_training_does_what_was_explained(training: dict) -> None:
    subject = trainer(training)
    for _ in range(4):
        told = gradients(subject)
        before = subject.storage.flat.clone()
        places = [("hidden.weight", (2, 1)), ("y.bias", (0,))]
        explained = [explain_update(subject.context, name, index, told) for name, index in places]
        assert torch.equal(subject.storage.flat, before)
        subject.run(1)
        for (name, index), lines in zip(places, explained, strict=True):
            weight = float(subject.storage.slots[name].parameter.detach()[index])
            assert lines[-1].value == pytest.approx(weight, rel=1e-9, abs=1e-12)


def test_what_no_optimizer_moves_has_no_update() -> None:
    subject = trainer(TRAININGS[0])
    assert explain_update(subject.context, "nowhere.weight", (0,), {}) == []
    assert explain_update(subject.context, "y.bias", (0,), {}) == []
