"""The exported script of every preset, every seam and every registry entry runs alone and gives the same losses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from torch import nn

from tests.export_runs import check_scripts
from tests.seams.fixtures import SEAMS
from torchglass.augment.base import AUGMENTS
from torchglass.layers.base import LAYERS
from torchglass.losses.base import LOSSES
from torchglass.optimizers.base import OPTIMIZERS
from torchglass.prepare.base import PREPARES
from torchglass.recipes.base import RECIPES
from torchglass.schedules.base import SCHEDULES
from torchglass.source import RESERVED

from .export_cases import Document, by_choice, by_layer, by_loss, by_preset, by_recipe, by_training, random_networks

Cases = Callable[[], dict[str, Document]]
GROUPS: dict[str, tuple[Cases, int]] = {
    "presets": (by_preset, 50),
    "seams": (lambda: {name: make() for name, make in SEAMS.items()}, 50),
    "layers": (by_layer, 12),
    "choices": (by_choice, 4),
    "recipes": (by_recipe, 20),
    "losses": (by_loss, 12),
    "training": (by_training, 14),
    "random": (lambda: random_networks(12), 8),
}


@pytest.mark.parametrize("group", GROUPS)
def test_the_script_runs_alone_with_the_same_losses(group: str, tmp_path: Path) -> None:
    cases, steps = GROUPS[group]
    check_scripts(cases(), steps, tmp_path)


def test_every_entry_is_among_the_cases() -> None:
    seams = [make() for make in SEAMS.values()]
    documents = [*by_preset().values(), *by_layer().values(), *by_loss().values(), *by_training().values(), *seams]
    kinds = {n["kind"] for raw in documents for n in raw["network"]["nodes"]}
    assert kinds >= set(LAYERS)
    losses = [raw["recipe"]["config"].get("loss", {}).get("kind") for raw in documents]
    assert set(losses) >= set(LOSSES)
    assert {raw["recipe"]["kind"] for raw in documents} >= set(RECIPES)
    optimizers = {choice["kind"] for raw in documents for choice in raw["training"]["optimizers"].values()}
    assert optimizers >= set(OPTIMIZERS)
    assert {raw["training"].get("schedule", {}).get("kind") for raw in documents} >= set(SCHEDULES)
    assert {choice["kind"] for raw in documents for choice in raw["data"].get("prepare", [])} >= set(PREPARES)
    assert {choice["kind"] for raw in documents for choice in raw["data"].get("augment", [])} == set(AUGMENTS)


def test_names_of_modules_are_not_taken() -> None:
    assert {name for name in dir(nn.Module()) if not name.startswith("_")} <= RESERVED
