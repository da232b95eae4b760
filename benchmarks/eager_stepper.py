"""Our eager stepper against the training loop that a student writes by hand, same network, one thread."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch
from torch import nn

from torchglass.presets import load_preset
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


def milliseconds(run: Callable[[int], object]) -> float:
    """Per step."""
    began = time.perf_counter()
    run(STEPS)
    return (time.perf_counter() - began) / STEPS * 1e3


def main() -> None:
    torch.set_num_threads(1)
    trainer = Trainer(load_preset("mnist-cnn"), threads=1)
    everything = trainer.data.batch("train", range(trainer.data.count("train")))
    hand = by_hand(everything["image"].contiguous(), everything["label"])
    trainer.run(STEPS)
    hand(STEPS)
    pairs = [(milliseconds(trainer.run), milliseconds(hand)) for _ in range(ROUNDS)]
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(f"mnist-cnn, batch {BATCH}, one thread: ours {ours:.2f} ms, by hand {theirs:.2f} ms a step")
    print(f"ratio by hand : ours = {theirs / ours:.2f} : 1")


if __name__ == "__main__":
    main()
