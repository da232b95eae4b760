"""Networks of one shape that only PyTorch can train are trained together: each with the numbers that it has alone."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch

from torchglass.presets import load_preset
from torchglass.protocol.sweep import SweepRequest, Vary
from torchglass.sessions.sweeps import plan
from torchglass.spec.experiment import Experiment
from torchglass.training.stacked import Stack
from torchglass.training.sweep import Members
from torchglass.training.trainer import Trainer

RATE = "training.optimizers.model.config.lr"


def precise(preset: str, **changes: Any) -> Experiment:
    """In float64, with momentum and with other sections. (A bias before a normalisation has a gradient of nothing but
    rounding, which Adam would take seriously.)"""
    raw = load_preset(preset).model_dump(mode="json")
    raw["training"]["precision"] = "float64"
    raw["training"]["optimizers"]["model"] = {"kind": "sgd", "config": {"lr": 0.1, "momentum": 0.9}}
    return Experiment.model_validate(raw | changes)


def networks(experiment: Experiment, rates: list[float], seeds: int = 1) -> list[Experiment]:
    asked = SweepRequest(experiment={}, vary=[Vary(path=RATE, values=list(rates))], seeds=seeds)
    return [one for _, one in plan(asked, experiment)]


def filters() -> Experiment:
    """A convolution with batch normalisation on a few digits."""
    nodes = [
        {"id": "image", "kind": "input", "config": {"field": "image"}},
        {"id": "conv", "kind": "conv2d", "config": {"out_channels": 3, "kernel_size": 5, "stride": 4}},
        {"id": "norm", "kind": "batch_norm", "config": {}},
        {"id": "relu", "kind": "relu", "config": {}},
        {"id": "flat", "kind": "flatten", "config": {}},
        {"id": "output", "kind": "linear", "config": {"out_features": 10}},
    ]
    edges = [{"source": a["id"], "target": b["id"]} for a, b in itertools.pairwise(nodes)]
    raw = precise("mnist-cnn").model_dump(mode="json")
    raw["data"] |= {"split": {"train": 50, "test": 50}, "batch_size": 8}
    raw["recipe"]["config"]["output"] = "output"
    raw["training"]["regularization"] |= {"l2": 0.01, "max_norm": 2.0}
    return Experiment.model_validate(raw | {"network": {"nodes": nodes, "edges": edges}})


@pytest.mark.parametrize("experiment", [precise("batch-norm"), filters()], ids=["dense", "convolution"])
def test_each_has_the_numbers_that_it_has_alone(experiment: Experiment) -> None:
    asked = networks(experiment, [0.003, 0.03], seeds=2)
    members = Members(asked, 12)
    assert [len(group.members) for group in members.groups] == [4]
    assert members.how == "4 stacked in PyTorch"
    losses: list[list[float]] = [[] for _ in asked]
    list(members.rounds(lambda member: losses[member.index].append(member.means["loss"]), lambda last: None))
    for network, member, seen in zip(asked, members.all, losses, strict=True):
        alone = Trainer(network, device="cpu", threads=1)
        found = np.concatenate([alone.run(1).metrics["loss"] for _ in range(12)])
        np.testing.assert_allclose(seen, found, rtol=1e-9)
        assert member.trainer is not None
        mine, theirs = member.trainer.snapshot().tensors, alone.snapshot().tensors
        for name, value in theirs.items():
            torch.testing.assert_close(mine[name], value, rtol=1e-7, atol=1e-10, msg=name)


def test_one_that_diverges_leaves_the_others_as_they_were() -> None:
    asked = networks(precise("batch-norm"), [0.003, 0.02, 0.03, 0.01])
    members = Members(asked, 20)
    lost = members.all[1].trainer
    assert lost is not None
    lost.storage.flat[-1] = float("inf")
    list(members.rounds(lambda member: None, lambda last: None))
    assert [member.state for member in members.all] == ["finished", "diverged", "finished", "finished"]
    alone = Trainer(asked[2], device="cpu", threads=1)
    while alone.step < 20:
        alone.run(20 - alone.step)
    kept = members.all[2].trainer
    assert kept is not None
    torch.testing.assert_close(kept.storage.flat, alone.storage.flat, rtol=1e-7, atol=1e-10)


def test_what_can_not_be_stacked_trains_in_turns() -> None:
    for experiment, words in (
        (precise("spiral-mlp"), "compiled step"),
        (load_preset("vgg-mini"), "long enough"),
    ):
        trainers = [Trainer(one, device="cpu", threads=1) for one in networks(experiment, [0.1, 0.2, 0.3, 0.4])]
        assert words in (Stack.refuses(trainers) or "")


def test_randomness_within_a_step_is_a_reason_to_train_alone() -> None:
    experiment = precise("batch-norm")
    raw = experiment.model_dump(mode="json")
    hidden = next(node for node in raw["network"]["nodes"] if node["kind"] == "batch_norm")
    hidden |= {"kind": "dropout", "config": {"p": 0.5}}
    members = Members(networks(Experiment.model_validate(raw), [0.1, 0.2, 0.3, 0.4]), 2)
    assert [len(group.members) for group in members.groups] == [1] * 4
    assert members.how == "4 one by one in PyTorch"
