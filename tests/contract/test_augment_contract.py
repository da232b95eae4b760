"""Every augmentation keeps its contract: documented, reproducible, within the range, with its own random stream."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from torchglass.augment.base import AUGMENTS
from torchglass.datasets.base import FieldSpec
from torchglass.spec.base import Choice
from torchglass.spec.shapes import Shape
from torchglass.training.augmenting import Augmenting

FIELDS = {
    "image": FieldSpec(Shape.image(3, 12, 10), "uint8", range=(0, 1)),
    "label": FieldSpec(Shape.label(), "int64", "target", ("a", "b")),
}


def batch() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    labels = torch.arange(16) % 2
    return {"image": torch.rand(16, 3, 12, 10, generator=generator), "label": labels}


def augmented(*kinds: str, step: int = 1, seed: int = 7) -> dict[str, torch.Tensor]:
    changed, mixed = Augmenting([Choice(kind=kind, config={}) for kind in kinds], FIELDS, seed)(batch(), step)
    return changed if mixed is None else changed | mixed.targets(changed, FIELDS)


@pytest.mark.parametrize("kind", sorted(AUGMENTS))
def test_entry_is_documented_and_round_trips(kind: str) -> None:
    entry = AUGMENTS[kind]
    assert entry.label
    assert entry.group
    assert entry.summary.endswith(".")
    assert entry.formula
    assert "Source: " in entry.docs
    config = entry.Config()
    assert entry.Config.model_validate_json(config.model_dump_json()) == config
    for name, schema in entry.Config.model_json_schema()["properties"].items():
        assert schema["title"], name
        assert schema["description"], name


def test_registry_needs_no_torch() -> None:
    code = "import sys; from torchglass.augment.base import AUGMENTS; len(AUGMENTS); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("kind", sorted(AUGMENTS))
def test_pictures_change_within_their_range_and_labels_stay(kind: str) -> None:
    before, after = batch(), augmented(kind)
    assert after["image"].shape == before["image"].shape
    assert not torch.equal(after["image"], before["image"])
    assert after["image"].min() >= 0
    assert after["image"].max() <= 1
    assert torch.equal(after["label"], before["label"])


@pytest.mark.parametrize("kind", sorted(AUGMENTS))
def test_only_seed_and_step_decide(kind: str) -> None:
    first = augmented(kind)["image"]
    assert torch.equal(augmented(kind)["image"], first)
    assert not torch.equal(augmented(kind, step=2)["image"], first)
    assert not torch.equal(augmented(kind, seed=8)["image"], first)


@pytest.mark.parametrize("kind", sorted(set(AUGMENTS) - {"cutout", "mixup"}))
def test_another_one_in_the_list_shifts_nobody_else(kind: str) -> None:
    """The square that cutout covers stays where it is, whatever was done before."""
    alone = augmented("cutout")["image"] == 0
    both = augmented(kind, "cutout")["image"] == 0
    assert bool((both | ~alone).all())
