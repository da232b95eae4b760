"""Adversarial examples: how little it takes to make a network say something else."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field

from torchglass.probes import base
from torchglass.probes._numbers import array, class_shares, finite, source_parts
from torchglass.probes._pieces import SpreadProbe
from torchglass.probes.base import Attack, Capture, Picture, Target

if TYPE_CHECKING:
    from torch import Tensor

#: Places of the curve: equal steps from nothing to the largest change.
PLACES = 13
#: Examples of the curve that pass at a time.
_BLOCK = 32
Method = Literal["fast", "iterative", "targeted"]
#: Largest change worth a look: of the brightness of a picture, of the width of the plane, of standardised columns.
MOST_IMAGE, MOST_PLANE, MOST_OTHER = 0.25, 0.125, 1.0


class FastGradient(SpreadProbe):
    kind = "fast_gradient"
    label = "Adversarial examples"
    group = "outputs"
    summary = "Examples changed by ε in the direction in which the loss rises fastest, and what the network says then."
    docs = (
        "x + ε·sign(∇ₓJ): every number of the input moves by ε, up or down, whichever raises the loss. `curve`: ε, "
        "accuracy and mean loss (place, column) over the first examples of the test split. `examples`, pictures: the "
        "original, the change and the sum (example, part, C, H, W) with what was said before and after in the extra; "
        "points of a plane: x₁, x₂, both after the change, the class, what was said before and after (example, "
        "column); anything else: class, said before, said after. ε is in shares of full brightness, in units of the "
        "plane, or in the numbers that the network is fed.\n\n"
        "`method` of the examples: `fast`, that one step; `iterative`, several small ones, never further than ε from x "
        "(Kurakin et al. 2017, projected as in Madry et al. 2018); `targeted`, as many down the loss of the class "
        "`goal`, so that it says just that.\n\n"
        "Source: Goodfellow, Shlens, Szegedy (2015), *Explaining and harnessing adversarial examples*."
    )
    formula = r"x' = x + \varepsilon\, \mathrm{sign}(\nabla_x J(\theta, x, y))"
    scope = "network"

    class Config(base.Config):
        show: Annotated[Literal["curve", "examples"], Field(title="Show")] = "curve"
        epsilon: Annotated[float, Field(ge=0, le=1000, title="ε", description="By how much every number moves.")] = 0.05
        count: Annotated[int, Field(ge=1, le=1000, title="Examples")] = 256
        method: Annotated[Method, Field(title="Method", description="Of the examples.")] = "fast"
        steps: Annotated[int, Field(ge=1, le=40, title="Steps", description="Of the iterative methods.")] = 10
        goal: Annotated[int, Field(ge=0, le=10_000, title="Goal", description="The class to be said.")] = 0

    def pieces(self, target: Target, capture: Capture) -> Generator[None, None, Picture | None]:
        """None where no loss leads back to an input of numbers; ValueError in words without classes."""
        if not capture.classes():
            raise ValueError("Only a network that tells classes apart can be made to name the wrong one.")
        split, index = source_parts(target.source)
        first = (index or 0) if self.config.show == "examples" else 0
        split = split if self.config.show == "examples" and index is not None else "test"
        last = min(first + self.config.count, capture.count(split))
        if self.config.show == "curve":
            return (yield from self._curve(capture, last))
        attack = capture.attack(split, list(range(first, last))) if last > first else None
        return None if attack is None else (yield from self._examples(attack, capture, first))

    def _goal(self, capture: Capture) -> int:
        goal: int = self.config.goal
        if goal >= len(capture.classes()):
            raise ValueError(f"There is no class {goal}: there are {len(capture.classes())}, counted from 0.")
        return goal

    def _curve(self, capture: Capture, count: int) -> Generator[None, None, Picture | None]:
        """Block by block of the examples: (place, (ε, accuracy, mean loss))."""
        right, losses = np.zeros(PLACES), np.zeros(PLACES)
        most = 0.0
        for first in range(0, count, _BLOCK):
            attack = capture.attack("test", list(range(first, min(first + _BLOCK, count))))
            if attack is None:
                return None
            most = largest(attack, capture)
            for place, epsilon in enumerate(np.linspace(0, most, PLACES)):
                yield
                said, loss = self._said(attack, attack.moved(float(epsilon)), capture)
                right[place] += float((said == attack.truth).sum())
                losses[place] += loss * len(said)
        if count == 0:
            return None
        rows = np.stack([np.linspace(0, most, PLACES), right / count, losses / count], axis=1).astype(np.float32)
        rows[:, 2] = [finite(float(loss)) for loss in rows[:, 2]]
        extra = {"most": most, "examples": count, "unit": _unit(capture)}
        return Picture(rows, ("place", "column"), encoding="exact", signed=False, extra=extra)

    def _said(self, attack: Attack, moved: Tensor, capture: Capture) -> tuple[Tensor, float]:
        read, loss = attack.judge(moved)
        return class_shares(read, capture).reshape(len(read), -1).argmax(dim=1), loss

    def _examples(self, attack: Attack, capture: Capture, first: int) -> Generator[None, None, Picture | None]:
        goal, moved = self._goal(capture), attack.x
        for here in moving(attack, self.config.method, self.config.epsilon, self.config.steps, goal):
            moved = here
            yield
        shares = [class_shares(attack.judge(x)[0], capture).reshape(len(x), -1) for x in (attack.x, moved)]
        said = [array(one.argmax(dim=1).float()).astype(int) for one in shares]
        sure = [array(one.max(dim=1).values) for one in shares]
        truth = array(attack.truth.float()).astype(int)
        before, after = (array(capture.natural(attack.field, x)) for x in (attack.x, moved))
        extra: dict[str, Any] = {
            "epsilon": self.config.epsilon,
            "most": largest(attack, capture),
            "unit": _unit(capture),
            "classes": list(capture.classes()),
            "indices": list(range(first, first + len(truth))),
            "labels": truth.tolist(),
            "said": [one.tolist() for one in said],
            "sure": [[round(finite(float(value)), 4) for value in one] for one in sure],
        }
        if before.ndim == 4:
            parts = np.stack([before, after - before, after], axis=1).astype(np.float32)
            return Picture(parts, ("example", "part", "C", "H", "W"), encoding="exact", extra=extra)
        columns = np.column_stack([truth, *said]).astype(np.float32)
        if attack.field == capture.point_field():
            columns = np.column_stack([before, after, columns]).astype(np.float32)
            lo, hi = capture.plane_range()
            extra |= {"lo": finite(lo), "hi": finite(hi)}
        return Picture(columns, ("example", "column"), encoding="exact", extra=extra)


def moving(attack: Attack, method: Method, epsilon: float, steps: int, goal: int) -> Iterator[Tensor]:
    """The examples of the attack, (N, ...), after each step of that method; at last every number has moved by at most
    ε."""
    if method == "fast":
        return iter([attack.moved(epsilon)])
    return attack.walk(epsilon, steps, goal if method == "targeted" else None)


def moved_by(attack: Attack, method: Method, epsilon: float, steps: int, goal: int) -> Tensor:
    """Where that ends."""
    *_, moved = moving(attack, method, epsilon, steps, goal)
    return moved


def largest(attack: Attack, capture: Capture) -> float:
    """The largest change on the slider."""
    if attack.x.dim() == 4:
        return MOST_IMAGE
    if attack.field == capture.point_field():
        lo, hi = capture.plane_range()
        return MOST_PLANE * (hi - lo)
    return MOST_OTHER


def _unit(capture: Capture) -> str:
    if capture.picture_field() is not None:
        return "of the full brightness"
    return "units of the plane" if capture.point_field() is not None else "in what the network is fed"
