"""What a log of events comes to, worked out from scratch by a plain loop: no trainer, no checkpoints, no ring.

The network is input (2) → hidden (H) → tanh or relu → out (2), trained with Adam. Every number has the name of its
units, ``("hidden", 3, 0)`` say, so that edits need no tensors: a unit that goes takes its numbers away, one that comes
back brings them, a new one begins as it was drawn and is connected by zeros.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from torchglass.datasets.base import DATASETS
from torchglass.spec.experiment import Experiment
from torchglass.training.randomness import generator
from torchglass.training.trainer import Trainer

from .fixtures import chain, experiment, node

EXAMPLES = 40
SEED = 5
#: Where a number stands: parameter, then its index.
Place = tuple[Any, ...]


@dataclass(frozen=True)
class Doc:
    """What is changed in the document."""

    width: int = 3
    act: str = "tanh"
    lr: float = 0.05
    l2: float = 0.0
    batch: int = 16

    def raw(self) -> dict[str, Any]:
        nodes = [
            node("x", "input", field="point"),
            node("hidden", "linear", out_features=self.width),
            node("act", self.act),
            node("out", "linear", out_features=2),
        ]
        found = experiment(
            "naive",
            {"kind": "two_blobs", "config": {"train": EXAMPLES, "test": 8}, "batch_size": self.batch},
            {"nodes": nodes, "edges": chain("x", "hidden", "act", "out")},
            {"kind": "supervised", "config": {"output": "out", "target": "label"}},
            optimizers={"model": {"kind": "adam", "config": {"lr": self.lr}}},
            regularization={"l2": self.l2},
            precision="float64",
            stepper="eager",
        )
        return Experiment.model_validate(found).model_dump(mode="json")


@dataclass(frozen=True)
class Event:
    """``train`` so many steps, ``change`` to a document, ``assign`` a number (its place, its value, its count)."""

    kind: str
    steps: int = 0
    doc: Doc | None = None
    place: Place = ()
    value: float = 0.0
    number: int = 0


Log = tuple[Event, ...]


def step_of(log: Sequence[Event]) -> int:
    return sum(event.steps for event in log)


def doc_of(log: Sequence[Event]) -> Doc:
    return next((event.doc for event in reversed(log) if event.doc is not None), Doc())


def assigned_of(log: Sequence[Event]) -> int:
    return next((event.number for event in reversed(log) if event.number), 0)


@cache
def drawn(width: int) -> dict[Place, float]:
    """The numbers that a network of this width begins with."""
    begun = Trainer(Experiment.model_validate(Doc(width=width).raw()))
    return {
        (name, *index): float(slot.parameter.detach()[index])
        for name, slot in begun.storage.slots.items()
        for index in itertools.product(*map(range, slot.parameter.shape))
    }


@cache
def examples() -> tuple[Tensor, Tensor]:
    """(N, 2) points and (N,) labels in their stored order."""
    train = DATASETS.make("two_blobs", {"train": EXAMPLES, "test": 8}).load(SEED).train
    return torch.from_numpy(train["point"]).double(), torch.from_numpy(train["label"]).long()


class Naive:
    """Numbers by name, and both running averages of Adam."""

    def __init__(self) -> None:
        self.doc = Doc()
        self.weights = dict(drawn(self.doc.width))
        self.first = dict.fromkeys(self.weights, 0.0)
        self.second = dict.fromkeys(self.weights, 0.0)
        self.attic: dict[Place, tuple[float, float, float]] = {}
        self.step = self.epoch = self.used = 0

    def play(self, log: Sequence[Event]) -> Naive:
        for event in log:
            if event.kind == "assign" and event.place in self.weights:
                self.weights[event.place] = event.value
            if event.doc is not None:
                self._change(event.doc)
            for _ in range(event.steps):
                self._step()
        return self

    def _change(self, doc: Doc) -> None:
        wanted = drawn(doc.width)
        for place in [place for place in self.weights if place not in wanted]:
            self.attic[place] = self.weights.pop(place), self.first.pop(place), self.second.pop(place)
        for place, value in wanted.items():
            if place not in self.weights:
                begin = 0.0 if place[0] == "out.weight" else value
                self.weights[place], self.first[place], self.second[place] = self.attic.get(place, (begin, 0.0, 0.0))
        self.doc = doc

    def _batch(self) -> Tensor:
        order = torch.randperm(EXAMPLES, generator=generator(SEED, "order", self.epoch))
        stop = min(self.used + self.doc.batch, EXAMPLES)
        if EXAMPLES - stop == 1:
            stop = EXAMPLES
        chosen = order[self.used : stop]
        self.epoch, self.used = (self.epoch + 1, 0) if stop == EXAMPLES else (self.epoch, stop)
        return chosen

    def _step(self) -> None:
        points, labels = examples()
        chosen = self._batch()
        tensors = {name: torch.tensor(value, requires_grad=True) for name, value in self.arrays(self.weights).items()}
        hidden = points[chosen] @ tensors["hidden.weight"].T + tensors["hidden.bias"]
        hidden = hidden.tanh() if self.doc.act == "tanh" else hidden.relu()
        scores = hidden @ tensors["out.weight"].T + tensors["out.bias"]
        torch.nn.functional.cross_entropy(scores, labels[chosen]).backward()
        self.step += 1
        for place in self.weights:
            slope = tensors[place[0]].grad
            assert slope is not None
            self._update(place, float(slope[place[1:]]))

    def _update(self, place: Place, slope: float) -> None:
        """Kingma, Ba 2015, algorithm 1; weight decay as a part of the gradient, for what is no bias."""
        if len(place) == 3:
            slope += self.doc.l2 * self.weights[place]
        self.first[place] = 0.9 * self.first[place] + 0.1 * slope
        self.second[place] = 0.999 * self.second[place] + 0.001 * slope**2
        first = self.first[place] / (1 - 0.9**self.step)
        second = self.second[place] / (1 - 0.999**self.step)
        self.weights[place] -= self.doc.lr * first / (second**0.5 + 1e-8)

    def arrays(self, numbers: dict[Place, float]) -> dict[str, np.ndarray]:
        """As tensors, by parameter."""
        width = self.doc.width
        shapes = {"hidden.weight": (width, 2), "hidden.bias": (width,), "out.weight": (2, width), "out.bias": (2,)}
        return {
            name: np.array([numbers[name, *index] for index in np.ndindex(*shape)]).reshape(shape)
            for name, shape in shapes.items()
        }

    def checkpoint(self) -> Iterator[tuple[str, np.ndarray]]:
        """What a checkpoint must hold, by its name there."""
        for name, value in self.arrays(self.weights).items():
            yield f"parameter/{name}", value
        for slot, numbers in (("first_moment", self.first), ("second_moment", self.second)):
            for name, value in self.arrays(numbers).items():
                yield f"optimizer/model/{slot}/{name}", value


def described(log: Sequence[Event]) -> str:
    """For the message of a failure."""
    return "; ".join(
        f"train {e.steps}" if e.kind == "train" else f"{e.kind} {asdict(e.doc) if e.doc else (e.place, e.value)}"
        for e in log
    )
