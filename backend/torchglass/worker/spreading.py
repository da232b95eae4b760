"""A look that would last too long, taken in pieces on a copy of the network, so that no command waits for it."""

from __future__ import annotations

import copy
import time
from collections.abc import Generator
from typing import Any

from torchglass.probes._pieces import SpreadProbe
from torchglass.probes.base import LaterError, Picture, Target
from torchglass.worker.capture import Moment, View
from torchglass.worker.pinned import Pinned
from torchglass.worker.sources import Sources

#: Pieces are taken for so long in one look (seconds), at least one of them.
SLICE = 0.008


class _Still:
    """A trainer whose network and step stand still; everything else is that of the one that goes on."""

    def __init__(self, trainer: Any) -> None:
        self._trainer = trainer
        self.model = copy.deepcopy(trainer.model).eval()
        self.hold()

    def hold(self) -> None:
        """Take over the network as it is now."""
        self.model.load_state_dict(self._trainer.model.state_dict())
        self.model.silent = self._trainer.model.silent
        self.step = self._trainer.step

    def __getattr__(self, name: str) -> Any:
        return getattr(self._trainer, name)


class Spread:
    """One watch whose picture is taken in pieces; all of them belong to the step at which the first one was taken."""

    def __init__(self, trainer: Any, probe: SpreadProbe) -> None:
        self._trainer, self._probe = trainer, probe
        self._still: _Still | None = None
        self._pinned: Pinned | None = None
        self._work: Generator[None, None, Picture | None] | None = None
        #: What the picture that was taken last, or that is being taken, is of: (stamp, source, its version), and step.
        self.seen: tuple[object, ...] = ()
        self.step = 0

    def capture(self, target: Target, sources: Sources, seen: tuple[object, ...]) -> Picture | None:
        """Some pieces further: the picture, or LaterError until it is whole. ``seen`` is what a new one would be of.

        Call it in eval mode without gradients; raises whatever the probe raises.
        """
        if self._work is None or self.seen[1:] != seen[1:]:  # another example was chosen meanwhile
            self._work, self.seen = self._begin(target, sources, seen), seen
        begun, finished = time.perf_counter(), False
        try:
            next(self._work)
            while time.perf_counter() - begun < SLICE:
                next(self._work)
        except StopIteration as end:
            finished = True
            picture: Picture | None = end.value
            return picture
        finally:
            if finished:
                self._work = None
        raise LaterError

    def _begin(
        self, target: Target, sources: Sources, seen: tuple[object, ...]
    ) -> Generator[None, None, Picture | None]:
        if self._still is None or self._pinned is None:
            self._still = _Still(self._trainer)
            self._pinned = Pinned(self._still)
        self._still.hold()
        self.step = self._still.step
        moment = Moment(self._still, sources, self._pinned, [], seen[0], 0.0, training=False)
        return self._probe.pieces(target, View(moment, target.source))
