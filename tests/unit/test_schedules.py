"""Schedules against torch's schedulers and their definitions."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch.optim import lr_scheduler

from torchglass.schedules.base import SCHEDULES

TORCH: list[tuple[str, dict[str, Any], Any]] = [
    ("step", {"every": 7, "gamma": 0.3}, lambda o: lr_scheduler.StepLR(o, 7, 0.3)),
    ("exponential", {"every": 1, "gamma": 0.97}, lambda o: lr_scheduler.ExponentialLR(o, 0.97)),
    ("cosine", {"steps": 60}, lambda o: lr_scheduler.CosineAnnealingLR(o, 60)),
    ("cosine", {"steps": 60, "lowest": 0.2}, lambda o: lr_scheduler.CosineAnnealingLR(o, 60, 0.2)),
    ("inverse", {"half": 5}, lambda o: lr_scheduler.LambdaLR(o, lambda t: 1 / (1 + t / 5))),
    ("constant", {}, lambda o: lr_scheduler.LambdaLR(o, lambda t: 1.0)),
]


@pytest.mark.parametrize(("kind", "config", "make"), TORCH)
def test_same_rates_as_torch(kind: str, config: dict[str, Any], make: Any) -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = make(optimizer)
    ours, theirs = SCHEDULES.make(kind, config), []
    for _ in range(50):
        theirs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert [ours.factor(step) for step in range(1, 51)] == pytest.approx(theirs, rel=1e-9)


def test_warm_up_climbs_then_stays_or_falls_as_in_the_transformer_paper() -> None:
    stays, falls = (SCHEDULES.make("warmup", {"steps": 40, "then": then}) for then in ("constant", "inverse_sqrt"))
    noam = [min(t**-0.5, t * 40**-1.5) * math.sqrt(40) for t in range(1, 400)]
    assert [falls.factor(t) for t in range(1, 400)] == pytest.approx(noam)
    assert stays.factor(10) == 0.25
    assert stays.factor(40) == stays.factor(4000) == 1.0


@pytest.mark.parametrize("kind", sorted(SCHEDULES))
def test_every_schedule_stays_within_zero_and_one_for_ever(kind: str) -> None:
    schedule = SCHEDULES.make(kind, {})
    factors = [schedule.factor(step) for step in (1, 2, 10, 10**3, 10**6, 10**12)]
    assert all(0 <= factor <= 1 for factor in factors)
    assert SCHEDULES[kind].summary.endswith(".")
