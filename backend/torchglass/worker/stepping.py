"""Keeps the stepper the best that there is, and the server informed which one runs and why."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

from torchglass.protocol import worker as wire
from torchglass.protocol.run import Mark
from torchglass.training.steppers import compiled
from torchglass.training.trainer import Trainer

LOOK_EVERY = 1.0  # seconds


class Stepping:
    """Has the compiled step prepared where it is missing, and lets it take over between two chunks."""

    def __init__(self, trainer: Trainer, send: Callable[[wire.Chosen | wire.Marked], None]) -> None:
        self._trainer = trainer
        self._send = send
        self._told, self._asked = trainer.resolved, trainer.experiment.training.stepper
        self._looked = 0.0
        self._builder: subprocess.Popen[bytes] | None = None

    def serve(self) -> None:
        """Called between chunks; costs a comparison unless something is under way."""
        if self._waiting() and time.monotonic() - self._looked > LOOK_EVERY:
            self._looked = time.monotonic()
            self._prepare()
        resolved, told = self._trainer.resolved, self._told
        self._told = resolved
        if resolved is not told and resolved != told:
            self._send(wire.Chosen(resolved=resolved))
        # Somebody who asked for this one has left a mark already.
        asked, self._asked = self._asked, self._trainer.experiment.training.stepper
        if resolved.stepper != told.stepper and not asked != self._asked == resolved.stepper:
            mark = Mark(step=self._trainer.step, kind="stepper", label=f"{resolved.stepper} stepper takes over")
            self._send(wire.Marked(mark=mark))

    def close(self) -> None:
        """A compilation that nobody waits for any more ends."""
        if self._builder is not None:
            self._builder.kill()
            self._builder.communicate()  # waits, and closes the pipes

    def _waiting(self) -> bool:
        choice = self._trainer.choice
        return choice is not None and choice.refused == compiled.NOT_YET

    def _complaint(self) -> str:
        """The last line that the builder wrote."""
        assert self._builder is not None
        assert self._builder.stderr is not None
        lines = self._builder.stderr.read().decode(errors="replace").strip().splitlines()
        return lines[-1][:200] if lines else f"exit status {self._builder.returncode}"

    def _prepare(self) -> None:
        if self._builder is None:
            self._builder = compiled.build_beside()
        elif self._builder.poll() is None:
            return
        elif compiled.compiling():  # although the builder has ended
            compiled.give_up(self._complaint())
        if not compiled.compiling():
            self._trainer.choose_stepper()
