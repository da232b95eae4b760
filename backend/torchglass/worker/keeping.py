"""Keeps earlier steps while a run trains, takes it back to one of them, and hands one to a fork."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from torchglass.protocol import worker as wire
from torchglass.protocol.run import RunProblem
from torchglass.protocol.trouble import meanwhile, why
from torchglass.training.checkpoints import save
from torchglass.training.ring import LIMIT, Ring
from torchglass.training.trainer import Trainer
from torchglass.worker.explain import explain

#: Seconds of training between two kept steps: at first, and later on. The first steps change most.
FIRST, LATER, GROWTH = 0.02, 0.25, 1.25
#: At most this part of the time goes into copying.
_SHARE = 0.02
#: Seconds between two lists of what is kept, while it trains.
_TELL_EVERY = 1.0


class Keeper:
    """The kept steps of one trainer. Call every method from the training thread."""

    def __init__(self, trainer: Trainer, ring: Ring, send: Callable[[wire.KeptSteps], None]) -> None:
        self._trainer, self.ring, self._send = trainer, ring, send
        self._pause, self._due, self._tell_at = FIRST, 0.0, 0.0
        self._told = -1

    def begin(self, *, restored: bool) -> None:
        """With what an earlier process kept, if the run goes on from its checkpoint."""
        self.ring.recall(self._trainer.step if restored else -1)
        if not restored:
            self.ring.clear()
        self.keep()
        self.tell(now=True)

    def begin_again(self) -> None:
        """The run stands at step 0 anew: what was kept is void."""
        self.ring.clear()
        self._pause, self._due = FIRST, 0.0
        self.keep()

    def keep_when_due(self) -> None:
        """Between two chunks."""
        if time.perf_counter() < self._due:
            return
        started = time.perf_counter()
        self.keep()
        now = time.perf_counter()
        self._pause = min(LATER, self._pause * GROWTH)
        self._due = now + max(self._pause, (now - started) / _SHARE)

    def keep(self, *, pinned: bool = False) -> None:
        """The state of now, if it is worth keeping; ``pinned``: an edit follows."""
        trainer = self._trainer
        if not self.ring.fits(self._bytes()) or not trainer.storage.is_finite():
            return
        self.ring.keep(trainer.snapshot(), pinned=pinned)

    def stand(self) -> None:
        """It comes to a stand: whoever hears of that can look at this step, and come back to it."""
        self.keep()
        self.tell(now=True)

    def tell(self, *, now: bool = False) -> None:
        """Say what is kept, where that has changed."""
        clock = time.monotonic()
        if self.ring.version == self._told or (not now and clock < self._tell_at):
            return
        self._told, self._tell_at = self.ring.version, clock + _TELL_EVERY
        reason = None
        if not self.ring.fits(self._bytes()):
            reason = (
                f"One step of this network takes {self._bytes() / 2**20:,.0f} MB; "
                f"earlier steps are kept in at most {LIMIT / 2**20:.0f} MB, so that there are none to go back to."
            )
        self._send(wire.KeptSteps(steps=self.ring.steps(), branches=self.ring.branches, reason=reason))

    def rewind(self, message: wire.Rewind, *, finite: bool) -> RunProblem | int | None:
        """Go back. Why it could not be done (nothing has changed then), or the step that one can come back to;
        ``finite``: whether the state of now is worth coming back to."""
        trainer = self._trainer
        checkpoint = self.ring.get(message.step, message.branch)
        if checkpoint is None:
            return _gone(message.step)
        here = trainer.snapshot()
        try:
            trainer.restore(checkpoint)
        except Exception as error:  # out of memory, say: the run stays where it is
            trainer.restore(here)
            return explain(error)
        worth = finite and self.ring.fits(here.size)
        base = message.base if message.branch else message.step
        self.ring.set_aside(base, message.aside, here if worth else None)
        if message.branch:
            self.ring.bring_back(message.branch)
        self._pause, self._due = FIRST, 0.0
        return int(str(here.facts["step"])) if worth else None

    def fork(self, message: wire.Fork) -> wire.Forked | wire.Refused:
        """Write a kept step as the checkpoint that another run begins with."""
        checkpoint = self.ring.get(message.step)
        if checkpoint is None:
            return wire.Refused(ask=message.ask, problem=_gone(message.step))
        try:
            save(Path(message.directory), checkpoint)
        except OSError as error:
            words = f"The fork could not be written: {why(error)}."
            problem = RunProblem(code="disk", message=words, way_out=meanwhile(why(error), "then fork again."))
            return wire.Refused(ask=message.ask, problem=problem)
        experiment = checkpoint.facts["experiment"]
        assert isinstance(experiment, dict)
        return wire.Forked(ask=message.ask, step=message.step, experiment=experiment)

    def _bytes(self) -> int:
        """Bytes of a snapshot of now, but for what edits took out."""
        return sum(place.numel() * place.element_size() for place in self._trainer.places().values())


def _gone(step: int) -> RunProblem:
    return RunProblem(
        code="not-kept",
        message=f"Step {step:,} is no longer kept.",
        way_out="Choose another of the marked steps; nothing has changed.",
    )
