"""Networks of a sweep: each is what it would be alone, and none can touch another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from torchglass.presets import presets
from torchglass.protocol.sweep import MOST_NETWORKS, SweepRequest, Vary
from torchglass.sessions.errors import RefusedError
from torchglass.sessions.sweeps import labels, plan
from torchglass.spec.experiment import Experiment
from torchglass.training.sweep import Member, Members
from torchglass.training.trainer import Trainer

RATE = "training.optimizers.model.config.lr"


def wanted(*vary: tuple[str, list[Any]], seeds: int = 1) -> SweepRequest:
    return SweepRequest(experiment={}, vary=[Vary(path=path, values=values) for path, values in vary], seeds=seeds)


def trained(experiment: Experiment, steps: int) -> tuple[Trainer, np.ndarray]:
    """It alone, and its losses."""
    trainer, losses = Trainer(experiment, device="cpu", threads=1), []
    while trainer.step < steps:
        losses.append(trainer.run(steps - trainer.step).metrics["loss"])
    return trainer, np.concatenate(losses)


def test_the_grid_has_every_combination_with_every_seed() -> None:
    experiment = presets()["spiral-mlp"].experiment
    asked = wanted((RATE, [0.01, 0.1]), ("training.regularization.l2", [0.0, 0.1, 1.0]), seeds=2)
    found = plan(asked, experiment)
    assert [tuple(one.values) for one, _ in found[::2]] == [(a, b) for a in (0.01, 0.1) for b in (0.0, 0.1, 1.0)]
    assert [one.seed for one, _ in found[:2]] == [experiment.seed, experiment.seed + 1]
    last = found[-1][1]
    assert last.training.optimizers["model"].config["lr"] == 0.1
    assert last.training.regularization.l2 == 1.0
    assert labels(asked, experiment) == ["learning rate", "weight decay"]


@pytest.mark.parametrize(
    ("asked", "field", "words"),
    [
        (
            wanted((RATE, [k / 1000 for k in range(1, 101)]), seeds=100),
            "seeds",
            "10,000 networks; a sweep trains at most",
        ),
        (wanted((RATE, [k / 1000 for k in range(1, MOST_NETWORKS + 2)])), "vary", "fewer values"),
        (wanted((RATE, [0.1, -1.0])), RATE, "at least 0.0"),
        (wanted(("training.colour", ["red"])), "training.colour", "no place called"),
        (wanted((RATE, [0.1]), (RATE, [0.2])), "vary", "two different settings"),
        (wanted(("seed", [1, 2])), "seeds", "by their number"),
        (wanted((RATE, [0.1, 0.1])), RATE, "twice"),
    ],
)
def test_what_can_not_be_swept_is_said_at_its_place(asked: SweepRequest, field: str, words: str) -> None:
    with pytest.raises(RefusedError) as refused:
        plan(asked, presets()["spiral-mlp"].experiment)
    assert words in refused.value.message
    assert refused.value.field is not None
    assert field.endswith(refused.value.field)


def test_each_network_has_the_numbers_that_it_has_alone() -> None:
    networks = [one for _, one in plan(wanted((RATE, [0.01, 0.1]), seeds=2), presets()["spiral-mlp"].experiment)]
    means: dict[int, list[float]] = {}

    def told(member: Member) -> None:
        means.setdefault(member.index, []).append(member.means["loss"])

    members = Members(networks, 120)
    shares = list(members.rounds(told, lambda last: None))
    assert shares == sorted(shares)
    assert members.share == 1.0
    for index, network in enumerate(networks):
        _, alone = trained(network, 120)
        assert np.allclose(means[index], alone.reshape(60, 2).mean(axis=1), rtol=1e-12, atol=0)


def test_a_network_that_diverges_touches_no_other() -> None:
    experiment = presets()["plane-regression"].experiment
    networks = [one for _, one in plan(wanted((RATE, [0.01, 50.0, 0.02])), experiment)]
    members = Members(networks, 400)
    list(members.rounds(lambda member: None, lambda last: None))
    assert [member.state for member in members.all] == ["finished", "diverged", "finished"]
    assert members.all[1].step < 400
    alone, _ = trained(networks[2], 400)
    kept = members.all[2].trainer
    assert kept is not None
    for name, value in alone.model.parameters_by_name().items():
        assert np.array_equal(kept.model.parameters_by_name()[name].detach().numpy(), value.detach().numpy())


def test_of_tiny_networks_hundreds_are_trained_and_of_larger_ones_as_many_as_the_page_shows() -> None:
    tiny = presets()["xor-2-units"].experiment
    kinds = ("network.nodes.bend.kind", ["sigmoid", "tanh", "relu"])
    assert len(plan(wanted(kinds, seeds=300), tiny)) == 900
    with pytest.raises(RefusedError, match="at most 900"):
        plan(wanted(kinds, seeds=301), tiny)
    with pytest.raises(RefusedError, match="more than 100 weights") as refused:
        plan(wanted(("network.nodes.hidden1.config.out_features", [2, 500]), seeds=100), tiny)
    assert refused.value.field == "vary"


def test_of_hundreds_each_curve_has_fewer_points() -> None:
    tiny = presets()["xor-2-units"].experiment
    members = Members([one for _, one in plan(wanted(seeds=300), tiny)][:200], 24)
    told: list[int] = []
    for _ in members.rounds(lambda member: told.append(member.index), lambda last: None):
        pass
    assert told.count(0) == 19
    assert {member.state for member in members.all} == {"finished"}
