"""A lecture: hundreds look at one run. Each sees it live, the slow and the dead among them change nothing."""

from __future__ import annotations

import statistics

import pytest
from stage import Stage

WATCH = {"watch": 1, "probe": "stamped", "options": {"size": 50_000}, "rate": 20}


@pytest.mark.timeout(300)
def test_everybody_sees_the_run_whoever_else_looks(held: Stage, run: str, whole: bool) -> None:
    """``make test`` compares rates with one another; the figures of the goals hold on a machine of one's own."""
    fast, odd, seconds = (290, 5, 10.0) if whole else (60, 3, 2.0)
    joined = held.crowd("gather", run=run, watch=WATCH, fast=fast, over=0.5)
    _, before = held.during(run, lambda: held.crowd("measure", seconds=seconds))
    held.crowd("gather", run=run, watch=WATCH, slow=odd, dead=odd)
    _, among = held.during(run, lambda: held.crowd("measure", seconds=seconds))
    gone = held.crowd("patience", within=15.0)
    assert joined["live"] == fast
    assert before["lost"] == among["lost"] == 0
    for seen in (before, among):
        assert seen["rate_min"] >= 0.9 * seen["rate_median"]
    assert among["rate_median"] >= 0.8 * before["rate_median"]
    assert all(after is not None and after <= 15.0 for kind in gone.values() for after in kind), gone
    if whole:
        assert among["rate_min"] >= 18
        assert among["late_p99"] <= 0.150


@pytest.mark.timeout(300)
def test_a_crowd_comes_back_at_once(held: Stage, run: str, whole: bool) -> None:
    crowd = 300 if whole else 60
    held.crowd("gather", run=run, watch=WATCH, fast=crowd)
    held.crowd("disperse")
    back = held.crowd("gather", run=run, watch=WATCH, fast=crowd, over=2.0 if whole else 0.4)
    assert back["live"] == crowd
    assert back["all_live_after"] <= 5.0


@pytest.mark.timeout(300)
def test_being_watched_costs_the_training_little(held: Stage, run: str, whole: bool) -> None:
    """Counted in processor time, so that other programs on the machine do not count: what a step costs, and that
    the server needs so little that it and the training find room on two processors."""
    crowd, rounds, seconds = (300, 3, 8.0) if whole else (60, 2, 2.0)
    ratios, shares = [], []
    for _ in range(rounds):
        alone, _ = held.during(run, lambda: held.crowd("linger", seconds=seconds))
        held.crowd("gather", run=run, watch=WATCH, fast=crowd)
        watched, _ = held.during(run, lambda: held.crowd("measure", seconds=seconds))
        held.crowd("disperse")
        ratios.append(watched.steps_per_cpu / alone.steps_per_cpu)
        shares.append(watched.server)
    assert statistics.median(ratios) >= (0.9 if whole else 0.7)
    assert statistics.median(shares) <= 0.6


@pytest.mark.timeout(300)
def test_a_thousand_phones(held: Stage, run: str, whole: bool) -> None:
    crowd, seconds = (1000, 10.0) if whole else (200, 2.0)
    small = {**WATCH, "options": {"size": 4000}, "rate": 10}
    assert held.crowd("gather", run=run, watch=small, fast=crowd, over=2.0)["live"] == crowd
    seen = held.crowd("measure", seconds=seconds)
    assert seen["lost"] == 0
    assert seen["rate_min"] >= 0.8 * seen["rate_median"]
    if whole:
        assert seen["rate_min"] >= 5
