"""The plane through the weights: directions, the path on it, and the loss at its places."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from torchglass.presets import presets
from torchglass.training.landscape import NoLandscapeError, Surveyor
from torchglass.training.trainer import Trainer


@pytest.fixture
def trainer() -> Trainer:
    made = Trainer(presets()["moons-mlp"].experiment, device="cpu", threads=1)
    while made.step < 60:
        made.run(60 - made.step)
    return made


def test_the_loss_in_the_middle_is_that_of_the_weights_which_stay(trainer: Trainer) -> None:
    before = trainer.storage.flat.clone()
    surveyor = Surveyor(trainer)
    rows = list(surveyor.rows(surveyor.plane("random", [], seed=3), 5))
    with torch.no_grad():
        loss = trainer.recipe.loss(trainer.model.run(surveyor.batch), surveyor.batch)
    assert loss is not None
    assert rows[2][2] == pytest.approx(float(loss), rel=1e-6)
    assert np.shape(rows) == (5, 5)
    assert torch.equal(trainer.storage.flat, before)


def test_random_directions_are_as_long_as_the_weights_filter_by_filter(trainer: Trainer) -> None:
    plane = Surveyor(trainer).plane("random", [], seed=3)
    for flat in plane.directions:
        for name, view in trainer.storage.views(flat).items():
            weight = trainer.storage.slots[name].parameter.detach()
            if weight.dim() < 2:
                assert not view.any()
            else:
                assert torch.allclose(view.norm(dim=1), weight.norm(dim=1), rtol=1e-5)


def test_a_path_on_a_plane_lies_wholly_on_it_and_its_distances_are_kept(trainer: Trainer) -> None:
    here = trainer.storage.flat.clone()
    random = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, len(here), generator=random)
    steps = [(2.0, 0.5), (1.0, 1.0), (0.5, -0.2), (0.0, 0.0)]
    path = [here + x * a + y * b for x, y in steps]
    plane = Surveyor(trainer).plane("path", path, seed=0)
    assert plane.share == pytest.approx(1.0, abs=1e-6)
    lengths = [float((one - here).norm()) for one in path]
    assert np.allclose(np.linalg.norm(plane.points, axis=1), lengths, rtol=1e-4, atol=1e-5)
    assert np.allclose(plane.points[-1], 0, atol=1e-5)


def test_the_landscape_of_a_line_is_the_bowl_that_numpy_computes() -> None:
    trainer = Trainer(presets()["fit-the-line"].experiment, device="cpu", threads=1)
    surveyor = Surveyor(trainer)
    flat = surveyor.here.double().numpy()
    assert flat.shape == (2,)
    path = [surveyor.here + torch.tensor(offset) for offset in ([1.0, 0.0], [0.0, 1.0], [0.0, 0.0])]
    plane = surveyor.plane("path", path, seed=0)
    rows = np.array(list(surveyor.rows(plane, 5)), float)
    inputs = [value for name, value in surveyor.batch.items() if trainer.data.fields[name].role == "input"]
    x = inputs[0].reshape(-1).numpy()
    y = surveyor.batch[trainer.data.target_field or ""].reshape(-1).numpy()
    directions = plane.directions.numpy()
    across = np.linspace(plane.centre[0] - plane.span[0], plane.centre[0] + plane.span[0], 5)
    upwards = np.linspace(plane.centre[1] - plane.span[1], plane.centre[1] + plane.span[1], 5)
    names = [slot.name for slot in sorted(trainer.storage.slots.values(), key=lambda slot: slot.offset)]
    for j, b in enumerate(upwards):
        for i, a in enumerate(across):
            weights = dict(zip(names, flat + a * directions[0] + b * directions[1], strict=True))
            slope = next(value for name, value in weights.items() if name.endswith("weight"))
            bias = next(value for name, value in weights.items() if name.endswith("bias"))
            assert rows[j, i] == pytest.approx(float(np.mean((slope * x + bias - y) ** 2)), rel=1e-4)


def test_what_has_no_landscape_says_why(trainer: Trainer) -> None:
    surveyor = Surveyor(trainer)
    with pytest.raises(NoLandscapeError, match="let it train"):
        surveyor.plane("path", [surveyor.here.clone()], seed=0)
    with pytest.raises(NoLandscapeError, match="down the slope of one loss"):
        Surveyor(Trainer(presets()["perceptron"].experiment, device="cpu", threads=1))
