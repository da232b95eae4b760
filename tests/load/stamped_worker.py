"""The real worker, with one more way of looking: pictures of any size that carry the time of their making."""

from __future__ import annotations

import socket
import struct
import time
from typing import Annotated

import numpy as np
from pydantic import Field

from torchglass.probes import base
from torchglass.probes.base import PROBES, Capture, Picture, Probe, Target


class Stamped(Probe):
    kind = "stamped"
    label = "Stamped"
    summary = "As many bytes as asked for; the first eight hold the time."
    scope = "network"

    class Config(base.Config):
        size: Annotated[int, Field(ge=16, le=10**6)] = 50_000

    def capture(self, target: Target, capture: Capture) -> Picture:
        values = np.zeros(self.config.size, np.uint8)
        values[:8] = np.frombuffer(struct.pack("<d", time.monotonic()), np.uint8)
        return Picture(values, ("D",), signed=False)


def main(sock: socket.socket) -> None:
    """Entry point of the worker process."""
    PROBES.entries[Stamped.kind] = Stamped
    from torchglass.worker.main import main as work

    work(sock)
