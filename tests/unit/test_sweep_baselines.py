"""Classical models beside the networks of a sweep: on the same examples, once for the same data."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from torchglass.presets import load_preset
from torchglass.protocol.sweep import SweepRequest, Vary
from torchglass.sessions.sweeps import plan
from torchglass.spec.experiment import Experiment
from torchglass.training.baselines import NoBaselineError
from torchglass.training.sweep import TESTED, Members
from torchglass.training.sweep_baselines import beside
from torchglass.training.trainer import Trainer

TRAIN = "data.split.train"


def sweep(experiment: Experiment, path: str, values: list[int | float], seeds: int = 1) -> list[Experiment]:
    asked = SweepRequest(experiment={}, vary=[Vary(path=path, values=list(values))], seeds=seeds)
    return [one for _, one in plan(asked, experiment)]


def test_they_learn_and_are_judged_on_what_the_networks_see() -> None:
    networks = sweep(load_preset("data-hunger"), TRAIN, [20, 1000])
    found = {(one.model, one.networks[0]): one.values["test.accuracy"] for one in beside(networks)}
    assert len(found) == 8
    data = Trainer(networks[0], device="cpu", threads=1).data
    train, test = data.batch("train", range(20)), data.batch("test", range(TESTED))
    by_hand = KNeighborsClassifier(5).fit(train["point"].numpy(), train["label"].numpy())
    score = by_hand.score(test["point"].numpy(), test["label"].numpy())
    assert found["Nearest neighbours", 0] == pytest.approx(score)
    assert found["Nearest neighbours", 1] > 0.97 > 0.7 > found["Nearest neighbours", 0]
    assert found["Logistic regression", 1] < 0.7


def test_the_network_errs_less_the_more_it_sees() -> None:
    networks = sweep(load_preset("data-hunger"), TRAIN, [20, 200, 1000], seeds=3)
    members = Members(networks, 4000)
    list(members.rounds(lambda member: None, lambda last: None))
    errors = np.array([1 - member.test()["accuracy"] for member in members.all]).reshape(3, 3)
    few, some, many = np.median(errors, axis=1)
    assert few > 0.25 > some > many
    assert many < 0.05


def test_the_same_data_are_fitted_once_and_squared_errors_are_said_as_such() -> None:
    networks = sweep(load_preset("diabetes-regression"), "training.optimizers.model.config.lr", [0.001, 0.01], seeds=2)
    found = list(beside(networks))
    assert [one.networks for one in found] == [[0, 1, 2, 3]] * 4
    ridge = next(one for one in found if one.model == "Ridge regression")
    assert set(ridge.values) == {"test.loss"}
    assert 0.3 < ridge.values["test.loss"] < 0.8


def test_data_without_a_class_to_predict_say_so() -> None:
    with pytest.raises(NoBaselineError, match="Classical models need"):
        list(beside([load_preset("hebb-oja")]))
