"""Landscapes of the loss, each measured in a process of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

from torchglass.engine.base import Engine
from torchglass.engine.local import LocalEngine
from torchglass.protocol.landscape import FROM_SURVEYOR, Landscape, LandscapeEnded, LandscapeLine
from torchglass.sessions.jobs import told

#: Where such a process begins.
ENTRY = "torchglass.worker.surveying:main"


def surveyor() -> Engine:
    """Starts processes that measure landscapes; they come from the same forkserver as the workers."""
    return LocalEngine(entry=ENTRY)


def survey(engine: Engine, order: Landscape) -> AsyncIterator[LandscapeLine]:
    """What is found, until all is; closing the iterator ends the process."""
    return told(engine, order, FROM_SURVEYOR, lambda words: LandscapeEnded(message=words))
