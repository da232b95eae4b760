"""Accuracy against the size of an attack, place by place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from torchglass.probes._numbers import class_shares, finite
from torchglass.probes.fast_gradient import largest, moved_by
from torchglass.protocol.studies import RobustnessPlace, RobustnessRequest
from torchglass.training.trainer import Trainer
from torchglass.worker.capture import Looking
from torchglass.worker.dreaming import NoStudyError, view_of


def robustness(trainer: Trainer, wanted: RobustnessRequest) -> Iterator[RobustnessPlace]:
    """From no change to the largest one. Raises NoStudyError in words."""
    with Looking(trainer.model)():
        view = view_of(trainer)
        count = min(wanted.examples, view.count("test"))
        attack = view.attack("test", list(range(count))) if view.classes() and count else None
        if attack is None:
            raise NoStudyError("Only a network that tells classes apart, from numbers, can be attacked this way.")
        if wanted.goal >= len(view.classes()):
            raise NoStudyError(f"There is no class {wanted.goal}: there are {len(view.classes())}, counted from 0.")
        for done, epsilon in enumerate(np.linspace(0, largest(attack, view), wanted.places), start=1):
            moved = moved_by(attack, wanted.method, float(epsilon), wanted.steps, wanted.goal)
            read, loss = attack.judge(moved)
            said = class_shares(read, view).reshape(count, -1).argmax(dim=1)
            yield RobustnessPlace(
                done=done,
                total=wanted.places,
                epsilon=float(epsilon),
                accuracy=float((said == attack.truth).float().mean()),
                loss=finite(loss),
                reached=float((said == wanted.goal).float().mean()) if wanted.method == "targeted" else None,
            )
