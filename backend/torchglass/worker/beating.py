"""A worker's sign of life, by which the server sees a stopped process or a hung step."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from torchglass.protocol import worker as wire

if TYPE_CHECKING:
    from torchglass.worker.session import Session

EVERY = 0.5  # seconds


class Pulse:
    """What a session says of itself; steps per second are those since it was asked last."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._at, self._counted = time.perf_counter(), 0

    def now(self) -> wire.Beat:
        """Raises AttributeError while the session is not built."""
        session, now = self._session, time.perf_counter()
        trainer = session.trainer
        step = trainer.step if trainer else 0
        rate = max(0, step - self._counted) / (now - self._at) if session.training else 0.0
        self._at, self._counted = now, step
        busy = time.monotonic() - session.busy_since if session.busy_since else 0.0
        share = session.watching.watched_share if session.watching else 0.0
        epoch = trainer.epoch if trainer else 0.0
        return wire.Beat(step=step, epoch=epoch, steps_per_second=rate, watched_share=share, busy=busy)


def beat(session: Session) -> None:
    """Twice a second, in a thread of its own: a stopped process falls silent, a hung step is seen. Never returns."""
    pulse = Pulse(session)
    while True:
        with contextlib.suppress(AttributeError):
            # Asked where it leaves: a step that was read earlier would follow the word of a pause beyond it.
            session.link.tell(pulse.now)
        time.sleep(EVERY)
