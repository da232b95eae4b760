"""Classical models beside the networks of a sweep, fitted to the very same training examples."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from torchglass.protocol.sweep import SweepBaseline
from torchglass.spec.experiment import Experiment
from torchglass.training.baselines import NoBaselineError, Task, task_of
from torchglass.training.sweep import TESTED


def beside(experiments: Sequence[Experiment]) -> Iterator[SweepBaseline]:
    """Each model once for every set of training data, judged on the test examples that the networks are judged on.

    Data to which none can be fitted (a single class, say) are left out; raises NoBaselineError in words where that is
    so for all of them.
    """
    groups: dict[bytes, list[int]] = {}
    tasks: dict[bytes, Task] = {}
    reason: NoBaselineError | None = None
    for index, experiment in enumerate(experiments):
        try:
            task = task_of(experiment, TESTED)
        except NoBaselineError as error:
            reason = error
            continue
        key = _content(task)
        tasks.setdefault(key, task)
        groups.setdefault(key, []).append(index)
    if reason is not None and not tasks:
        raise reason
    for key, task in tasks.items():
        for line in task.scores():
            values = _named(line.score, task, experiments[groups[key][0]].recipe.config.get("loss"))
            yield SweepBaseline(networks=groups[key], model=line.name, values=values)


def _content(task: Task) -> bytes:
    """The same for the same numbers: most data do not depend on the seed."""
    found = hashlib.blake2b(digest_size=16)
    for array in (*task.train, *task.test):
        found.update(array.tobytes())
    return found.digest()


def _named(score: float, task: Task, loss: Any) -> dict[str, float]:
    """A score as the networks' curves are named: an R² is a squared error over the variance of the target."""
    if task.variance is None:
        return {"test.accuracy": score}
    if loss is not None and loss.get("kind") != "mse":
        return {"test.r2": score}
    half = loss is not None and loss.get("config", {}).get("form") == "textbook"
    return {"test.loss": (1 - score) * task.variance * (0.5 if half else 1.0)}
