"""A run as it stands, for a process that looks at it and goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from torchglass.spec.experiment import Experiment
from torchglass.tables.library import LIBRARY
from torchglass.training.checkpoints import load
from torchglass.training.trainer import Trainer


class Order(Protocol):
    """What is known of the run: its folder, its document where nothing is kept yet, the folder of people's tables."""

    @property
    def experiment(self) -> dict[str, Any]: ...

    @property
    def directory(self) -> str: ...

    @property
    def tables(self) -> str | None: ...


def standing(order: Order) -> Trainer:
    """The run at its newest checkpoint, at its beginning without one. Raises CheckpointError in words."""
    if order.tables is not None:
        LIBRARY.use(Path(order.tables))
    newest = load(Path(order.directory))
    experiment = Experiment.model_validate(newest.facts["experiment"] if newest is not None else order.experiment)
    trainer = Trainer(experiment, device="cpu", threads=1)
    if newest is not None:
        trainer.restore(newest)
    return trainer
