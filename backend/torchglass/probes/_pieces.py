"""Probes whose picture takes longer than a look may last."""

from __future__ import annotations

from collections.abc import Generator

from torchglass.probes.base import Capture, Needs, Picture, Probe, Target


class SpreadProbe(Probe):
    """One whose picture is taken in pieces, in looks between which the training goes on; all of them are of one step
    (``worker/spreading.py``)."""

    def needs(self, target: Target) -> Needs:
        return Needs(own_pass=True)

    def pieces(self, target: Target, capture: Capture) -> Generator[None, None, Picture | None]:
        """Yields wherever a look may end, every few milliseconds, outside of any context; returns what ``capture``
        returns. Reads nothing that the training changes meanwhile but the network of ``capture``, which stands still.
        """
        raise NotImplementedError

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """All pieces at once."""
        work = self.pieces(target, capture)
        while True:
            try:
                next(work)
            except StopIteration as end:
                picture: Picture | None = end.value
                return picture
