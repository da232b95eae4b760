"""Baselines, each order in a process of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

from torchglass.engine.base import Engine
from torchglass.engine.local import LocalEngine
from torchglass.protocol.baselines import FROM_FITTER, BaselineLine, Baselines, BaselinesEnded
from torchglass.sessions.jobs import told

#: Where such a process begins.
ENTRY = "torchglass.worker.fitting:main"


def fitter() -> Engine:
    """Starts processes that fit baselines; they come from the same forkserver as the workers."""
    return LocalEngine(entry=ENTRY)


def fit(engine: Engine, order: Baselines) -> AsyncIterator[BaselineLine]:
    """What is found, model by model; closing the iterator ends the process."""
    return told(engine, order, FROM_FITTER, lambda words: BaselinesEnded(message=words))
