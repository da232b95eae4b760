"""What the routes share, kept in the application's state."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from torchglass.api.sender import Pump
from torchglass.api.settings import Settings
from torchglass.engine.base import Engine
from torchglass.sessions.baselines import fitter
from torchglass.sessions.errors import RefusedError
from torchglass.sessions.exports import exporter
from torchglass.sessions.landscapes import surveyor
from torchglass.sessions.run import Run
from torchglass.sessions.runs import Runs
from torchglass.sessions.studies import student
from torchglass.sessions.sweeps import sweeper


@dataclass(frozen=True, slots=True)
class Context:
    """The settings and the runs of this server; what sends to its live clients; how many files may arrive, and be
    read, at once."""

    settings: Settings
    runs: Runs
    pump: Pump = field(default_factory=Pump)
    arriving: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(8))
    reading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    fetching: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    exporter: Engine = field(default_factory=exporter)
    exporting: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    sweeper: Engine = field(default_factory=sweeper)
    fitter: Engine = field(default_factory=fitter)
    fitting: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    surveyor: Engine = field(default_factory=surveyor)
    surveying: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    student: Engine = field(default_factory=student)
    studying: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    sweeping: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))


def context(connection: HTTPConnection) -> Context:
    """The context of the application that serves this connection."""
    found = connection.app.state.context
    assert isinstance(found, Context)
    return found


Shared = Annotated[Context, Depends(context)]


async def existing_run(run_id: str, shared: Shared) -> Run:
    """The run that a path names. Raises RefusedError ``no-such-run``."""
    run = await shared.runs.recall(run_id)
    if run is None:
        raise RefusedError("no-such-run", "There is no run of that name on this server (it may have been deleted).")
    return run


ExistingRun = Annotated[Run, Depends(existing_run)]
