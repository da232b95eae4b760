"""Frozen numbers stay and silenced units say nothing, while the rest learns on; undone, everything is as before."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from torchglass.catalog import parse_experiment, validate
from torchglass.presets import load_preset
from torchglass.training.explaining import explain_update
from torchglass.training.trainer import Trainer


def document(held: dict[str, Any], **training: Any) -> Any:
    raw = load_preset("overfit").model_dump(mode="json")
    raw["training"] |= {"held": held, **training}
    return parse_experiment(raw)


def trainer(held: dict[str, Any], **training: Any) -> Trainer:
    return Trainer(document(held, **training), device="cpu", threads=1)


MOMENTUM = {"model": {"kind": "sgd", "config": {"lr": 0.1, "momentum": 0.9}}}


@pytest.mark.parametrize("training", [{}, {"optimizers": MOMENTUM, "regularization": {"l2": 0.1, "max_norm": 0.5}}])
def test_frozen_units_and_layers_stay_while_the_rest_learns(training: dict[str, Any]) -> None:
    subject = trainer({}, **training)
    subject.run(20)
    before = {name: value.detach().clone() for name, value in subject.model.parameters_by_name().items()}
    subject.change(document({"hidden1": {"frozen_units": [2, 5]}, "output": {"frozen": True}}, **training))
    subject.run(20)
    after = subject.model.parameters_by_name()
    for name in ("hidden1.weight", "hidden1.bias"):
        moved = (after[name] != before[name]).reshape(32, -1).any(1)
        assert [unit for unit in range(32) if not moved[unit]] == [2, 5]
    assert torch.equal(after["output.weight"], before["output.weight"])
    assert torch.equal(after["output.bias"], before["output.bias"])
    assert not torch.equal(after["hidden2.weight"], before["hidden2.weight"])
    batch = subject.data.batch("train", range(10))
    named = subject.model.parameters_by_name()
    gradients = dict(
        zip(
            named,
            torch.autograd.grad(subject.recipe.loss(subject.model.run(batch), batch), list(named.values())),
            strict=True,
        )
    )
    assert explain_update(subject.context, "hidden1.bias", (2,), gradients)[-1].words == "frozen by hand: it stays"
    assert len(explain_update(subject.context, "hidden1.bias", (3,), gradients)) > 1


def test_silenced_units_say_nothing_and_come_back_as_they_were() -> None:
    subject = trainer({})
    subject.run(20)
    batch = subject.data.batch("test", range(8))
    before = subject.model.run(batch)
    subject.change(document({"tanh1": {"silent_units": [0, 31]}}))
    silenced = subject.model.run(batch)
    assert bool((silenced["tanh1"][:, [0, 31]] == 0).all())
    assert torch.equal(silenced["tanh1"][:, 1:31], before["tanh1"][:, 1:31])
    assert not torch.equal(silenced["output"], before["output"])
    subject.change(document({"tanh1": {"silent": True}}))
    assert bool((subject.model.run(batch)["tanh1.out"] == 0).all())
    subject.change(document({}))
    assert torch.equal(subject.model.run(batch)["output"], before["output"])


def test_a_hold_is_kept_by_a_checkpoint_and_changes_the_stepper_there_and_back() -> None:
    subject = trainer({})
    chosen = subject.stepper.kind
    subject.change(document({"hidden1": {"frozen": True}}))
    assert subject.stepper.kind == "eager"
    assert "by hand" in subject.resolved.reason
    snapshot = subject.snapshot()
    subject.change(document({}))
    assert subject.stepper.kind == chosen
    subject.restore(snapshot)
    weights = subject.model.parameter("hidden1.weight").detach().clone()
    subject.run(5)
    assert torch.equal(subject.model.parameter("hidden1.weight"), weights)


@pytest.mark.parametrize(
    ("held", "words"),
    [
        ({"nobody": {"frozen": True}}, "is no longer in the network"),
        ({"hidden1": {"silent_units": [32]}}, "has 32 units; unit 33 is held by hand"),
    ],
)
def test_what_is_not_there_is_said_and_holds_nothing(held: dict[str, Any], words: str) -> None:
    report = validate(document(held))
    assert report.ok
    assert any(words in problem.message for problem in report.problems)
    trainer(held).run(3)
