"""Our eager stepper against the training loop that a student writes by hand, same network, one thread."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import torch
from torch import nn

from figures import OURS, row, turns, written
from torchglass.presets import load_preset
from torchglass.spec.experiment import Experiment
from torchglass.training.trainer import Trainer

ROUNDS, STEPS, BATCH = 5, 40, 64


def by_hand(images: torch.Tensor, labels: torch.Tensor) -> Callable[[int], object]:
    """The loop of every tutorial: float images, NCHW, torch.optim, the loss read at every step."""
    model = nn.Sequential(
        nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(784, 10),
    )  # fmt: skip
    optimizer = torch.optim.Adam(model.parameters(), lr=0.002)

    def run(steps: int) -> float:
        total = 0.0
        for _ in range(steps):
            chosen = torch.randint(0, len(images), (BATCH,))
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images[chosen]), labels[chosen])
            loss.backward()
            optimizer.step()
            total += loss.item()
        return total

    return run


def eager(experiment: Experiment) -> Experiment:
    """The same, trained by the reference stepper whatever the rule would take."""
    return experiment.model_copy(update={"training": experiment.training.model_copy(update={"stepper": "eager"})})


def milliseconds(run: Callable[[int], object]) -> float:
    """Per step."""
    began = time.perf_counter()
    run(STEPS)
    return (time.perf_counter() - began) / STEPS * 1e3


def main() -> int:
    torch.set_num_threads(1)
    trainer = Trainer(eager(load_preset("mnist-cnn")), device="cpu", threads=1)
    everything = trainer.data.batch("train", range(trainer.data.count("train")))
    hand = by_hand(everything["image"].contiguous(), everything["label"])
    trainer.run(STEPS)
    hand(STEPS)
    sides = {OURS: lambda: milliseconds(trainer.run), "PyTorch by hand": lambda: milliseconds(hand)}
    taken = turns(sides, ROUNDS)
    what = f"mnist-cnn, batch {BATCH}, one thread, eager: one update"
    ours, theirs = taken.values()
    return written(
        "eager_stepper",
        [
            row(what, ours, "ms", quoted=True),
            row(what, theirs, "ms", who="PyTorch by hand", ours=ours, bar="ratio >= 1"),
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
