"""Training on attacked examples: the step against autograd written out, what is told, and that it defends."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.nn import functional

from torchglass.catalog import parse_experiment
from torchglass.presets import load_preset
from torchglass.training.trainer import Trainer


def trainer(share: float, epsilon: float = 0.1, **data: Any) -> Trainer:
    raw = load_preset("adversarial-training").model_dump(mode="json")
    raw["recipe"]["config"] |= {"epsilon": epsilon, "attacked_share": share}
    raw["data"]["split"] = {"train": 3000, "test": 300, **data}
    return Trainer(parse_experiment(raw), device="cpu", threads=1)


@pytest.mark.parametrize("share", [0.3, 1.0])
def test_a_step_follows_the_loss_of_both(share: float) -> None:
    subject = trainer(share)
    model, batch = subject.model, subject.data.batch("train", range(8))
    x = batch["image"].clone().requires_grad_(True)
    loss = functional.cross_entropy(model.run({"image": x})["dense"], batch["label"])
    (pull,) = torch.autograd.grad(loss, [x], retain_graph=True)
    moved = model.run({"image": (x + 0.1 * pull.sign()).detach()})["dense"]
    attacked = functional.cross_entropy(moved, batch["label"])
    named = model.parameters_by_name()
    expected = torch.autograd.grad((1 - share) * loss + share * attacked, list(named.values()))

    class Context:
        """Takes what would be minimised."""

        def __init__(self) -> None:
            self.model, self.total = model, torch.zeros(())

        def minimise(self, role: str, loss: torch.Tensor, clear: bool = True) -> None:
            self.total = loss

    context = Context()
    told = subject.recipe.step(batch, context)  # type: ignore[arg-type]  # all that the step asks of it
    found = torch.autograd.grad(context.total, list(named.values()))
    for ours, theirs in zip(found, expected, strict=True):
        assert torch.allclose(ours, theirs, atol=1e-6)
    assert float(told["loss"]) == pytest.approx(float(loss.detach()), rel=1e-5)
    assert float(told["attacked_loss"]) == pytest.approx(float(attacked.detach()), rel=1e-5)
    assert float(told["attacked_accuracy"]) <= float(told["accuracy"])


def test_a_share_of_0_trains_as_if_there_were_no_attack_and_is_tested_under_it() -> None:
    with_attack, without = trainer(0.0), trainer(0.5, epsilon=0.0)
    assert with_attack.run(3).metrics["loss"].tobytes() == without.run(3).metrics["loss"].tobytes()
    tested = [one for one in with_attack.evaluate("test") if one is not None][-1]
    assert {"loss", "accuracy", "attacked_loss", "attacked_accuracy"} <= tested.keys()
    assert tested["attacked_loss"] > tested["loss"]
    assert "attacked_loss" not in [one for one in without.evaluate("test") if one is not None][-1]


def test_it_defends_where_its_twin_does_not() -> None:
    def accuracy(share: float) -> float:
        subject = trainer(share)
        while subject.step < 90:
            subject.run(90 - subject.step)
        return [one for one in subject.evaluate("test") if one is not None][-1]["attacked_accuracy"]

    defended, twin = accuracy(0.5), accuracy(0.0)
    assert defended > twin + 0.2, (defended, twin)
