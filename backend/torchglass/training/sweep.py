"""Several trainings side by side in one process: each is what it would be alone, and none can touch another.

Where only PyTorch can train them and they have one shape, their parameters are stacked (see ``stacked``)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

import numpy as np

from torchglass.spec.experiment import Experiment
from torchglass.training.stacked import Stack, shape_of
from torchglass.training.trainer import Trainer

State = Literal["training", "finished", "diverged", "failed"]
#: Seconds of training after which somebody may be told how it goes.
SLICE = 0.05
#: Points of each curve.
POINTS = 60
#: Of hundreds of networks each has fewer points, but not fewer than these: going round takes time of its own.
FEWEST, ALL_POINTS = 8, 60 * 64
#: Test examples that the curves are measured on.
TESTED = 500


class Member:
    """One network of a sweep. ``state`` is ``diverged`` once a loss is not finite, ``failed`` where it can not be
    built; neither trains on."""

    def __init__(self, index: int, experiment: Experiment, steps: int) -> None:
        self.index, self.steps = index, steps
        self.state: State = "training"
        self.message: str | None = None
        self.means: dict[str, float] = {}
        self._sums: dict[str, float] = {}
        self._begun = 0
        self.trainer: Trainer | None = None
        self.step = 0
        self._build(experiment)

    def _build(self, experiment: Experiment) -> None:
        try:
            self.trainer = Trainer(_without_stop(experiment), device="cpu", threads=1)
        except Exception as error:  # its own fault stays its own: the others train
            self.state, self.message = "failed", str(error)[:300] or type(error).__name__

    def take(self, metrics: Mapping[str, np.ndarray]) -> None:
        """Steps that were done, with each metric of each."""
        assert self.trainer is not None
        if all(bool(np.isfinite(values).all()) for values in metrics.values()):
            for name, values in metrics.items():
                self._sums[name] = self._sums.get(name, 0.0) + float(np.sum(values))
        else:
            self.state, self.message = "diverged", "The loss is no longer finite."
        self.step = self.trainer.step

    def begin(self) -> None:
        """Means of the steps from here on are wanted."""
        self.means, self._sums, self._begun = {}, {}, self.step

    def close(self) -> None:
        """``means`` are now those of the steps since ``begin``."""
        if self.state == "training" and self.step >= self.steps:
            self.state = "finished"
        self.means = {name: value / max(1, self.step - self._begun) for name, value in self._sums.items()}

    def test(self) -> dict[str, float]:
        """Metrics on the test split, or a part of it."""
        if self.trainer is None or self.trainer.data.count("test") == 0:
            return {}
        found: dict[str, float] = {}
        for result in self.trainer.evaluate("test", TESTED):
            found = result or found
        return {name: value for name, value in found.items() if np.isfinite(value)}


class Group:
    """Networks that are trained together: those of one shape that only PyTorch can train, else one alone."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.members = list(members)
        self._stacked: list[Member] = []
        self._stack: Stack | None = None
        self._pace = 1

    @property
    def trained(self) -> int:
        """Steps of all together."""
        return sum(member.step for member in self.members)

    def train(self, until: int) -> Iterator[None]:
        """On to that step, in slices of about ``SLICE`` seconds."""
        for member in self.members:
            member.begin()
        while live := [one for one in self.members if one.state == "training" and one.step < until]:
            started, before = time.perf_counter(), live[0].step
            self._advance(live, min(until - before, self._pace))
            seconds = max(1e-6, time.perf_counter() - started)
            self._pace = max(1, int((live[0].step - before) * min(8.0, SLICE / seconds)))
            yield
        for member in self.members:
            member.close()

    def _advance(self, live: list[Member], steps: int) -> None:
        """One slice of those that still train."""
        trainers = [one.trainer for one in live if one.trainer is not None]
        if len(live) == 1:
            live[0].take(trainers[0].run(steps).metrics)
            return
        if self._stack is None or live != self._stacked:
            self._stacked, self._stack = live, Stack(trainers)
        metrics = self._stack.run(steps)
        for index, member in enumerate(live):
            member.take({name: values[:, index] for name, values in metrics.items()})


def grouped(members: Sequence[Member]) -> list[Group]:
    """Those of one shape together where that is possible and pays, the others each alone."""
    shapes: dict[object, list[Member]] = {}
    for member in members:
        shapes.setdefault(member.trainer and shape_of(member.trainer), []).append(member)
    groups: list[Group] = []
    for alike in shapes.values():
        trainers = [member.trainer for member in alike if member.trainer is not None]
        together = trainers and Stack.refuses(trainers) is None
        groups += [Group(alike)] if together else [Group([member]) for member in alike]
    return groups


class Members:
    """All networks of a sweep, trained in turns, or together where they are stacked."""

    def __init__(self, experiments: Sequence[Experiment], steps: int) -> None:
        self.steps = steps
        self.all = [Member(index, experiment, steps) for index, experiment in enumerate(experiments)]
        self.groups = grouped(self.all)
        self._trained, self._seconds = 0, 0.0

    @property
    def speed(self) -> float:
        """Steps of all networks together in a second of training."""
        return self._trained / self._seconds if self._seconds else 0.0

    @property
    def how(self) -> str:
        """Which steppers train them, in words."""
        found: Counter[str] = Counter()
        for group in self.groups:
            trainer = group.members[0].trainer
            if trainer is not None:
                stacked = len(group.members) > 1
                found["stacked" if stacked else trainer.stepper.kind] += len(group.members)
        words = {"native": "in the compiled step", "stacked": "stacked in PyTorch", "eager": "one by one in PyTorch"}
        return ", ".join(f"{found[kind]} {said}" for kind, said in words.items() if found[kind])

    def rounds(self, told: Callable[[Member], None], looked: Callable[[bool], None]) -> Iterator[float]:
        """Trains every network up to the next point of its curve, then the next; ``told`` when one got there,
        ``looked`` after each round (whether it was the last). Yields the share of all that is done, several times a
        second."""
        points = min(POINTS, self.steps, max(FEWEST, ALL_POINTS // len(self.all)))
        for point in range(1, points + 1):
            until = round(self.steps * point / points)
            for group in self.groups:
                before, begun = group.trained, time.perf_counter()
                for _ in group.train(until):
                    self._trained += group.trained - before
                    self._seconds += time.perf_counter() - begun
                    yield self.share
                    before, begun = group.trained, time.perf_counter()
                for member in group.members:
                    told(member)
            over = all(member.state != "training" for member in self.all)
            looked(over)
            if over:
                return

    @property
    def share(self) -> float:
        """Of all steps; a network that trains no more has none left."""
        done = sum(member.step if member.state == "training" else self.steps for member in self.all)
        return done / max(1, self.steps * len(self.all))


def _without_stop(experiment: Experiment) -> Experiment:
    """All networks of a sweep train equally long: their own ends do not count."""
    stop = type(experiment.training.stop)()
    return experiment.model_copy(update={"training": experiment.training.model_copy(update={"stop": stop})})
