"""The loss on a plane through the weights of a network, and the path that the training took, on that plane.

Random directions are normalised filter by filter (Li, Xu, Taylor, Studer, Goldstein: Visualizing the Loss Landscape of
Neural Nets, NeurIPS 2018), biases stay; the directions of the path are the first two principal components of its steps,
seen from the newest one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from torchglass.protocol.landscape import Directions
from torchglass.training.randomness import generator
from torchglass.training.trainer import Trainer

#: Training examples, evenly spread, whose mean loss is drawn.
EXAMPLES = 512
#: Room around a path, as a share of its extent, and around the weights along random directions.
MARGIN, REACH = 0.25, 1.0


class NoLandscapeError(ValueError):
    """Why there is no landscape, in words."""


@dataclass(frozen=True, slots=True)
class Plane:
    """Two directions through the weights. ``points``: (N, 2) of the path; ``share``: of its variance on the plane."""

    directions: Tensor  # (2, P)
    centre: tuple[float, float]
    span: tuple[float, float]
    points: np.ndarray
    share: float | None


class Surveyor:
    """Measures the loss around the weights that a trainer stands at; they are afterwards as they were."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer
        self.here = trainer.storage.flat.clone()
        if not self.here.numel():
            raise NoLandscapeError("This network has no weights that are trained: there is no landscape.")
        total = trainer.data.count("train")
        if total == 0:
            raise NoLandscapeError("There are no training examples, so that there is no loss to draw.")
        self.batch = trainer.data.batch("train", range(0, total, max(1, total // EXAMPLES))[:EXAMPLES])
        trainer.model.eval()
        if self.loss(torch.zeros_like(self.here)) is None:
            raise NoLandscapeError(
                "What this recipe does is not going down the slope of one loss: there is no landscape to draw."
            )

    @property
    def examples(self) -> int:
        """How many the loss is the mean of."""
        return len(next(iter(self.batch.values())))

    def loss(self, offset: Tensor) -> float | None:
        """With that (P,) added to the weights; None where the recipe has no such loss."""
        flat = self.trainer.storage.flat
        with torch.no_grad():
            flat.copy_(self.here + offset)
            found = self.trainer.recipe.loss(self.trainer.model.run(self.batch), self.batch)
            flat.copy_(self.here)
        return None if found is None else float(found)

    def plane(self, kind: Directions, path: Sequence[Tensor], seed: int) -> Plane:
        """``path``: the flat weights (P,) of the kept steps. Raises NoLandscapeError where it is too short."""
        steps = torch.stack(list(path)) - self.here if path else self.here.new_zeros(0, len(self.here))
        if kind == "path":
            return self._along(steps)
        directions = torch.stack([self._random(seed, "x"), self._random(seed, "y")])
        points = _projected(steps, directions)
        return Plane(directions, (0.0, 0.0), (REACH, REACH), points, _shown(steps, points, directions))

    def rows(self, plane: Plane, size: int) -> Iterator[list[float | None]]:
        """(size) losses for each y, from below."""
        x, y = (np.linspace(c - s, c + s, size) for c, s in zip(plane.centre, plane.span, strict=True))
        for b in y:
            row: list[float | None] = []
            for a in x:
                value = self.loss(float(a) * plane.directions[0] + float(b) * plane.directions[1])
                row.append(value if value is not None and np.isfinite(value) else None)
            yield row

    def _random(self, seed: int, axis: str) -> Tensor:
        flat = torch.zeros_like(self.here)
        for slot in self.trainer.storage.slots.values():
            if slot.parameter.dim() < 2:
                continue  # biases and normalisations would only move the whole landscape
            weight = slot.parameter.detach()
            drawn = torch.randn(weight.shape, generator=generator(seed, "landscape", f"{axis}/{slot.name}")).to(weight)
            rows = drawn.flatten(1)
            lengths = weight.flatten(1).norm(dim=1, keepdim=True)
            scaled = (rows / rows.norm(dim=1, keepdim=True).clamp_min(1e-12) * lengths).view(weight.shape)
            self.trainer.storage.write(flat, slot.name, scaled)
        if not flat.any():
            raise NoLandscapeError("All weights are zero: directions as long as they are lead nowhere. Train a little.")
        return flat

    def _along(self, steps: Tensor) -> Plane:
        moved = steps[steps.norm(dim=1) > 0]
        if len(moved) < 2:
            raise NoLandscapeError("The path is too short to lie on a plane: let it train for a while.")
        _, _, found = torch.linalg.svd(steps.double(), full_matrices=False)
        directions = found[:2].to(self.here)
        # The sign of a component is arbitrary: the path begins at the left, below.
        first = steps[0].double() @ directions.double().T
        directions = directions * torch.where(first > 0, -1.0, 1.0).to(directions)[:, None]
        points = _projected(steps, directions)
        low, high = np.minimum(points.min(0), 0), np.maximum(points.max(0), 0)
        extent = high - low
        extent = np.maximum(extent, 0.25 * extent.max())  # a path along one line has room beside it
        span = extent * (0.5 + MARGIN)
        middle = (low + high) / 2
        share = _shown(steps, points, directions)
        return Plane(directions, (float(middle[0]), float(middle[1])), (float(span[0]), float(span[1])), points, share)


def _projected(steps: Tensor, directions: Tensor) -> np.ndarray:
    """(N, 2): how far along each direction, by least squares."""
    if not len(steps):
        return np.zeros((0, 2))
    found: np.ndarray = torch.linalg.lstsq(directions.double().T, steps.double().T).solution.T.cpu().numpy()
    return found


def _shown(steps: Tensor, points: np.ndarray, directions: Tensor) -> float | None:
    total = float(steps.double().square().sum())
    if total == 0:
        return None
    on = torch.from_numpy(points).to(directions.device) @ directions.double()
    return min(1.0, float(on.square().sum()) / total)
