"""When a run ends, and in which words: steps, epochs, time, divergence, target, patience."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

from torchglass.training.checkpoints import Checkpoint
from torchglass.training.ring import NOW, Ring
from torchglass.training.trainer import Chunk, Trainer


class Ending:
    """Asked after every chunk, and after the evaluation of every epoch where target or patience are set."""

    def __init__(self, trainer: Trainer, ring: Ring) -> None:
        self._trainer, self._ring = trainer, ring
        self._best: Checkpoint | None = None
        self._clock = 0.0

    def go(self) -> None:
        """The training begins or goes on. A patience that came to its end waits anew."""
        self._clock = time.monotonic()
        judged, stop = self._trainer.judged, self._trainer.experiment.training.stop
        self._ring.best = None if judged.best is None else judged.step
        if stop.patience is not None and judged.waited >= stop.patience:
            judged.waited = 0

    def now(self) -> str | None:
        """Why it is over where it stands; None: it may train on."""
        trainer = self._trainer
        stop = trainer.experiment.training.stop
        if stop.seconds is not None and trainer.judged.seconds >= stop.seconds:
            return f"{stop.seconds:,} s of training"
        if trainer.steps_until_stop > 0:
            return None
        if stop.steps is not None and trainer.step - trainer.began.step >= stop.steps:
            return counted(stop.steps, "step")
        return counted(stop.epochs or 0, "epoch")

    def after(self, chunk: Chunk) -> str | None:
        """Why it is over after these steps; None: it trains on."""
        clock = time.monotonic()
        self._trainer.judged.seconds += clock - self._clock
        self._clock = clock
        limit = self._trainer.experiment.training.stop.loss_above
        loss = chunk.metrics.get("loss")
        if limit is not None and loss is not None and len(loss) and float(loss.max()) > limit:
            return f"diverged, training loss {float(loss.max()):.3g} above {limit:g}"
        return self.now()

    @property
    def owed(self) -> bool:
        """Whether an epoch has ended that is to be judged before the next one begins."""
        trainer = self._trainer
        at_end = trainer.cursor.used == 0 and trainer.cursor.epoch > trainer.judged.epoch
        return at_end and trainer.experiment.training.stop.judges and trainer.data.count("test") > 0

    def judge(self, result: Mapping[str, float]) -> str | None:
        """Take the evaluation of a whole epoch; why it is over."""
        trainer, judged = self._trainer, self._trainer.judged
        stop = trainer.experiment.training.stop
        self._clock = time.monotonic()
        value = result.get(stop.judge, math.nan)
        if not math.isfinite(value):
            judged.epoch = trainer.cursor.epoch
            return None
        if judged.see(stop, value, trainer.step, trainer.cursor.epoch):
            self._best = trainer.snapshot()
            self._ring.best = trainer.step
            self._ring.keep(self._best)
        if stop.target is not None and (value <= stop.target if stop.judge == "loss" else value >= stop.target):
            return f"test {stop.judge} {value:.4g} reached its target {stop.target:g}"
        if stop.patience is not None and judged.waited >= stop.patience:
            return f"test {stop.judge} no better for {counted(stop.patience, 'epoch')}" + self._restored()
        return None

    def _restored(self) -> str:
        """Take the best weights back, where that is wanted and they are still there; in words."""
        judged = self._trainer.judged
        if not self._trainer.experiment.training.stop.restore_best:
            return ""
        best = self._best if self._best and self._best.step == judged.step else self._ring.get(judged.step, NOW)
        if best is None or not self._trainer.take_weights(best):
            return f"; the best, of step {judged.step:,}, is no longer kept"
        return f"; back to the best, of step {judged.step:,}"


def counted(number: int, noun: str) -> str:
    """ "1 epoch", "2,000 epochs"."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def step_after(trainer: Trainer, n: int, unit: str) -> int:
    """The step that lies n steps, or n ends of epochs, ahead."""
    if unit == "step" or trainer.steps_per_epoch == 0:
        return trainer.step + n
    return trainer.step + trainer.steps_left_in_epoch + (n - 1) * trainer.steps_per_epoch
