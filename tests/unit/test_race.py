"""A race is fair (same weights, same batches), no lane disturbs another, and ways are kept in bounded memory."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch

from torchglass.catalog import parse_experiment, validate
from torchglass.losses.landscape import MAPS, height
from torchglass.presets import load_preset
from torchglass.recipes._trail import KEPT, record, trail_state
from torchglass.training.trainer import Trainer


def document(preset: str = "optimizer-race") -> dict[str, Any]:
    return load_preset(preset).model_dump(mode="json")


def trained(raw: dict[str, Any], steps: int) -> tuple[Trainer, dict[str, np.ndarray]]:
    trainer, chunks = Trainer(parse_experiment(raw), device="cpu", threads=1), []
    while trainer.step < steps:
        chunks.append(trainer.run(steps - trainer.step).metrics)
    return trainer, {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}


def test_lanes_begin_with_the_same_weights_and_the_loss_is_that_of_the_one_ahead() -> None:
    raw = document()
    lanes = list(raw["recipe"]["config"]["lanes"])
    _, metrics = trained(raw, 20)
    first = {lane: metrics[f"{lane}_loss"][0] for lane in lanes}
    assert len(set(first.values())) == 1
    assert len({metrics[f"{lane}_loss"][-1] for lane in lanes}) == len(lanes)
    np.testing.assert_array_equal(metrics["loss"], np.min([metrics[f"{lane}_loss"] for lane in lanes], axis=0))


def test_a_lane_learns_as_if_it_were_alone_also_beside_one_that_explodes() -> None:
    raw = document()
    wild = copy.deepcopy(raw)
    wild["training"]["optimizers"]["sgd"]["config"]["lr"] = 100.0
    _, calm = trained(raw, 30)
    _, beside = trained(wild, 30)
    np.testing.assert_array_equal(calm["adam_loss"], beside["adam_loss"])
    assert not np.array_equal(calm["sgd_loss"], beside["sgd_loss"])


def test_who_leaves_the_map_is_out_and_everybody_stays_finite() -> None:
    raw = document("optimizer-landscape")
    raw["recipe"]["config"]["loss"]["config"]["surface"] = "rosenbrock"
    raw["training"]["optimizers"]["sgd"]["config"]["lr"] = 0.5
    trainer, metrics = trained(raw, 60)
    assert metrics["sgd_loss"][-1] == 1e6
    assert all(np.isfinite(values).all() for values in metrics.values())
    assert bool(torch.isfinite(trainer.context.state["trail"]).all())
    assert metrics["adam_loss"][-1] < metrics["adam_loss"][0]


def test_the_way_ends_where_the_walker_stands() -> None:
    raw = document("optimizer-landscape")
    trainer, _ = trained(raw, 25)
    kept, stride = trainer.context.state["trail_kept"].tolist()
    assert (kept, stride) == (26, 1)
    trail = trainer.context.state["trail"]
    lanes = list(raw["recipe"]["config"]["lanes"])
    for number, lane in enumerate(lanes):
        here = torch.tensor([-5.0, 2.0]) + trainer.model.parameter(f"{lane}_place.bias").detach()
        assert torch.allclose(trail[kept - 1, number], here)
        assert trail[0, number].tolist() == [-5.0, 2.0]


def test_long_ways_are_thinned_evenly() -> None:
    state: dict[str, torch.Tensor] = dict(trail_state(1))
    for step in range(5 * KEPT):
        record(state, step, torch.tensor([[float(step), 0.0]]))
    kept, stride = state["trail_kept"].tolist()
    assert kept <= KEPT
    assert stride == 8
    assert state["trail"][:kept, 0, 0].tolist() == [float(stride * place) for place in range(kept)]


@pytest.mark.parametrize("surface", sorted(MAPS))
def test_the_lowest_places_are_lowest(surface: str) -> None:
    found = MAPS[surface]
    for place in found.minima:
        x, y = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in place)
        low = height(surface, x, y)
        low.backward()
        assert abs(float(x.grad)) < 1e-9
        assert abs(float(y.grad)) < 1e-9
        for dx, dy in ((0.1, 0), (-0.1, 0), (0, 0.1), (0, -0.1)):
            assert height(surface, x.detach() + dx, y.detach() + dy) > low
    start = height(surface, *(torch.tensor(value) for value in found.start))
    assert start > height(surface, *(torch.tensor(value) for value in found.minima[0]))


def test_a_wrong_lane_is_named() -> None:
    raw = document()
    raw["recipe"]["config"]["lanes"]["nobody"] = "nowhere"
    messages = [problem.message for problem in validate(parse_experiment(raw)).problems]
    assert any("no part “nobody”" in message for message in messages)


def test_the_lanes_keep_the_order_of_the_document() -> None:
    from torchglass.checking.entries import make
    from torchglass.recipes.base import RECIPES

    loss = {"kind": "mse", "config": {}}
    made = make(RECIPES, "race", {"lanes": {"zebra": "z", "ant": "a"}, "target": "y", "loss": loss}, "recipe")
    assert made.entry is not None, made.problems
    assert list(made.entry.config.lanes) == ["zebra", "ant"]
