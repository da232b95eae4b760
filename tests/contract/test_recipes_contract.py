"""Every recipe trains its own example: it checks, learns something finite, draws from its own streams only, goes on
from a checkpoint with the same numbers, and says at which setting a wrong name is wrong."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from torchglass.catalog import parse_experiment, validate
from torchglass.recipes.base import RECIPES
from torchglass.training.checkpoints import load, save
from torchglass.training.trainer import Trainer

STEPS = 12


def example(kind: str) -> dict[str, Any]:
    return copy.deepcopy(dict(RECIPES[kind].example))


def trainer(kind: str) -> Trainer:
    return Trainer(parse_experiment(example(kind)), device="cpu", threads=1)


def train(subject: Trainer, steps: int) -> dict[str, np.ndarray]:
    """Metrics of exactly that many steps, across ends of epochs."""
    chunks, done = [], 0
    while done < steps:
        chunks.append(subject.run(steps - done))
        done += len(chunks[-1].steps)
    return {name: np.concatenate([chunk.metrics[name] for chunk in chunks]) for name in chunks[0].metrics}


@pytest.mark.parametrize("kind", sorted(RECIPES))
def test_documentation(kind: str) -> None:
    recipe = RECIPES[kind]
    assert recipe.label
    assert recipe.summary.endswith(".")
    assert recipe.docs
    assert recipe.formula
    for name, field in recipe.Config.model_json_schema()["properties"].items():
        assert field.get("title"), f"{kind}.{name}"
        assert field.get("description"), f"{kind}.{name}"


@pytest.mark.parametrize("kind", sorted(RECIPES))
def test_its_example_checks(kind: str) -> None:
    document = example(kind)
    assert document["recipe"]["kind"] == kind
    assert json.loads(json.dumps(document)) == document
    report = validate(parse_experiment(document))
    assert [problem.message for problem in report.problems] == []
    assert report.parameters > 0


@pytest.mark.parametrize("kind", sorted(RECIPES))
def test_it_trains_and_says_the_loss(kind: str) -> None:
    subject = trainer(kind)
    before = subject.storage.flat.clone()
    metrics = train(subject, STEPS)
    assert "loss" in metrics
    assert all(np.isfinite(values).all() for values in metrics.values())
    assert not torch.equal(subject.storage.flat, before)
    trained = subject.storage.flat.clone()
    (measured,) = [found for found in subject.evaluate(limit=40) if found is not None]
    assert all(np.isfinite(value) for value in measured.values())
    assert torch.equal(subject.storage.flat, trained)


@pytest.mark.parametrize("kind", sorted(RECIPES))
def test_same_seed_same_numbers_also_from_a_checkpoint(kind: str, tmp_path: Path) -> None:
    torch.manual_seed(1)
    whole = trainer(kind)
    train(whole, STEPS)
    save(tmp_path, whole.snapshot())
    expected = train(whole, STEPS)
    torch.manual_seed(2)  # the process-wide stream must not matter
    back = trainer(kind)
    back.restore(load(tmp_path))
    again = train(back, STEPS)
    assert all(np.array_equal(expected[name], again[name]) for name in expected)
    assert torch.equal(whole.storage.flat, back.storage.flat)


NAMED = [
    (kind, name)
    for kind in sorted(RECIPES)
    for name, value in RECIPES[kind].example["recipe"]["config"].items()
    if isinstance(value, str)
]


@pytest.mark.parametrize(("kind", "name"), NAMED, ids=[".".join(pair) for pair in NAMED])
def test_a_wrong_name_is_said_at_its_setting(kind: str, name: str) -> None:
    document = example(kind)
    document["recipe"]["config"][name] = "nowhere"
    report = validate(parse_experiment(document))
    assert f"recipe.config.{name}" in [problem.field for problem in report.problems]
    assert any("nowhere" in problem.message for problem in report.problems)
