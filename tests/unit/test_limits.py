"""What holds gradients and weights within bounds, and ends that have nothing to look at."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from torchglass.catalog import parse_experiment, validate
from torchglass.presets import load_preset
from torchglass.training.trainer import Trainer


def changed(preset: str, **training: Any) -> Any:
    raw = load_preset(preset).model_dump(mode="json")
    raw["training"] |= training
    return parse_experiment(raw)


@pytest.mark.parametrize("stepper", ["eager", "native"])
def test_max_norm_holds_the_weights_into_every_unit(stepper: str) -> None:
    trainer = Trainer(changed("overfit", regularization={"max_norm": 0.5}, stepper=stepper), device="cpu", threads=1)
    trainer.run(50)
    norms = [p.detach().norm(dim=1) for p in trainer.model.parameters() if p.dim() > 1]
    assert max(float(norm.max()) for norm in norms) == pytest.approx(0.5, abs=1e-5)
    biases = [p.detach().abs().max() for p in trainer.model.parameters() if p.dim() == 1]
    assert max(map(float, biases)) > 0.2


def test_clipping_by_value_bounds_every_number_of_a_step() -> None:
    sgd = {"model": {"kind": "sgd", "config": {"lr": 1.0}}}
    trainer = Trainer(changed("overfit", optimizers=sgd, clip_value=1e-3), device="cpu", threads=1)
    before = trainer.storage.flat.clone()
    trainer.run(1)
    moved = (trainer.storage.flat - before).abs().max()
    assert float(moved) == pytest.approx(1e-3, rel=1e-4)


def test_the_forms_of_dropout_differ_only_in_who_makes_up_for_it() -> None:
    from torchglass.layers.base import LAYERS

    inputs = torch.ones(1, 4000)
    means = {}
    for form in ("pytorch", "textbook", "forgotten"):
        module = LAYERS.make("dropout", {"p": 0.75, "form": form}).build({}, None)  # type: ignore[arg-type]
        torch.manual_seed(1)
        means[form] = (float(module.train()(inputs).mean()), float(module.eval()(inputs).mean()))
    assert means["pytorch"] == (pytest.approx(1, abs=0.1), 1.0)
    assert means["textbook"] == (pytest.approx(0.25, abs=0.03), 0.25)
    assert means["forgotten"] == (pytest.approx(0.25, abs=0.03), 1.0)


@pytest.mark.parametrize("end", ["target", "patience"])
def test_an_end_that_can_not_be_judged_says_so_at_its_place(end: str) -> None:
    def said(preset: str, **stop: Any) -> list[tuple[str | None, str]]:
        report = validate(changed(preset, stop={end: 5, **stop}))
        assert report.ok
        return [(problem.field, problem.message) for problem in report.problems]

    assert said("overfit") == []
    assert said("fit-the-line") == []
    ((field, message),) = said("fit-the-line", judge="accuracy")
    assert field == f"training.stop.{end}"
    assert "numbers are predicted, which have no accuracy" in message
