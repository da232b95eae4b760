"""The reference stepper: PyTorch, operation by operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
import torch

from torchglass.training.randomness import stream_seed

if TYPE_CHECKING:
    from torch import Tensor

    from torchglass.training.trainer import Trainer


class Eager:
    kind: ClassVar[str] = "eager"
    spans_epochs: ClassVar[bool] = False

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer

    @staticmethod
    def refuses(trainer: Trainer) -> str | None:
        return None

    def run(self, steps: int) -> dict[str, np.ndarray]:
        trainer, context = self.trainer, self.trainer.context
        collected: dict[str, list[Tensor]] = {}
        trainer.model.train()
        for _ in range(steps):
            context.step = trainer.step + 1
            torch.default_generator.manual_seed(stream_seed(context.seed, "dropout", context.step))
            batch = trainer.data.next_batch(trainer.cursor, trainer.experiment.data.batch_size, context.step)
            for name, value in trainer.recipe.step(batch, context).items():
                collected.setdefault(name, []).append(value)
            trainer.step += 1
        # The one device sync of the chunk.
        return {name: torch.stack(values).double().cpu().numpy() for name, values in collected.items()}

    def export_state(self) -> dict[str, np.ndarray]:
        return {}

    def import_state(self, state: dict[str, np.ndarray]) -> None:
        assert not state
