"""Pruning: which weights go, against plain NumPy; that they stay out wherever the run goes; and the lottery ticket."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch

from torchglass.catalog import parse_experiment, validate
from torchglass.presets import load_preset
from torchglass.training.explaining import explain_update
from torchglass.training.shadow import Shadow
from torchglass.training.trainer import Trainer


def document(pruning: dict[str, Any] | None, preset: str = "spiral-mlp", **training: Any) -> Any:
    raw = load_preset(preset).model_dump(mode="json")
    raw["training"] |= {"pruning": pruning, **training}
    return parse_experiment(raw)


def trainer(pruning: dict[str, Any] | None, preset: str = "spiral-mlp", **training: Any) -> Trainer:
    return Trainer(document(pruning, preset, **training), device="cpu", threads=1)


def train(subject: Trainer, until: int) -> Trainer:
    while subject.step < until:
        subject.run(until - subject.step)
    return subject


def weights(subject: Trainer) -> dict[str, np.ndarray]:
    named = subject.model.parameters_by_name()
    return {name: value.detach().numpy().copy() for name, value in named.items() if value.dim() > 1}


def by_numpy(values: dict[str, np.ndarray], share: float, scope: str) -> dict[str, np.ndarray]:
    """Independent: sort magnitudes, drop the smallest, keep the largest of every layer."""
    groups = [[name] for name in values] if scope == "layer" else [list(values)]
    masks: dict[str, np.ndarray] = {}
    for names in groups:
        sizes = np.concatenate([np.abs(values[name]).ravel() for name in names])
        gone = np.zeros(len(sizes), bool)
        gone[np.argsort(sizes, kind="stable")[: round(share * len(sizes))]] = True
        ends = np.cumsum([values[name].size for name in names])[:-1]
        for name, mask in zip(names, np.split(gone, ends), strict=True):
            if mask.all():
                mask[np.abs(values[name]).ravel().argmax()] = False
            masks[name] = mask.reshape(values[name].shape)
    return masks


@pytest.mark.parametrize("scope", ["layer", "global"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_the_smallest_go_as_in_numpy(scope: str, share: float) -> None:
    subject = train(trainer({"sparsity": share, "first": 40, "scope": scope}), 40)
    before = weights(subject)
    wanted = by_numpy(before, share, scope)
    subject.run(1)
    for name, mask in wanted.items():
        after = weights(subject)[name]
        assert (after[mask] == 0).all(), name
        assert (after[~mask] != 0).all(), name


def test_rounds_take_the_same_share_of_what_is_left() -> None:
    subject = trainer({"sparsity": 0.875, "first": 10, "every": 10, "rounds": 3})
    left = []
    for step in (11, 21, 31):
        train(subject, step)
        left.append(sum(int((value != 0).sum()) for value in weights(subject).values()))
    total = sum(value.size for value in weights(subject).values())
    assert left == pytest.approx([total / 2, total / 4, total / 8], abs=3)


OPTIMIZERS = [
    {"kind": "adam", "config": {"lr": 0.01}},
    {"kind": "adamw", "config": {"lr": 0.01, "weight_decay": 0.1}},
    {"kind": "sgd", "config": {"lr": 0.05, "momentum": 0.9}},
]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_what_is_out_stays_out_while_the_rest_learns(optimizer: dict[str, Any]) -> None:
    more = {"optimizers": {"model": optimizer}, "regularization": {"l2": 0.01, "max_norm": 2.0}}
    subject = train(trainer({"sparsity": 0.6, "first": 5}, **more), 6)
    masks = {name: value == 0 for name, value in weights(subject).items()}
    moved = weights(subject)
    train(subject, 60)
    for name, mask in masks.items():
        after = weights(subject)[name]
        assert (after[mask] == 0).all()
        assert (after[~mask] != moved[name][~mask]).any()
    assert subject.stepper.kind == "eager"
    assert "weights are pruned" in subject.resolved.reason


def test_masks_survive_checkpoints_forks_and_looking_back_and_end_with_pruning() -> None:
    subject = train(trainer({"sparsity": 0.8, "first": 10}), 20)
    kept = subject.snapshot()
    masks = {name: value == 0 for name, value in weights(subject).items()}
    other = trainer(None)
    other.restore(kept)
    train(other, 50)
    train(subject, 50)
    for name, value in weights(subject).items():
        assert np.array_equal(value, weights(other)[name])
        assert (value[masks[name]] == 0).all()
    shadow = Shadow(kept, subject)
    assert shadow.context.pruned is not None
    assert int(shadow.context.pruned.mask.sum()) == sum(int(mask.sum()) for mask in masks.values())
    subject.change(document(None))
    train(subject, 60)
    assert all((value != 0).any() for value in (weights(subject)[name][mask] for name, mask in masks.items()))
    subject.restore(kept)
    train(subject, 25)
    assert all((weights(subject)[name][mask] == 0).all() for name, mask in masks.items())
    subject.restart(subject.experiment.seed)
    assert all((value != 0).all() for value in weights(subject).values())


def test_an_edit_of_the_network_carries_the_mask_and_new_weights_are_not_pruned() -> None:
    subject = train(trainer({"sparsity": 0.8, "first": 10}), 12)
    old = weights(subject)["hidden2.weight"]
    raw = subject.experiment.model_dump(mode="json")
    for node in raw["network"]["nodes"]:
        if node["id"] == "hidden2":
            node["config"]["out_features"] += 2
    subject.change(parse_experiment(raw))
    train(subject, 40)
    new = weights(subject)["hidden2.weight"]
    assert (new[: len(old)][old == 0] == 0).all()
    assert (new[len(old) :] != 0).all()
    assert (weights(subject)["output.weight"][:, len(old) :] != 0).all()


def test_pruned_at_once_and_more_later() -> None:
    subject = train(trainer(None), 30)
    subject.change(document({"sparsity": 0.5, "first": subject.step}))
    half = sum(int((value == 0).sum()) for value in weights(subject).values())
    subject.change(document({"sparsity": 0.9, "first": 30}))
    most = sum(int((value == 0).sum()) for value in weights(subject).values())
    total = sum(value.size for value in weights(subject).values())
    assert (half / total, most / total) == (pytest.approx(0.5, abs=0.02), pytest.approx(0.9, abs=0.03))
    name = "output.weight"
    place = tuple(int(i) for i in np.argwhere(weights(subject)[name] == 0)[0])
    batch = subject.data.batch("train", range(10))
    named = subject.model.parameters_by_name()
    found = torch.autograd.grad(subject.recipe.loss(subject.model.run(batch), batch), list(named.values()))
    gradients = dict(zip(named, found, strict=True))
    assert explain_update(subject.context, name, place, gradients)[-1].words == "pruned: it stays zero"
    subject.assign("output", "weight", place, 0.7)  # set by hand: it is given back
    train(subject, 35)
    assert weights(subject)[name][place] not in (0.0, np.float32(0.7))


def test_rewound_weights_are_those_of_the_start_and_the_twin_has_the_same_places() -> None:
    start = weights(trainer(None))
    schedule = {"sparsity": 0.75, "first": 20, "every": 20, "rounds": 2}
    tickets = {}
    for rewind in ("initial", "random"):
        subject = train(trainer({**schedule, "rewind": rewind}), 40)
        subject.change(document({**schedule, "rewind": rewind}, clip_value=1e6))  # the round is due, no step is taken
        tickets[rewind] = weights(subject)
        assert subject.context.roles["model"].updates == 0
    for name, first in start.items():
        ticket, twin = tickets["initial"][name], tickets["random"][name]
        assert np.array_equal(ticket == 0, twin == 0)
        assert np.array_equal(ticket[ticket != 0], first[ticket != 0])
        assert not np.intersect1d(twin[twin != 0], first).size


def test_what_is_frozen_by_hand_is_neither_pruned_nor_rewound() -> None:
    held = {"hidden1": {"frozen": True}, "hidden2": {"frozen_units": [1]}}
    subject = train(trainer({"sparsity": 0.9, "first": 10, "rewind": "initial"}, held=held), 10)
    before = weights(subject)
    subject.run(1)
    assert np.array_equal(weights(subject)["hidden1.weight"], before["hidden1.weight"])
    assert np.array_equal(weights(subject)["hidden2.weight"][1], before["hidden2.weight"][1])


@pytest.mark.parametrize(
    ("pruning", "more", "node", "words"),
    [
        (
            {"sparsity": 0.97},
            {},
            "hidden1",
            "would be pruned away, so its largest weight stays",
        ),
        ({"sparsity": 0.5, "first": 100}, {"stop": {"steps": 100}}, None, "comes after step 100, but the run ends"),
        (
            {"sparsity": 0.5},
            {"held": {name: {"frozen": True} for name in ("hidden1", "hidden2", "output")}},
            None,
            "no weights to prune",
        ),
    ],
)
def test_what_would_go_wrong_is_said_at_its_place(
    pruning: dict[str, Any], more: dict[str, Any], node: str | None, words: str
) -> None:
    experiment = document(pruning, **more)
    report = validate(experiment)
    assert report.ok
    assert any(words in problem.message and problem.node == node for problem in report.problems)


def test_of_a_layer_that_would_be_pruned_away_the_largest_weight_stays() -> None:
    for scope in ("layer", "global"):
        subject = train(trainer({"sparsity": 0.99, "first": 5, "scope": scope}), 30)
        assert all((value != 0).sum() >= 1 for value in weights(subject).values())
        assert np.isfinite(subject.storage.flat.numpy()).all()


def test_convolutions_laid_out_otherwise_are_pruned_alike() -> None:
    raw = copy.deepcopy(load_preset("mnist-cnn").model_dump(mode="json"))
    raw["training"]["pruning"] = {"sparsity": 0.7, "first": 2, "scope": "layer"}
    subject = train(Trainer(parse_experiment(raw), device="cpu", threads=1), 2)
    wanted = by_numpy(weights(subject), 0.7, "layer")
    subject.run(1)
    assert all(np.array_equal(value == 0, wanted[name]) for name, value in weights(subject).items())


def test_the_ticket_beats_its_twin_drawn_again_at_ninety_percent() -> None:
    raw = load_preset("lottery-ticket").model_dump(mode="json")
    assert raw["training"]["pruning"]["sparsity"] == 0.9
    found: dict[str, list[float]] = {"initial": [], "random": []}
    for seed in (1, 2, 3):
        for rewind, accuracies in found.items():
            raw["seed"], raw["training"]["pruning"]["rewind"] = seed, rewind
            subject = train(Trainer(parse_experiment(raw), device="cpu", threads=1), 900)
            assert sum(int((value == 0).sum()) for value in weights(subject).values()) == round(0.9 * 79_400)
            *_, tested = subject.evaluate("test", 1000)
            assert tested is not None
            accuracies.append(tested["accuracy"])
    assert np.median(found["initial"]) > np.median(found["random"]) + 0.01
    assert np.median(found["initial"]) > 0.83
