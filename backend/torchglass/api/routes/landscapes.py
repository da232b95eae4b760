"""The landscape of the loss around a run, told row by row while it is measured."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from torchglass.api.context import Context, ExistingRun, Shared
from torchglass.api.strict import StrictRoute
from torchglass.protocol.landscape import Landscape, LandscapeRequest
from torchglass.sessions.landscapes import survey
from torchglass.tables.library import LIBRARY

router = APIRouter(route_class=StrictRoute)
_LINES = {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}


@router.post("/api/runs/{run_id}/landscape", response_class=StreamingResponse, responses={200: _LINES})
async def landscape(wanted: LandscapeRequest, run: ExistingRun, shared: Shared) -> StreamingResponse:
    """Of the run's newest checkpoint, at most five seconds old; one JSON object a line: ``begun``, ``rows`` …,
    ``ended``. Ends when the client leaves. The run goes on untouched."""
    order = Landscape(
        experiment=run.document.experiment.model_dump(mode="json"),
        directory=str(run.directory),
        wanted=wanted,
        tables=str(LIBRARY.folder),
    )
    return StreamingResponse(_lines(order, shared), media_type="application/x-ndjson")


async def _lines(order: Landscape, shared: Context) -> AsyncIterator[str]:
    async with shared.surveying:
        async for line in survey(shared.surveyor, order):
            yield line.model_dump_json() + "\n"
