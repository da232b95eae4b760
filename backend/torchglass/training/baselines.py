"""Linear, tree, kernel and neighbour models on the very split that a network learns from (scikit-learn)."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from torchglass.catalog import require
from torchglass.protocol.baselines import BaselineFitted, BaselinesBegun
from torchglass.spec.experiment import Experiment
from torchglass.training.feed import Feed

#: Kernel machines take time with the square of the examples: no more than this are fitted on.
MOST_TRAIN = 4000
MOST_TEST = 2000


class NoBaselineError(ValueError):
    """Why nothing can be fitted, in words."""


@dataclass(frozen=True, slots=True)
class Model:
    """Its name, its settings in words, and what makes it."""

    name: str
    settings: str
    make: Callable[[], Any]


def classifiers() -> list[Model]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.svm import SVC
    from sklearn.tree import DecisionTreeClassifier

    return [
        Model("Logistic regression", "C = 1", lambda: LogisticRegression(max_iter=500)),
        Model("Decision tree", "grown to its end", lambda: DecisionTreeClassifier(random_state=0)),
        Model("Kernel machine", "Gaussian kernel, C = 1", SVC),
        Model("Nearest neighbours", "5 of them", lambda: KNeighborsClassifier(5)),
    ]


def regressors() -> list[Model]:
    from sklearn.linear_model import Ridge
    from sklearn.neighbors import KNeighborsRegressor
    from sklearn.svm import SVR
    from sklearn.tree import DecisionTreeRegressor

    return [
        Model("Ridge regression", "α = 1", lambda: Ridge(alpha=1.0)),
        Model(
            "Decision tree", "at least 5 in a leaf", lambda: DecisionTreeRegressor(min_samples_leaf=5, random_state=0)
        ),
        Model("Kernel machine", "Gaussian kernel, C = 1", SVR),
        Model("Nearest neighbours", "5 of them", lambda: KNeighborsRegressor(5)),
    ]


Arrays = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, slots=True)
class Task:
    """What models are fitted to, x (N, D) and y (N,), and judged on."""

    train: Arrays
    test: Arrays
    classes: bool

    @property
    def models(self) -> list[Model]:
        return classifiers() if self.classes else regressors()

    @property
    def variance(self) -> float | None:
        """Of the target on the test examples, where it is a number."""
        return None if self.classes else float(np.var(self.test[1]))

    def scores(self) -> Iterator[BaselineFitted]:
        for model in self.models:
            yield _fit(model, self.train, self.test)


def fitted(experiment: Experiment) -> Iterator[BaselinesBegun | BaselineFitted]:
    """What is fitted, then each model with its score. Raises NoBaselineError in words."""
    task = task_of(experiment)
    yield BaselinesBegun(
        measure="accuracy" if task.classes else "r2",
        variance=task.variance,
        examples=len(task.train[0]),
        test=len(task.test[0]),
        models=[model.name for model in task.models],
    )
    yield from task.scores()


def task_of(experiment: Experiment, most_test: int = MOST_TEST) -> Task:
    """The split of an experiment as arrays. Raises NoBaselineError in words."""
    analysis = require(experiment)
    target = getattr(analysis.recipe.config, "target", None) if analysis.recipe is not None else None
    spec = analysis.fields.get(str(target))
    inputs = [name for name, field in analysis.fields.items() if field.role == "input" and name != target]
    if spec is None or not inputs or any(size != 1 for size in spec.shape.sizes):
        raise NoBaselineError("Classical models need inputs and one class or one number to predict for each example.")
    if any(field.shape.dtype == "int" for name, field in analysis.fields.items() if name in inputs):
        raise NoBaselineError("Tokens are no numbers: the classical models here can not read them.")
    feed = Feed(experiment.data, experiment.seed, torch.device("cpu"), torch.float32, False)
    if feed.count("test") == 0:
        raise NoBaselineError("There are no test examples to compare on.")
    x, y = _arrays(feed, "train", MOST_TRAIN, inputs, str(target))
    x_test, y_test = _arrays(feed, "test", most_test, inputs, str(target))
    classes = bool(spec.classes) or spec.shape.dtype == "int"
    if classes and len(np.unique(y)) < 2:
        raise NoBaselineError("All training examples are of one class: there is nothing to tell apart.")
    return Task((x, y), (x_test, y_test), classes)


def _fit(model: Model, train: Arrays, test: Arrays) -> BaselineFitted:
    begin = time.perf_counter()
    made = model.make()
    if hasattr(made, "n_neighbors"):
        made.set_params(n_neighbors=min(made.n_neighbors, len(train[0])))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a solver stopped early shows in its score
        made.fit(*train)
        score, training = float(made.score(*test)), float(made.score(*train))
    seconds = time.perf_counter() - begin
    return BaselineFitted(name=model.name, settings=model.settings, score=score, training=training, seconds=seconds)


def _arrays(feed: Feed, split: str, most: int, inputs: list[str], target: str) -> Arrays:
    """(N, D) float64 as the network is fed, and the target (N,)."""
    batch = feed.batch(split, range(min(most, feed.count(split))))
    x = np.concatenate([batch[name].reshape(len(batch[name]), -1).double().numpy() for name in inputs], axis=1)
    y = batch[target].reshape(-1).numpy()
    if not np.isfinite(x).all() or not np.isfinite(y).all():
        raise NoBaselineError("Some of the data are no finite numbers.")
    return x, y
