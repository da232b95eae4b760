"""Our training step beside those of others, on the same small networks: ours, PyTorch as students write it, and the
peers that come as packages (ConvNetJS and TensorFlow.js under node, scikit-learn's MLPClassifier).

All take turns (A B C D E, A B C D E, ...), so that a machine that slows down slows all alike. The JavaScript packages
are fetched into benchmarks/peers/node_modules when this is first run.
Usage: python benchmarks/peers.py [--rounds 7] [--seconds 0.4]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from torch import nn
from torch.nn import functional

from figures import OURS, Row, row, turns, written
from torchglass.spec.experiment import Experiment
from torchglass.training.trainer import Trainer

HERE = Path(__file__).resolve().parent
FOLDER = HERE / "peers"
SIDE, LR = 28, 0.03
#: Work -> units of the hidden layers; None: the small convolutional network.
WORKS: dict[str, list[int] | None] = {"2-8-8-1": [8, 8], "7-8-8-8-8-8-8-1": [8] * 6, "small CNN": None}
BATCH = {"2-8-8-1": 10, "7-8-8-8-8-8-8-1": 10, "small CNN": 20}
Steps = Callable[[int], object]


def document(work: str) -> Experiment:
    """The experiment that we train: the playground's circle, or handwritten digits."""
    hidden = WORKS[work]
    if hidden is None:
        kinds: list[tuple[str, dict[str, Any]]] = [("input", {"field": "image"})]
        for filters in (8, 16):
            kinds += [("conv2d", {"out_channels": filters, "kernel_size": 5, "padding": 2}), ("relu", {})]
            kinds += [("max_pool2d", {"kernel_size": 2})]
        kinds += [("flatten", {}), ("linear", {"out_features": 10})]
        data, loss, optimizer = "mnist", "cross_entropy", {"kind": "adadelta", "config": {}}
    else:
        kinds = [("input", {"field": "point"})]
        if work.startswith("7"):
            chosen = ("x1", "x2", "x1_squared", "x2_squared", "product", "sin_x1", "sin_x2")
            kinds += [("features", dict.fromkeys(chosen, True))]
        for units in hidden:
            kinds += [("linear", {"out_features": units}), ("tanh", {})]
        kinds += [("linear", {"out_features": 1})]
        data, loss, optimizer = "circle", "binary_cross_entropy", {"kind": "sgd", "config": {"lr": LR}}
    nodes = [{"id": f"n{i}", "kind": kind, "config": config} for i, (kind, config) in enumerate(kinds)]
    edges = [{"source": f"n{i}", "target": f"n{i + 1}"} for i in range(len(nodes) - 1)]
    recipe = {"output": nodes[-1]["id"], "target": "label", "loss": {"kind": loss, "config": {}}}
    return Experiment.model_validate(
        {
            "version": 1,
            "name": work,
            "seed": 1,
            "data": {"kind": data, "config": {}, "batch_size": BATCH[work]},
            "network": {"nodes": nodes, "edges": edges},
            "recipe": {"kind": "supervised", "config": recipe},
            "training": {"optimizers": {"model": optimizer}},
        }
    )


def ours(work: str) -> tuple[Steps, str]:
    """Our trainer, in the portions in which a run trains; and the stepper that the rule takes."""
    trainer = Trainer(document(work), device="cpu", threads=1)

    def run(steps: int) -> None:
        end = trainer.step + steps
        while trainer.step < end:  # some steppers stop at the end of an epoch
            trainer.run(end - trainer.step)

    return run, trainer.stepper.kind


def by_hand(work: str) -> Steps:
    """The loop of every tutorial: NCHW, one thread, torch.optim, the loss read at every step."""
    hidden, inputs, model = WORKS[work], int(work[0]) if work[0].isdigit() else 0, nn.Sequential()
    if hidden is None:
        for before, after in ((1, 8), (8, 16)):
            model.extend([nn.Conv2d(before, after, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)])
        model.extend([nn.Flatten(), nn.Linear(784, 10)])
        xs, ys = torch.randn(2000, 1, SIDE, SIDE), torch.randint(0, 10, (2000,))
        optimizer: torch.optim.Optimizer = torch.optim.Adadelta(model.parameters())
        criterion: Callable[..., torch.Tensor] = functional.cross_entropy
    else:
        for before, after in zip([inputs, *hidden], hidden, strict=False):
            model.extend([nn.Linear(before, after), nn.Tanh()])
        model.append(nn.Linear(hidden[-1], 1))
        xs, ys = torch.randn(250, inputs), torch.randint(0, 2, (250, 1)).float()
        optimizer = torch.optim.SGD(model.parameters(), lr=LR)
        criterion = functional.binary_cross_entropy_with_logits

    def run(steps: int) -> float:
        total = 0.0
        for _ in range(steps):
            chosen = torch.randint(0, len(xs), (BATCH[work],))
            optimizer.zero_grad()
            loss = criterion(model(xs[chosen]), ys[chosen])
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += loss.item()
        return total

    return run


