"""The same experiment under several steppers."""

from __future__ import annotations

from typing import Any

import numpy as np

from torchglass.catalog import parse_experiment
from torchglass.training.checkpoints import Checkpoint
from torchglass.training.trainer import Trainer


def losses(trainer: Trainer, steps: int) -> dict[str, np.ndarray]:
    """Every metric of each step on the way to that one."""
    pieces: dict[str, list[np.ndarray]] = {}
    while trainer.step < steps:
        for name, values in trainer.run(min(37, steps - trainer.step)).metrics.items():
            pieces.setdefault(name, []).append(values)
    return {name: np.concatenate(parts) for name, parts in pieces.items()}


def trainer_of(raw: dict[str, Any], kind: str) -> Trainer:
    """With that stepper, on one thread; it does not end by itself."""
    training = {**raw["training"], "stop": {}, "stepper": kind}
    trainer = Trainer(parse_experiment({**raw, "training": training}), device="cpu", threads=1)
    assert trainer.stepper.kind == kind, trainer.resolved.reason
    return trainer


def pair(raw: dict[str, Any]) -> tuple[Trainer, Trainer]:
    """The experiment with the eager stepper and with the native one."""
    return trainer_of(raw, "eager"), trainer_of(raw, "native")


def check_same(raw: dict[str, Any], steps: int = 200) -> None:
    """Both train the same network, up to the rounding of float64."""
    eager, native = pair(raw)
    expected, found = losses(eager, steps), losses(native, steps)
    assert set(expected) == set(found)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-9, atol=1e-12, err_msg=name)
    theirs, ours = eager.snapshot(), native.snapshot()
    for fact in ("step", "epoch", "used", "updates"):
        assert ours.facts[fact] == theirs.facts[fact]
    for name, tensor in theirs.tensors.items():
        np.testing.assert_allclose(ours.tensors[name], tensor, rtol=1e-7, atol=1e-10, err_msg=name)


def stand_at(trainer: Trainer, state: Checkpoint) -> None:
    """Where another one stood, with the stepper that this one has."""
    own = {"experiment": trainer.experiment.model_dump(mode="json"), "resolved": trainer.resolved.model_dump()}
    trainer.restore(Checkpoint(state.tensors, {**state.facts, **own}))
