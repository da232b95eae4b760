"""When the test split is evaluated, and how much of it: the whole at the end of an epoch, a part in between."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

from torchglass.protocol.run import Series
from torchglass.training.trainer import Trainer
from torchglass.worker.metrics import MetricsOut

#: Test examples of the quick evaluation while training; the whole split is used at the end of an epoch.
QUICK = 500
#: Share of the time that evaluation may take while training; less where that still gives a point every second.
SHARE, FRUGAL, OFTEN = 0.1, 0.03, 1.0
#: The same for the first steps, where the curve bends.
EARLY_STEPS, EARLY_SHARE = 150, 0.4

#: Seconds that an evaluation waits when somebody waits for the next steps.
PAUSE = 0.25


class Evaluations:
    """One evaluation at a time, in slices, so that a command never waits for the whole of it."""

    def __init__(self, trainer: Trainer, metrics: MetricsOut) -> None:
        self._trainer, self._metrics = trainer, metrics
        self._slices: Iterator[dict[str, float] | None] | None = None
        self._spent = 0.0
        self._due = 0.0
        self._epoch = trainer.cursor.epoch
        #: Whether what is evaluated now, or was last, is the whole split at the end of an epoch that is judged.
        self.judged = False
        self.result: dict[str, float] = {}

    @property
    def active(self) -> bool:
        return self._slices is not None

    def begin(self, limit: int | None = QUICK) -> None:
        """Of the weights of now, which must stay until it has ended; ``limit`` None: the whole split."""
        self._slices = self._trainer.evaluate("test", limit)
        self._spent = 0.0
        self.judged = False

    def judge(self) -> None:
        """The whole split, to be judged: the next epoch begins afterwards."""
        self._epoch = self._trainer.cursor.epoch
        self.begin(None)
        self.judged = True

    def cancel(self) -> None:
        """The weights are about to change."""
        self._slices, self.judged = None, False

    def put_off(self) -> None:
        """Somebody waits for the next steps: one that is under way is begun again a little later."""
        if self.active:
            self.cancel()
            self._due = time.perf_counter() + PAUSE

    def hurry(self) -> None:
        """The next evaluation is due at once: something was changed by hand, and somebody waits for what it does."""
        self._due = 0.0

    def begin_again(self) -> None:
        """The run stands at an earlier step again."""
        self._epoch = self._trainer.cursor.epoch
        self.begin()

    def begin_when_due(self) -> None:
        """Between two chunks: at the end of an epoch, else when its share of the time allows."""
        trainer = self._trainer
        if trainer.data.count("test") == 0 or time.perf_counter() < self._due:
            return
        whole = trainer.cursor.epoch > self._epoch
        self._epoch = trainer.cursor.epoch
        self.begin(None if whole else QUICK)

    def advance(self) -> bool:
        """One slice; True when it was the last, and the result is sent."""
        assert self._slices is not None
        started = time.perf_counter()
        result = next(self._slices)
        self._spent += time.perf_counter() - started
        if result is None:
            return False
        self._slices, self.result = None, result
        step = self._trainer.step
        self._due = time.perf_counter() + max(0.1, _pause(self._spent, early=step < EARLY_STEPS))
        self._metrics.flush(now=True)
        found = {name: value for name, value in result.items() if math.isfinite(value)}
        self._metrics.send({f"test.{name}": Series(steps=[step], values=[value]) for name, value in found.items()})
        return True


def _pause(spent: float, *, early: bool) -> float:
    """Seconds until the next one, after one that took so long."""
    if early:
        return spent / EARLY_SHARE
    return max(spent / SHARE, min(OFTEN, spent / FRUGAL))
