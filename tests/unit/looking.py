"""One look at a real trainer, as tests of probes take it."""

from __future__ import annotations

from typing import Any

from torchglass.probes.base import PROBES, Picture, Target
from torchglass.training.trainer import Trainer
from torchglass.worker.capture import Looking, Moment, View
from torchglass.worker.pinned import Pinned
from torchglass.worker.sources import Sources


class Looker:
    """Looks at one trainer; the pinned passes are kept between looks, as the service keeps them."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer, self.pinned = trainer, Pinned(trainer)

    def __call__(self, kind: str, node: str | None = None, **options: Any) -> Picture | None:
        with Looking(self.trainer.model)():
            moment = Moment(self.trainer, Sources(self.trainer.data), self.pinned, [], self.trainer.step, 0.0, False)
            return PROBES.make(kind, options).capture(Target(node), View(moment, "test:0"))
