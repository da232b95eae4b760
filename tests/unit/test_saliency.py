"""What it looks at: every method against finite differences or loops in NumPy, on a trained network in float64."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from torchglass.catalog import parse_experiment
from torchglass.presets import load_preset
from torchglass.probes import _attributions as methods
from torchglass.probes.base import PROBES, Picture, Sight, Target
from torchglass.training.trainer import Trainer
from torchglass.worker.capture import Looking, Moment, View
from torchglass.worker.pinned import Pinned
from torchglass.worker.sources import Sources

METHODS = ("gradient", "gradient_input", "integrated", "smooth", "grad_cam", "occlusion")


@cache
def trained(preset: str = "mnist-cnn", precision: str = "float64", steps: int = 60) -> Trainer:
    raw = load_preset(preset).model_dump(mode="json")
    raw["training"]["precision"] = precision
    raw["data"]["split"] = {"train": 2000, "test": 200}
    subject = Trainer(parse_experiment(raw), device="cpu", threads=1)
    while subject.step < steps:
        subject.run(steps - subject.step)
    subject.model.eval()
    return subject


def view(subject: Trainer, source: str = "test:3") -> View:
    return View(Moment(subject, Sources(subject.data), Pinned(subject), [], 0, 0.0, False), source)


def sight_at(source: str = "test:3", noise: float = 0.0) -> Sight:
    """With a little noise in the picture: on one flat colour the largest of four equal values has no slope."""
    found = view(trained(), source).sight()
    assert found is not None
    drawn = torch.randn(found.x.shape, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    return replace(found, x=found.x + noise * drawn)


def see(subject: Trainer, source: str = "test:3", **options: Any) -> Picture:
    with Looking(subject.model)():
        found = PROBES.make("saliency", options).capture(Target(source=source), view(subject, source))
    assert found is not None
    return found


def function_of(sight: Sight, k: int) -> Callable[[np.ndarray], np.ndarray]:
    """Pictures (N, C, H, W) -> the score of class k (N), with nothing but NumPy outside."""

    def f(pictures: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return np.asarray(sight.scores(torch.from_numpy(pictures))[:, k].numpy())

    return f


#: Pixels that are nudged one by one, as rows and columns.
SOME = tuple(np.random.default_rng(1).integers(0, 28, (2, 60)))


def slopes(sight: Sight, k: int, at: np.ndarray) -> np.ndarray:
    """∂f/∂x for some pixels of one picture (1, H, W), by central differences."""
    nudge, step = np.zeros((len(SOME[0]), *at.shape)), 1e-6
    nudge[np.arange(len(nudge)), 0, SOME[0], SOME[1]] = step
    f = function_of(sight, k)
    return np.asarray((f(at + nudge) - f(at - nudge)) / (2 * step))


def test_the_gradient_is_that_of_finite_differences() -> None:
    sight = sight_at(noise=0.1)
    expected = slopes(sight, 4, sight.x[0].numpy())
    assert np.abs(expected).max() > 0.01
    assert np.allclose(methods.gradient(sight, sight.x, 4)[0, 0].numpy()[SOME], expected, atol=1e-6)
    # As a picture: for the full brightness of a pixel, from black to white as stored.
    sight, deviation = sight_at(), float(trained().data.fitted[0]["std"])
    found = methods.gradient(sight, sight.x, 4)[0, 0].numpy() / deviation
    assert np.allclose(see(trained(), method="gradient", index=4).values, found, atol=1e-5)
    light = view(trained()).examples_raw("test", [3])["image"].reshape(28, 28) / 255
    product = see(trained(), method="gradient_input", index=4).values
    assert np.allclose(product, found * light, atol=1e-5)
    assert (product[light == 0] == 0).all()


def test_integrated_gradients_follow_the_way_and_are_complete() -> None:
    sight = replace(sight_at(noise=0.1), black=sight_at(noise=0.2).x)
    x, dark = sight.x[0].numpy(), sight.black[0].numpy()
    places = (np.arange(5) + 0.5) / 5
    expected = (x - dark)[0][SOME] * np.mean([slopes(sight, 2, dark + a * (x - dark)) for a in places], axis=0)
    found, steps = methods.integrated(sight, 2, sight.black, 5)
    assert np.allclose(found[0].numpy()[SOME], expected, atol=1e-6)
    assert steps == 5


@pytest.mark.parametrize("baseline", ["black", "mean"])
@pytest.mark.parametrize("preset", ["mnist-cnn", "mnist-mlp"])
def test_integrated_gradients_add_up_to_what_the_score_gains_within_1_percent(preset: str, baseline: str) -> None:
    subject = trained(preset, "float32")
    for i in range(25):
        extra = see(subject, f"test:{i}", method="integrated", baseline=baseline).extra
        assert extra["gain"] == pytest.approx(extra["score"] - extra["baseline"])
        assert abs(extra["total"] - extra["gain"]) <= 0.01 * abs(extra["gain"]), (i, extra)


def test_smooth_gradients_are_the_mean_over_noisy_copies() -> None:
    sight = sight_at(noise=0.1)
    drawn = torch.randn((3, 1, 28, 28), generator=torch.Generator().manual_seed(0)).double().numpy()
    noisy = sight.x.numpy() + 0.2 * sight.unit.numpy() * drawn
    expected = np.mean([slopes(sight, 1, one) for one in noisy], axis=0)
    assert np.allclose(methods.smooth(sight, 1, 0.2, 3)[0].numpy()[SOME], expected, atol=1e-6)
    still = see(trained(), method="smooth", noise=0.0, samples=4).values
    assert np.allclose(still, see(trained(), method="gradient").values, atol=1e-6)


def test_grad_cam_weighs_the_maps_by_how_the_score_follows_them() -> None:
    subject, sight = trained(), sight_at(noise=0.1)
    with torch.no_grad():
        maps = subject.model.run({"image": sight.x})["conv2"][0].numpy()  # (16, 14, 14)

    def score(values: np.ndarray) -> float:  # relu2, pool2, flatten, dense by hand
        pooled = np.maximum(values, 0).reshape(16, 7, 2, 7, 2).max(axis=(2, 4)).reshape(-1)
        weight, bias = (subject.model.parameter(f"dense.{name}").detach().numpy() for name in ("weight", "bias"))
        return float(weight[7] @ pooled + bias[7])

    step, alphas = 1e-6, []
    for c in range(16):
        raised, lowered = maps.copy(), maps.copy()
        raised[c] += step
        lowered[c] -= step
        alphas.append((score(raised) - score(lowered)) / (2 * step) / maps[c].size)
    expected = np.maximum(np.tensordot(alphas, maps, axes=1), 0)
    coarse, fine = methods.grad_cam(sight, 7, "conv2")
    assert expected.max() > 0
    assert np.allclose(coarse.numpy(), expected, atol=1e-6)
    # Stretched with the centres of the pixels in place (bilinear), so that its middle is a mean of four places.
    assert fine[0, 0] == coarse[0, 0]
    assert float(fine[1, 1]) == pytest.approx(float((np.outer([0.75, 0.25], [0.75, 0.25]) * expected[:2, :2]).sum()))
    assert see(subject, method="grad_cam").extra["layer"] == "conv2"
    assert see(subject, method="grad_cam", layer="relu1").extra["coarse"] == [28, 28]
    with pytest.raises(ValueError, match="gives no maps"):
        see(subject, method="grad_cam", layer="dense")


@pytest.mark.parametrize(("window", "stride"), [(5, 2), (8, 8), (3, 5), (40, 1)])
def test_the_occlusion_map_is_what_covering_costs(window: int, stride: int) -> None:
    sight = sight_at()
    f, x = function_of(sight, 4), sight.x.numpy()
    side = min(window, 28)
    begins = sorted({*range(0, 28 - side + 1, stride), 28 - side})
    falls, times = np.zeros((28, 28)), np.zeros((28, 28))
    for top in begins:
        for left in begins:
            covered = x.copy()
            covered[:, :, top : top + side, left : left + side] = sight.black.numpy()[:, :, :side, :side]
            falls[top : top + side, left : left + side] += f(x)[0] - f(covered)[0]
            times[top : top + side, left : left + side] += 1
    expected = np.divide(falls, times, out=np.zeros_like(falls), where=times > 0)
    with torch.no_grad():
        found = methods.occlusion(sight, 4, sight.black, window, stride).numpy()
    assert np.allclose(found, expected, atol=1e-9)


def test_the_class_is_what_it_says_the_truth_or_any() -> None:
    subject = trained()
    said = see(subject).extra
    assert said["class"] == said["said"]
    seen = [see(subject, f"test:{i}", method="gradient", target="truth").extra for i in range(100)]
    truths = subject.data.raw("test", range(100))["label"].reshape(-1).tolist()
    assert [one["class"] for one in seen] == truths
    assert any(one["said"] != one["truth"] for one in seen)
    assert see(subject, index=9).extra["class"] == 9
    with pytest.raises(ValueError, match="There is no class 10"):
        see(subject, index=10)


def test_what_can_not_be_looked_at_says_so_and_the_training_does_not_notice() -> None:
    large = torch.zeros(1, 1, 64, 64)
    with pytest.raises(ValueError, match="larger stride"):
        methods.occlusion(replace(sight_at(), x=large), 0, large, window=1, stride=1)
    with pytest.raises(ValueError, match="no convolution"):
        see(trained("mnist-mlp"), method="grad_cam")

    def losses(watched: bool) -> bytes:
        one = Trainer(load_preset("mnist-cnn"), device="cpu", threads=1)
        found = b""
        for _ in range(4):
            found += one.run(1).metrics["loss"].tobytes()
            for method in METHODS if watched else ():
                see(one, method=method)
        return found

    assert losses(watched=True) == losses(watched=False)
