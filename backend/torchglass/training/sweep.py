"""Several trainings side by side in one process: each is what it would be alone, and none can touch another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import numpy as np

from torchglass.spec.experiment import Experiment
from torchglass.training.trainer import Trainer

State = Literal["training", "finished", "diverged", "failed"]
#: Points of each curve.
POINTS = 60
#: Test examples that the curves are measured on.
TESTED = 500


class Member:
    """One network of a sweep. ``state`` is ``diverged`` once a loss is not finite, ``failed`` where it can not be
    built; neither trains on."""

    def __init__(self, index: int, experiment: Experiment, steps: int) -> None:
        self.index, self.steps = index, steps
        self.state: State = "training"
        self.message: str | None = None
        self.trainer: Trainer | None = None
        self.step = 0
        self._build(experiment)

    def _build(self, experiment: Experiment) -> None:
        try:
            self.trainer = Trainer(_without_stop(experiment), device="cpu", threads=1)
        except Exception as error:  # its own fault stays its own: the others train
            self.state, self.message = "failed", str(error)[:300] or type(error).__name__

    def train(self, until: int) -> dict[str, float]:
        """On to that step; the mean of each metric over the steps that were trained."""
        if self.trainer is None or self.state != "training":
            return {}
        sums: dict[str, float] = {}
        begun = self.trainer.step
        while self.trainer.step < until:
            before = self.trainer.step
            chunk = self.trainer.run(until - before)
            if not chunk.finite:
                self.state, self.message = "diverged", "The loss is no longer finite."
                break
            for name, values in chunk.metrics.items():
                sums[name] = sums.get(name, 0.0) + float(np.sum(values))
        self.step = self.trainer.step
        if self.state == "training" and self.step >= self.steps:
            self.state = "finished"
        return {name: value / max(1, self.step - begun) for name, value in sums.items()}

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

    def rounds(self, told: Callable[[Member, dict[str, float]], None]) -> Iterator[float]:
        """Trains every network up to the next point of its curve and tells its means; yields the share that is
        done after each round."""
        points = min(POINTS, self.steps)
        for point in range(1, points + 1):
            until = round(self.steps * point / points)
            for member in self.all:
                before, begun = member.step, time.perf_counter()
                means = member.train(until)
                self._trained += member.step - before
                self._seconds += time.perf_counter() - begun
                if member.step > before or point == 1:
                    told(member, means)
            yield point / points
            if all(member.state != "training" for member in self.all):
                return


def _without_stop(experiment: Experiment) -> Experiment:
    """All networks of a sweep train equally long: their own ends do not count."""
    stop = type(experiment.training.stop)()
    return experiment.model_copy(update={"training": experiment.training.model_copy(update={"stop": stop})})
