"""Passes over fixed batches that pictures share: gradients, evaluation, grids over the plane and the line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from torchglass.probes.base import GridView
from torchglass.worker.grids import LineGrid, PlaneGrid
from torchglass.worker.rounds import Rounds

GRADIENT_BATCH = 64
EVALUATED = 500
_EVALUATION_BLOCK = 125
#: While training, gradients and evaluation are renewed at most so often (seconds).
GRADIENT_AGE = 0.25
EVALUATION_AGE = 0.45
#: Training pictures, evenly spread, that the mean picture is the mean of.
AVERAGED = 500


class Pinned:
    """Passes over fixed batches, kept until the network has changed and a little time has passed."""

    def __init__(self, trainer: Any) -> None:
        self.trainer = trainer
        self._batches: dict[str, dict[str, Tensor]] = {}
        self._kept: dict[str, tuple[object, float, Any]] = {}
        self.rounds = Rounds(trainer)
        self._mean: Tensor | None = None
        self.grid = PlaneGrid(trainer)
        self.line_grid = LineGrid(trainer)

    def gradients(self, stamp: object, now: float, training: bool) -> dict[str, Tensor]:
        """Of the recipe's loss on the pinned training batch, by parameter; .grad is never touched."""
        value: dict[str, Tensor] = self._fresh(
            "gradients", stamp, now, GRADIENT_AGE if training else 0, self._gradients
        )
        return value

    def evaluation(self, stamp: object, now: float, training: bool) -> tuple[Tensor, Tensor] | None:
        """(read outputs, targets) of the first test examples."""
        value: tuple[Tensor, Tensor] | None = self._fresh(
            "evaluation", stamp, now, EVALUATION_AGE if training else 0, self._evaluation
        )
        return value

    def plane(self, size: int, stamp: object, now: float) -> GridView | None:
        """One pass over size × size places of the plane, however many pictures of it are watched."""
        value: GridView | None = self._fresh(f"plane-{size}", stamp, now, 0, lambda: self.grid.view(size))
        return value

    def line(self, size: int, stamp: object, now: float) -> GridView | None:
        """One pass over so many places of the line, however many pictures of it are watched."""
        value: GridView | None = self._fresh(f"line-{size}", stamp, now, 0, lambda: self.line_grid.view(size))
        return value

    def mean_picture(self) -> Tensor:
        """The mean of training pictures as fed, (1, C, H, W)."""
        if self._mean is None:
            data = self.trainer.data
            total = data.count("train")
            some = list(range(0, total, max(1, total // AVERAGED)))[:AVERAGED]
            self._mean = data.batch("train", some)[data.picture_field].mean(dim=0, keepdim=True)
        return self._mean

    def _fresh(self, name: str, stamp: object, now: float, age: float, compute: Callable[[], Any]) -> Any:
        kept = self._kept.get(name)
        if kept is None or (kept[0] != stamp and now - kept[1] >= age):
            self._kept[name] = kept = (stamp, now, compute())
        return kept[2]

    def training_batch(self) -> dict[str, Tensor]:
        """The fields of the examples on which gradients are looked at."""
        return self._batch("train", GRADIENT_BATCH)

    def _batch(self, split: str, count: int) -> dict[str, Tensor]:
        if split not in self._batches:
            data = self.trainer.data
            self._batches[split] = data.batch(split, list(range(min(count, data.count(split)))))
        return self._batches[split]

    def _gradients(self) -> dict[str, Tensor]:
        model, recipe = self.trainer.model, self.trainer.recipe
        named = {name: p for name, p in model.parameters_by_name().items() if p.requires_grad}
        batch = self.training_batch()
        with torch.enable_grad():
            loss = recipe.loss(model.run(batch), batch)
            if loss is None or not named or not loss.requires_grad:
                return {}
            found = torch.autograd.grad(loss, list(named.values()), allow_unused=True)
        return {name: g for name, g in zip(named, found, strict=True) if g is not None}

    def _evaluation(self) -> tuple[Tensor, Tensor] | None:
        trainer = self.trainer
        target = trainer.data.target_field
        batch = self._batch("test", EVALUATED)
        if target is None or target not in batch:
            return None
        read = []
        for start in range(0, len(batch[target]), _EVALUATION_BLOCK):
            block = {name: value[start : start + _EVALUATION_BLOCK] for name, value in batch.items()}
            part = trainer.recipe.predict(trainer.model.run(block))
            if part is None:
                return None
            read.append(part)
        return torch.cat(read), batch[target]
