"""Kept steps: bounded, thinned between the ends, set aside and brought back, and still there in the next process."""

from __future__ import annotations

import itertools
from pathlib import Path

import torch

from torchglass.training.checkpoints import Checkpoint
from torchglass.training.ring import PINS, Ring


def at(step: int, value: float = 0.0, size: int = 4) -> Checkpoint:
    return Checkpoint({"parameter/w": torch.full((size,), value)}, {"step": step, "experiment": {}})


def filled(ring: Ring, *steps: int) -> Ring:
    for step in steps:
        ring.keep(at(step, float(step)))
    return ring


def test_many_steps_are_thinned_between_the_first_and_the_newest() -> None:
    ring = filled(Ring(most=24), *range(0, 20_000, 10))
    steps = ring.steps()
    assert (len(steps), steps[0], steps[-1]) == (24, 0, 19_990)
    gaps = [(b - a, min(a, 19_990 - b)) for a, b in itertools.pairwise(steps)]
    assert max(gap for gap, _ in gaps) < 8000  # nowhere a hole
    assert min(gap for gap, near in gaps if near > 4000) > 5 * gaps[-1][0]  # dense at the end, thin in between


def test_bytes_bound_what_is_kept_and_a_step_that_is_too_large_is_not() -> None:
    ring = filled(Ring(limit=10 * 16), *range(50))
    assert (len(ring.steps()), ring.size <= 160, ring.steps()[0], ring.steps()[-1]) == (10, True, 0, 49)
    ring.keep(at(60, size=100))
    assert 60 not in ring.steps()


def test_steps_before_edits_stay_and_the_first_state_of_a_step_counts() -> None:
    ring = Ring(most=12)
    for step in range(200):
        ring.keep(at(step, 1.0), pinned=step in (50, 60))
        ring.keep(at(step, 2.0))
    assert {0, 50, 60, 199} <= set(ring.steps())
    kept = ring.get(50)
    assert kept is not None
    assert kept.tensors["parameter/w"][0] == 1.0


def test_endless_edits_are_bounded_too() -> None:
    ring = Ring(most=PINS + 6)
    for step in range(500):
        ring.keep(at(step), pinned=True)
    assert len(ring.steps()) == PINS + 6
    assert ring.steps()[0] == 0


def test_what_somebody_looks_at_is_not_thinned() -> None:
    ring = filled(Ring(most=6), 0, 1)
    ring.in_use = {(0, 1)}
    filled(ring, *range(2, 300))
    assert 1 in ring.steps()


def test_a_branch_is_set_aside_with_its_end_and_comes_back() -> None:
    ring = filled(Ring(), 0, 10, 20, 30)
    ring.set_aside(10, 1, at(34, 34.0))
    assert (ring.steps(), ring.branches) == ([0, 10], {1: 34})
    filled(ring, 20, 40)
    ring.set_aside(10, 2, at(45, 45.0))
    ring.bring_back(1)
    assert (ring.steps(), ring.branches) == ([0, 10, 20, 30, 34], {2: 45})
    back = ring.get(20)
    assert back is not None
    assert back.tensors["parameter/w"][0] == 20.0


def test_the_end_of_a_branch_outlives_the_rest_of_it() -> None:
    ring = filled(Ring(most=10), *range(8))
    ring.set_aside(0, 1, at(8))
    filled(ring, *range(100, 160))
    assert ring.branches == {1: 8}
    assert len(ring.steps(1)) == 1


def test_the_next_process_finds_them_and_a_damaged_one_is_not_believed(tmp_path: Path) -> None:
    ring = filled(Ring(tmp_path), 0, 10, 20, 30)
    ring.writing()()
    ring.set_aside(20, 1, at(33, 33.0))
    ring.keep(at(21, 21.0), pinned=True)
    ring.writing()()
    again = Ring(tmp_path)
    again.recall(21)
    assert (again.steps(), again.branches) == ([0, 10, 20, 21], {1: 33})
    back = again.get(33, 1)
    assert back is not None
    assert back.tensors["parameter/w"][0] == 33.0
    damaged = next(path for path in tmp_path.iterdir() if path.name.startswith("kept-0-10-"))
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    assert again.get(10) is None
    assert 10 not in again.steps()
    again.recall(-1)
    again.clear()
    again.writing()()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_them_in_memory(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("no folder")
    ring = filled(Ring(tmp_path / "kept"), 0, 5)
    ring.writing()()
    assert ring.get(5) is not None
