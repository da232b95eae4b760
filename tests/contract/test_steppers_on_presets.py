"""Every stepper trains every preset that it takes as the eager one does: in float64 over 200 steps, in float32 from
20 states, and to the same end."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

from tests.contract.side_by_side import check_same, losses, pair, stand_at, trainer_of
from torchglass.presets import load_preset, presets
from torchglass.training.stacked import FEWEST, Stack
from torchglass.training.steppers import build
from torchglass.training.steppers.native import Native
from torchglass.training.trainer import Trainer

#: A preset that comes or goes is named here, so that nobody loses the fast step unawares.
NATIVE = [
    "mnist-cnn", "circle-mlp", "xor-mlp", "moons-mlp", "spiral-mlp", "plane-regression", "three-spirals", "five-clouds",
    "bumps-mlp", "iris-mlp", "wine-mlp", "breast-cancer-mlp", "diabetes-regression", "fit-the-line",
    "linear-regression", "universal-approximation", "uncertainty", "mc-dropout", "logic-xor", "logistic-regression",
    "xor-features", "xor-2-units", "softmax-regression", "one-vs-rest", "labels-one-unit", "labels-binary-code",
    "linear-collapse", "deep-spiral", "wide-spiral", "backprop-by-hand", "bend-the-plane", "bend-linear",
    "parity-depth", "parity-learned", "vanishing-sigmoid", "vanishing-relu", "one-saturated-layer", "dead-relu",
    "leaky-misread", "init-zeros", "init-he", "clipping", "rate-drop", "overfit", "overfit-l2", "overfit-dropout",
    "dropout-left-on", "early-stopping", "data-hunger", "loss-landscape",
    "augmentation-off", "transfer", "transfer-from-scratch", "saliency", "dream-a-digit",
]  # fmt: skip
#: Of those that are left, what a sweep trains together.
STACKED = ["conv-volume", "conv1d", "parity-two-levels", "batch-norm", "random-labels"]
STATES, APART = 20, 3
#: ``make test-full`` trains every preset to its end with five seeds.
FULL = os.environ.get("TORCHGLASS_TEST_TIER") == "full"


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    assert build.main() == 0


def document(preset: str, precision: str = "float32") -> dict[str, Any]:
    raw = load_preset(preset).model_dump(mode="json")
    raw["training"]["precision"] = precision
    if (
        preset in NATIVE
        and precision == "float64"
        and any(node["kind"] == "conv2d" for node in raw["network"]["nodes"])
    ):
        raw["data"]["batch_size"] = min(10, raw["data"]["batch_size"])  # the same sums in a fifth of the time
    return raw


def copies(raw: dict[str, Any], seeds: list[int]) -> list[Trainer]:
    """As a sweep trains them, each with a seed."""
    return [trainer_of({**raw, "seed": seed}, "eager") for seed in seeds]


def stack_of(trainers: list[Trainer]) -> Stack:
    for one in trainers:  # as in a sweep, where nobody asks for the eager stepper
        training = one.experiment.training.model_copy(update={"stepper": "auto"})
        one.experiment = one.experiment.model_copy(update={"training": training})
    reason = Stack.refuses(trainers)
    assert reason is None, reason
    return Stack(trainers)


def test_these_are_the_presets_that_each_takes() -> None:
    left = []
    for preset in presets():
        trainer = Trainer(load_preset(preset), device="cpu", threads=1)
        if Native.refuses(trainer) is not None:
            left.append((preset, trainer))
    assert [preset for preset in presets() if preset not in dict(left)] == NATIVE
    assert [preset for preset, one in left if Stack.refuses([one] * FEWEST) is None] == STACKED


@pytest.mark.parametrize("preset", NATIVE)
def test_native_over_200_steps(preset: str) -> None:
    check_same(document(preset, "float64"))


@pytest.mark.parametrize("preset", NATIVE)
def test_native_in_single_precision(preset: str) -> None:
    eager, native = pair(document(preset))
    for _ in range(STATES):
        stand_at(native, eager.snapshot())
        theirs, ours = eager.run(1), native.run(1)
        np.testing.assert_allclose(ours.metrics["loss"], theirs.metrics["loss"], rtol=1e-4, atol=1e-12)
        np.testing.assert_allclose(native.storage.flat, eager.storage.flat, rtol=1e-4, atol=1e-5)
        losses(eager, eager.step + APART)


@pytest.mark.parametrize("preset", STACKED)
def test_stacked_over_200_steps(preset: str) -> None:
    raw = document(preset, "float64")
    metrics = stack_of(copies(raw, [1, 2, 3, 4])).run(200)
    for name, values in losses(trainer_of({**raw, "seed": 3}, "eager"), 200).items():
        np.testing.assert_allclose(metrics[name][:, 2], values, rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("preset", STACKED)
def test_stacked_in_single_precision(preset: str) -> None:
    raw = document(preset)
    eager, *together = copies(raw, [3] * (FEWEST + 1))
    for _ in range(STATES):
        state = eager.snapshot()
        for one in together:
            stand_at(one, state)
        ours, theirs = stack_of(together).run(2), losses(eager, eager.step + 2)
        for place, one in enumerate(together):
            np.testing.assert_allclose(ours["loss"][:, place], theirs["loss"][-2:], rtol=1e-4)
            if preset != "batch-norm":  # there biases follow a gradient of nothing but rounding
                np.testing.assert_allclose(one.storage.flat, eager.storage.flat, rtol=1e-4, atol=1e-5)
        losses(eager, eager.step + APART)


def ends(preset: str, kind: str, seeds: int, steps: int) -> list[float]:
    """The loss on test examples (training examples, where there are no others) that each seed ends with."""
    found = []
    for seed in range(seeds):
        trainer = trainer_of({**document(preset), "seed": seed}, kind)
        losses(trainer, steps)
        split = "test" if trainer.data.count("test") else "train"
        (*_, last) = trainer.evaluate(split, 500)
        assert last is not None
        found.append(last["loss"])
    return found


@pytest.mark.parametrize("preset", NATIVE if FULL else ["moons-mlp", "diabetes-regression"])
def test_both_come_to_the_same_end(preset: str) -> None:
    """Single precision rounds differently, so that the curves part; where they end is as good as with another seed."""
    long = FULL and not any(node.kind == "conv2d" for node in load_preset(preset).network.nodes)
    seeds, steps = (5, 2000) if long else (3, 300)
    eager, native = (ends(preset, kind, seeds, steps) for kind in ("eager", "native"))
    assert np.isfinite(eager).all() == np.isfinite(native).all()
    if np.isfinite(eager).all():
        assert abs(np.median(eager) - np.median(native)) <= np.ptp(eager) + 1e-6
