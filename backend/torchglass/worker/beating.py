"""A worker's sign of life, by which the server sees a stopped process or a hung step."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from torchglass.protocol import worker as wire

if TYPE_CHECKING:
    from torchglass.worker.session import Session

EVERY = 0.5  # seconds


def beat(session: Session) -> None:
    """Twice a second, in a thread of its own: a stopped process falls silent, a hung step is seen. Never returns."""
    counted_at, counted = time.perf_counter(), 0
    while True:
        with contextlib.suppress(AttributeError):
            trainer, now = session.trainer, time.perf_counter()
            step = trainer.step if trainer else 0
            rate = max(0, step - counted) / (now - counted_at) if session.training else 0.0
            counted_at, counted = now, step
            busy = time.monotonic() - session.busy_since if session.busy_since else 0.0
            share = session.watching.watched_share if session.watching else 0.0
            epoch = trainer.epoch if trainer else 0.0
            session.link.send(wire.Beat(step=step, epoch=epoch, steps_per_second=rate, watched_share=share, busy=busy))
        time.sleep(EVERY)
