"""Several trainings side by side in one process: each is what it would be alone, and none can touch another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import numpy as np

from torchglass.spec.experiment import Experiment
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
        self.trainer: Trainer | None = None
        self.step = 0
        self._build(experiment)

    def _build(self, experiment: Experiment) -> None:
        try:
            self.trainer = Trainer(_without_stop(experiment), device="cpu", threads=1)
        except Exception as error:  # its own fault stays its own: the others train
            self.state, self.message = "failed", str(error)[:300] or type(error).__name__

    def train(self, until: int) -> Iterator[None]:
        """On to that step, in slices of about ``SLICE`` seconds; ``means`` are then those of the steps since before."""
        self.means = {}
        if self.trainer is None or self.state != "training":
            return
        sums: dict[str, float] = {}
        begun, pace = self.trainer.step, 1
        while self.trainer.step < until and self.state == "training":
            started, before = time.perf_counter(), self.trainer.step
            chunk = self.trainer.run(min(until - before, pace))
            self.step = self.trainer.step
            if chunk.finite:
                for name, values in chunk.metrics.items():
                    sums[name] = sums.get(name, 0.0) + float(np.sum(values))
            else:
                self.state, self.message = "diverged", "The loss is no longer finite."
            seconds = max(1e-6, time.perf_counter() - started)
            pace = max(1, int((self.step - before) * min(8.0, SLICE / seconds)))
            yield
        if self.state == "training" and self.step >= self.steps:
            self.state = "finished"
        self.means = {name: value / max(1, self.step - begun) for name, value in sums.items()}

    def test(self) -> dict[str, float]:
        """Metrics on the test split, or a part of it."""
        if self.trainer is None or self.trainer.data.count("test") == 0:
            return {}
        found: dict[str, float] = {}
        for result in self.trainer.evaluate("test", TESTED):
            found = result or found
        return {name: value for name, value in found.items() if np.isfinite(value)}


class Members:
    """All networks of a sweep, trained in turns."""

    def __init__(self, experiments: Sequence[Experiment], steps: int) -> None:
        self.steps = steps
        self.all = [Member(index, experiment, steps) for index, experiment in enumerate(experiments)]
        self._trained, self._seconds = 0, 0.0

    @property
    def speed(self) -> float:
        """Steps of all networks together in a second of training."""
        return self._trained / self._seconds if self._seconds else 0.0

    def rounds(self, told: Callable[[Member], None], looked: Callable[[bool], None]) -> Iterator[float]:
        """Trains every network up to the next point of its curve, then the next; ``told`` when one got there,
        ``looked`` after each round (whether it was the last). Yields the share of all that is done, several times a
        second."""
        points = min(POINTS, self.steps, max(FEWEST, ALL_POINTS // len(self.all)))
        for point in range(1, points + 1):
            until = round(self.steps * point / points)
            for member in self.all:
                before, begun = member.step, time.perf_counter()
                for _ in member.train(until):
                    self._trained += member.step - before
                    self._seconds += time.perf_counter() - begun
                    yield self.share
                    before, begun = member.step, time.perf_counter()
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
