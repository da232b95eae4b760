"""Classical models on the same split as a run: was a network needed?"""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from torchglass.api.context import Context, ExistingRun, Shared
from torchglass.api.strict import StrictRoute
from torchglass.protocol.baselines import Baselines
from torchglass.sessions.baselines import fit
from torchglass.tables.library import LIBRARY

router = APIRouter(route_class=StrictRoute)
_LINES = {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}


@router.post("/api/runs/{run_id}/baselines", response_class=StreamingResponse, responses={200: _LINES})
async def baselines(run: ExistingRun, shared: Shared) -> StreamingResponse:
    """One JSON object a line: ``begun``, ``fitted`` …, ``ended``. Ends when the client leaves, and after a minute. The
    run goes on untouched."""
    order = Baselines(experiment=run.document.experiment.model_dump(mode="json"), tables=str(LIBRARY.folder))
    return StreamingResponse(_lines(order, shared), media_type="application/x-ndjson")


async def _lines(order: Baselines, shared: Context) -> AsyncIterator[str]:
    async with shared.fitting:
        async for line in fit(shared.fitter, order):
            yield line.model_dump_json() + "\n"