def by_sklearn(work: str) -> Steps | None:
    """MLPClassifier's own loop over whole epochs; it has no convolutions."""
    hidden = WORKS[work]
    if hidden is None:
        return None
    rng, inputs = np.random.default_rng(0), int(work[0])
    xs, ys = rng.normal(size=(250, inputs)), rng.integers(0, 2, 250)
    epoch = len(xs) // BATCH[work]

    def run(steps: int) -> object:
        model = MLPClassifier(
            hidden, activation="tanh", solver="sgd", batch_size=BATCH[work], learning_rate_init=LR, momentum=0.0,
            alpha=0.0, max_iter=max(1, steps // epoch), tol=0.0, n_iter_no_change=10**9,
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return model.fit(xs, ys)

    return run


def packages() -> list[str]:
    """What run.mjs needs."""
    return list(json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))["dependencies"])


@contextmanager
def javascript() -> Iterator[Callable[[str, str, int], float]]:
    """Asks the node process for microseconds per update."""
    import nodejs  # of tools/, which figures.py has made known

    if any(not (FOLDER / "node_modules" / package).is_dir() for package in packages()):
        nodejs.npm(["install", "--no-package-lock", "--ignore-scripts", "--silent"], FOLDER)
    command = [str(nodejs.node_binary()), str(FOLDER / "run.mjs")]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    def ask(peer: str, work: str, steps: int) -> float:
        stdin.write(json.dumps({"peer": peer, "work": work, "steps": steps}) + "\n")
        stdin.flush()
        return float(json.loads(stdout.readline())["us"])

    try:
        yield ask
    finally:
        stdin.close()
        process.wait(20)


def timed(run: Steps) -> Callable[[int], float]:
    """Microseconds per update of so many."""

    def measure(steps: int) -> float:
        begin = time.perf_counter()
        run(steps)
        return (time.perf_counter() - begin) / steps * 1e6

    return measure


def enough(measure: Callable[[int], float], seconds: float, least: int) -> int:
    """So many updates, a multiple of ``least``, take about that long; the first of all, which load and compile, not
    counted."""
    steps = least
    measure(steps)
    while (took := measure(steps) * steps / 1e6) < seconds / 4 and steps < 10**7:
        steps *= 4
    return max(least, int(steps * seconds / max(took, 1e-6)) // least * least)


def compared(work: str, ask: Callable[[str, str, int], float], rounds: int, seconds: float) -> list[Row]:
    """Microseconds per update of each, and how many times ours, of the rounds."""
    mine, stepper = ours(work)
    measures = {OURS: timed(mine), "PyTorch by hand": timed(by_hand(work))}
    if (sklearn := by_sklearn(work)) is not None:
        measures["scikit-learn"] = timed(sklearn)
    backend = "JavaScript" if WORKS[work] else "WebAssembly"
    for peer, who in (("convnetjs", "ConvNetJS"), ("tfjs", f"TensorFlow.js ({backend})")):
        measures[who] = lambda steps, peer=peer: ask(peer, work, steps)
    # Whole epochs of the 250 points, since scikit-learn's loop knows no less.
    least = 50 if WORKS[work] else 1
    steps = {name: enough(measure, seconds, least) for name, measure in measures.items()}
    taken = turns(
        {name: lambda measure=measure, n=steps[name]: measure(n) for name, measure in measures.items()}, rounds
    )
    what = f"{work}, batch {BATCH[work]}: one update ({stepper} stepper)"
    return [
        row(what, values, "µs", who=who, ours=None if who == OURS else taken[OURS], quoted=True)
        for who, values in taken.items()
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.4, help="of one turn of one engine")
    options = parser.parse_args()
    torch.set_num_threads(1)
    with javascript() as ask:
        rows = [one for work in WORKS for one in compared(work, ask, options.rounds, options.seconds)]
    return written("peers", rows)


if __name__ == "__main__":
    sys.exit(main())
