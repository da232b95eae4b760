"""Studies of a run as it stands, told while they are done."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from torchglass.api.context import Context, ExistingRun, Shared
from torchglass.api.strict import StrictRoute
from torchglass.protocol.studies import Study, Wanted
from torchglass.sessions.studies import studied
from torchglass.tables.library import LIBRARY

router = APIRouter(route_class=StrictRoute)
_LINES = {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}


@router.post("/api/runs/{run_id}/study", response_class=StreamingResponse, responses={200: _LINES})
async def study(wanted: Wanted, run: ExistingRun, shared: Shared) -> StreamingResponse:
    """Of the run's newest checkpoint, at most five seconds old; one JSON object a line: ``begun``, what is found …,
    ``ended``. Ends when the client leaves. The run goes on untouched."""
    order = Study(
        experiment=run.document.experiment.model_dump(mode="json"),
        directory=str(run.directory),
        wanted=wanted,
        tables=str(LIBRARY.folder),
    )
    return StreamingResponse(_lines(order, shared), media_type="application/x-ndjson")


async def _lines(order: Study, shared: Context) -> AsyncIterator[str]:
    async with shared.studying:
        async for line in studied(shared.student, order):
            yield line.model_dump_json() + "\n"
