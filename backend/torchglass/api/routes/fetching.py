"""Data sets that are fetched when somebody asks for them, told line by line."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from typing import Literal

import anyio
from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from torchglass.api.context import Context, Shared
from torchglass.api.strict import StrictRoute
from torchglass.pictures import fetched, fetching
from torchglass.pictures.fetched import SETS, Fetched
from torchglass.protocol.base import Message
from torchglass.tables.errors import TableError

router = APIRouter(route_class=StrictRoute)
_LINES = {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}
_DIED = "The process that fetched it ended unexpectedly; perhaps the machine is out of memory. Nothing was kept."


class FetchLine(Message):
    """``bytes`` have arrived, ``of`` so many if that is known; ``problem`` where it failed, in words."""

    stage: Literal["asking", "downloading", "reading", "done", "failed"]
    bytes: int = 0
    of: int | None = None
    problem: str | None = None


@router.post("/api/datasets/{kind}/fetch", response_class=StreamingResponse, responses={200: _LINES})
async def fetch_dataset(kind: str, shared: Shared) -> StreamingResponse:
    """Fetches a set from openml.org in a process of its own; one JSON object a line. Ends when the client leaves, and
    then nothing is kept."""
    if kind not in SETS:
        raise TableError(
            "no-such-pictures", f"There is no data set “{kind[:60]}” that is fetched; {', '.join(SETS)} are."
        )
    return StreamingResponse(_lines(SETS[kind], shared), media_type="application/x-ndjson")


async def _lines(wanted: Fetched, shared: Context) -> AsyncIterator[str]:
    async with shared.fetching:
        if wanted.is_here():
            yield _line(FetchLine(stage="done"))
            return
        arguments = [wanted.kind, str(wanted.folder), fetched.ENDPOINT]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", fetching.__name__, *arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        last = FetchLine(stage="asking")
        try:
            assert process.stdout is not None
            async for raw in process.stdout:
                last = FetchLine.model_validate_json(raw)
                yield _line(last)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            with anyio.CancelScope(shield=True):  # whoever left does not keep us from clearing away
                await process.wait()
                await asyncio.to_thread(wanted.forget_part)
        if last.stage not in ("done", "failed"):
            yield _line(FetchLine(stage="failed", problem=_DIED))


def _line(line: FetchLine) -> str:
    return line.model_dump_json() + "\n"
