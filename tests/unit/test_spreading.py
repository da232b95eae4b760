"""Pictures taken in pieces: of one step, whatever is trained or chosen meanwhile, and no look lasts long."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.unit.test_embedding import Watcher, trained
from tests.unit.test_fast_gradient import Looker

from torchglass.training.trainer import Trainer
from torchglass.worker import spreading

CURVE = {"probe": "fast_gradient", "options": {"count": 96}}
SHIFTS = {"probe": "shift_accuracy", "options": {"most": 3, "count": 96}}
PATCHES = {"probe": "exciting_patches", "node": "conv1", "options": {"pictures": 96}}


@pytest.fixture(autouse=True)
def _one_piece_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """However quick the machine is."""
    monkeypatch.setattr(spreading, "SLICE", 0.0)


def now(subject: Trainer, asked: dict[str, Any], source: str = "test:4") -> np.ndarray:
    """The same picture in one go."""
    training = subject.model.training
    looker = Looker(subject)
    subject.model.eval()
    found: np.ndarray = looker.see(asked["probe"], source, asked.get("node"), **asked["options"]).values
    subject.model.train(training)
    return found


@pytest.mark.parametrize("asked", [CURVE, SHIFTS, PATCHES], ids=lambda asked: asked["probe"])
def test_all_pieces_belong_to_the_step_at_which_the_first_was_taken(asked: dict[str, Any]) -> None:
    subject = trained(10)
    expected = now(subject, asked)
    watcher = Watcher(subject, asked)
    looks = 0
    while not watcher.frames:
        watcher.service.serve(True)
        subject.run(1)
        looks += 1
    header = watcher.frames[0][0]
    assert (header["type"], header["step"]) == ("frame", 10)
    assert looks >= 2
    assert np.allclose(watcher.read()[0][0], expected, atol=1e-5)
    assert not np.allclose(expected, now(subject, asked), atol=1e-5)


def test_what_was_begun_before_a_pause_is_taken_again_after_it() -> None:
    subject = trained(10)
    watcher = Watcher(subject, CURVE)
    watcher.service.serve(True)
    subject.run(5)
    steps = []
    while not steps or steps[-1] != 15:  # nothing is trained any more: it ends with what there is now
        watcher.next(training=False)
        steps.append(watcher.frames[0][0]["step"])
    assert steps == [10, 15]
    watcher.frames.clear()
    for _ in range(200):
        watcher.service.serve(False)
    assert watcher.frames == []


def test_another_example_starts_again_at_once() -> None:
    subject = trained(10)
    many = {"probe": "fast_gradient", "options": {"show": "examples", "method": "iterative", "steps": 40, "count": 200}}
    watcher = Watcher(subject, many, source="slot:mine")
    watcher.point("mine", "test:4")
    watcher.service.serve(True)
    assert watcher.frames == []
    watcher.point("mine", "test:50")
    [(_, extra)] = watcher.next(training=True)
    assert extra["indices"][0] == 50


def test_the_training_does_not_notice() -> None:
    def losses(watched: bool) -> bytes:
        subject, found = trained(2), b""
        watcher = Watcher(subject, CURVE, SHIFTS) if watched else None
        for _ in range(6):
            found += subject.run(1).metrics["loss"].tobytes()
            if watcher:
                watcher.service.serve(True)
        return found

    assert losses(watched=True) == losses(watched=False)
