"""The picture that excites a unit most: what it climbs, what each regulariser does to it, and what it refuses."""

from __future__ import annotations

import base64
from functools import cache

import numpy as np
import pytest
import torch

from torchglass.catalog import parse_experiment
from torchglass.presets import load_preset
from torchglass.protocol.studies import DreamPicture, DreamRequest
from torchglass.training.trainer import Trainer
from torchglass.worker.dreaming import NoStudyError, blurred, dream, variation


@cache
def trained() -> Trainer:
    raw = load_preset("mnist-cnn").model_dump(mode="json")
    raw["data"]["split"] = {"train": 3000, "test": 100}
    subject = Trainer(parse_experiment(raw), device="cpu", threads=1)
    while subject.step < 90:
        subject.run(90 - subject.step)
    return subject


def dreamt(node: str = "dense", unit: int = 3, steps: int = 60, **more: float) -> list[DreamPicture]:
    return list(dream(trained(), DreamRequest.model_validate({"node": node, "unit": unit, "steps": steps, **more})))


def pixels(one: DreamPicture) -> np.ndarray:
    return np.frombuffer(base64.b64decode(one.pixels), np.uint8).reshape(one.shape).astype(float) / 255


def test_the_picture_grows_into_one_that_the_network_takes_for_the_class() -> None:
    subject = trained()
    weights, random = subject.storage.flat.clone(), torch.get_rng_state()
    shown = dreamt()
    assert [one.done for one in shown][:3] == [1, 5, 10]
    assert shown[-1].done == shown[-1].total == 60
    assert shown[-1].score > shown[3].score > shown[0].score
    assert shown[-1].share is not None
    assert shown[-1].share > 0.99
    # What was told is what the network says of the picture.
    fed = subject.data.prepare_input("image", (pixels(shown[-1]) * 255).astype(np.uint8)[None])
    subject.model.eval()
    with torch.no_grad():
        read = subject.recipe.predict(subject.model.run({"image": fed}))
    assert read is not None
    assert int(read.argmax()) == 3
    assert torch.equal(subject.storage.flat, weights)
    assert torch.equal(torch.get_rng_state(), random)


def test_a_seed_gives_the_same_picture_and_another_one_another() -> None:
    one, same, other = (dreamt(steps=20, jitter=2, seed=seed)[-1].pixels for seed in (0, 0, 1))
    assert one == same != other


def test_each_regulariser_does_what_it_says() -> None:
    free = pixels(dreamt()[-1])
    assert (pixels(dreamt(l2=200)[-1]) ** 2).mean() < 0.7 * (free**2).mean()

    def rough(picture: np.ndarray) -> float:
        return float(np.abs(np.diff(picture, axis=1)).mean() + np.abs(np.diff(picture, axis=2)).mean())

    assert float(variation(torch.from_numpy(free)[None])) == pytest.approx(rough(free))
    assert rough(pixels(dreamt(variation=50)[-1])) < 0.6 * rough(free)
    assert rough(pixels(dreamt(blur=1.0)[-1])) < 0.8 * rough(free)


def test_the_blur_is_a_gaussian_that_keeps_the_light() -> None:
    dot = torch.zeros(1, 2, 15, 15)
    dot[0, :, 7, 7] = 1
    soft = blurred(dot, 1.5)
    assert torch.allclose(soft.sum((2, 3)), torch.ones(1, 2))
    expected = np.exp(-0.5 * ((np.arange(15) - 7) / 1.5) ** 2)
    expected[[0, 1, 13, 14]] *= [0, 0, 0, 0]  # it reaches four pixels
    expected[[2, 12]] = 0
    assert np.allclose(soft[0, 0].numpy(), np.outer(expected, expected) / expected.sum() ** 2, atol=1e-6)


def test_a_channel_is_excited_by_its_mean_and_what_is_not_there_is_refused() -> None:
    shown = dreamt("conv2", 5, steps=20)
    assert shown[-1].share is None
    fed = trained().data.prepare_input("image", (pixels(shown[0]) * 255).astype(np.uint8)[None])
    with torch.no_grad():
        mean = float(trained().model.run({"image": fed})["conv2"][0, 5].mean())
    assert shown[-1].score > mean
    with pytest.raises(NoStudyError, match="16 units"):
        dreamt("conv2", 16)
    with pytest.raises(NoStudyError, match="no layer 'gone'"):
        dreamt("gone")
