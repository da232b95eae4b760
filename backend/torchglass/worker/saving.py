"""Writes checkpoints, and with them the kept steps, in a thread of its own: a slow disk does not hold training up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from torchglass.protocol.trouble import meanwhile, why
from torchglass.protocol.worker import CheckpointTrouble, Saved
from torchglass.training.checkpoints import Checkpoint, save
from torchglass.training.ring import Ring

INTERVAL = 5.0  # seconds of training between two checkpoints
FIRST = 1.0  # seconds until the first one
SOON = 0.25  # seconds between two checkpoints at least, however fast somebody changes things
_MEANWHILE = "the training goes on, the checkpoint before this one is kept, and the next follows in seconds."


class Saver:
    """One write at a time; a new checkpoint is refused while one is under way."""

    def __init__(
        self, folder: Path | None, send: Callable[[Saved | CheckpointTrouble], None], ring: Ring | None = None
    ) -> None:
        self._folder, self._send, self._ring = folder, send, ring
        self._thread: threading.Thread | None = None
        self._last = time.monotonic() - INTERVAL + FIRST
        self._wanted = False
        #: The disk did not take the last one: it is tried again, paused or not.
        self._failed = False
        self.saved_step: int | None = None

    def due(self, training: bool) -> bool:
        """Now and then while training or where the last one failed; soon after a change by hand, paused or not."""
        if self._folder is None or self.busy:
            return False
        passed = time.monotonic() - self._last
        return ((training or self._failed) and passed >= INTERVAL) or (self._wanted and passed >= SOON)

    def soon(self) -> None:
        """Something was changed by hand: the next checkpoint must not wait for its time."""
        self._wanted = True

    @property
    def busy(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def save(self, checkpoint: Checkpoint, *, wait: bool = False) -> None:
        """``wait``: return only when it is on disk (or known not to be)."""
        if self._folder is None:
            return
        self.settle()
        self._last, self._wanted = time.monotonic(), False
        kept = self._ring.writing() if self._ring is not None else lambda: None
        work = (self._folder, checkpoint, kept)
        self._thread = threading.Thread(target=self._write, args=work, name="saver", daemon=True)
        self._thread.start()
        if wait:
            self._thread.join()

    def settle(self) -> None:
        """Wait for what is being written."""
        if self._thread is not None:
            self._thread.join()

    def _write(self, folder: Path, checkpoint: Checkpoint, kept: Callable[[], None]) -> None:
        step = checkpoint.facts["step"]
        assigned = checkpoint.facts.get("assigned", 0)
        assert isinstance(step, int)
        assert isinstance(assigned, int)
        try:
            path = save(folder, checkpoint)
        except OSError as error:
            self._failed = True
            message = f"The checkpoint of step {step:,} could not be written: {why(error)}."
            self._send(CheckpointTrouble(message=message, way_out=meanwhile(why(error), _MEANWHILE)))
            return
        self._failed = False
        self.saved_step = step
        self._send(Saved(step=step, path=str(path), assigned=assigned))
        kept()
