"""Studies of a run, each in a process of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

from torchglass.engine.base import Engine
from torchglass.engine.local import LocalEngine
from torchglass.protocol.studies import FROM_STUDY, Study, StudyEnded, StudyLine
from torchglass.sessions.jobs import told

#: Where such a process begins.
ENTRY = "torchglass.worker.studying:main"


def student() -> Engine:
    """Starts processes that study runs; they come from the same forkserver as the workers."""
    return LocalEngine(entry=ENTRY)


def studied(engine: Engine, order: Study) -> AsyncIterator[StudyLine]:
    """What is found, until all is; closing the iterator ends the process."""
    return told(engine, order, FROM_STUDY, lambda words: StudyEnded(message=words))
