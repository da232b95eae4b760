"""A file that arrives as the body of a request and is kept by its content."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from torchglass.api.context import Context
from torchglass.tables.errors import TableError
from torchglass.tables.library import Arriving, Library

#: Pieces are handed to the disk in portions of this size.
_PORTION = 512 * 1024


async def receive(request: Request, shared: Context, library: Library, name: str) -> dict[str, Any]:
    """Keep the body of the request; what is known of it. Raises TableError."""
    if shared.arriving.locked():
        raise TableError("tables-busy", "Many files arrive at this moment: try again in a few seconds.")
    async with shared.arriving:
        arriving = await asyncio.to_thread(library.arriving, name)
        try:
            await _take(request, arriving)
            async with shared.reading:
                return await asyncio.to_thread(arriving.finish)
        except ClientDisconnect:
            raise HTTPException(400, "The file did not arrive completely.") from None
        finally:
            await asyncio.to_thread(arriving.close)


async def _take(request: Request, arriving: Arriving) -> None:
    portion = bytearray()
    async for piece in request.stream():
        portion += piece
        if len(portion) >= _PORTION:
            await asyncio.to_thread(arriving.write, bytes(portion))
            portion.clear()
    await asyncio.to_thread(arriving.write, bytes(portion))


async def refuse_in_use(shared: Context, name: str, what: str, code: Any) -> None:
    """Raises TableError where a run learns from the file of that name."""
    names = await shared.runs.repository.mentioning(name)
    if names:
        listed = ", ".join(f"“{run}”" for run in names[:3]) + (" and others" if len(names) > 3 else "")
        raise TableError(code, f"{len(names)} run(s) learn from {what} ({listed}): delete them first.")
