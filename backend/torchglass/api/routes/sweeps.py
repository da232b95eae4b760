"""Sweeps: many networks side by side, told line by line while they train."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from torchglass.api.context import Context, Shared
from torchglass.api.strict import StrictRoute
from torchglass.catalog import parse_experiment, require
from torchglass.protocol.base import Message
from torchglass.protocol.sweep import Sweep, SweepBegun, SweepRequest
from torchglass.sessions.sweeps import labels, plan, train
from torchglass.tables.library import LIBRARY

router = APIRouter(route_class=StrictRoute)
_LINES = {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}


@router.post("/api/sweeps", response_class=StreamingResponse, responses={200: _LINES})
async def sweep(wanted: SweepRequest, shared: Shared) -> StreamingResponse:
    """Trains every network of the grid in a process of its own; one JSON object a line: ``begun``, ``news`` …,
    ``ended``. Ends when the client leaves."""
    begun, order = await asyncio.to_thread(_planned, wanted)
    return StreamingResponse(_lines(begun, order, shared), media_type="application/x-ndjson")


def _planned(wanted: SweepRequest) -> tuple[SweepBegun, Sweep]:
    experiment = parse_experiment(wanted.experiment)
    require(experiment)
    networks = plan(wanted, experiment)
    begun = SweepBegun(networks=[one for one, _ in networks], labels=labels(wanted, experiment), steps=wanted.steps)
    raw = [one.model_dump(mode="json") for _, one in networks]
    order = Sweep(experiments=raw, steps=wanted.steps, baselines=wanted.baselines, tables=str(LIBRARY.folder))
    return begun, order


async def _lines(begun: SweepBegun, order: Sweep, shared: Context) -> AsyncIterator[str]:
    yield _line(begun)
    async with shared.sweeping:
        async for line in train(shared.sweeper, order):
            yield _line(line)


def _line(message: Message) -> str:
    return message.model_dump_json() + "\n"
