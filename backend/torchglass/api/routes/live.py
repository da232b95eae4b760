"""The live websocket of a run: commands in, events and pictures out."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Annotated

from fastapi import APIRouter, Query, WebSocket
from pydantic import ValidationError
from starlette.websockets import WebSocketDisconnect

from torchglass.api.context import context
from torchglass.api.link import Budget
from torchglass.api.wire import TRANSPORT
from torchglass.protocol.commands import COMMANDS
from torchglass.protocol.events import ProblemAnswer
from torchglass.sessions.client import Client
from torchglass.sessions.commands import obey
from torchglass.sessions.run import Run

router = APIRouter()
MAX_MALFORMED = 20
#: How often a picture that does not fit the budget looks again, in seconds.
_RETRY = 0.01


@router.websocket("/api/runs/{run_id}/live")
async def live(
    websocket: WebSocket,
    run_id: str,
    stream: Annotated[str | None, Query(max_length=64)] = None,
    seq: Annotated[int | None, Query()] = None,
) -> None:
    """``stream`` and ``seq`` name the last event that the client has; without them it gets the full picture."""
    shared = context(websocket)
    run = shared.runs.get(run_id)
    await websocket.accept()
    if run is None:
        await websocket.close(4404, "there is no such run")
        return
    client = Client()
    budget = Budget(getattr(websocket.state, TRANSPORT, None))
    run.join(client, stream, seq)
    tasks = {
        asyncio.create_task(_send(websocket, client, budget, shared.settings.read_within)),
        asyncio.create_task(_receive(websocket, run, client)),
    }
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        run.leave(client)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _send(websocket: WebSocket, client: Client, budget: Budget, patience: float) -> None:
    """Texts first, then the picture that has waited longest, as far as the budget goes."""
    try:
        while client.closing is None:
            async with asyncio.timeout(patience):
                await _send_waiting(websocket, client, budget)
            if client.peek_picture() is None:
                await client.something()
            elif budget.stalled() > patience:
                raise TimeoutError
            else:
                await client.something(_RETRY)
    except TimeoutError:
        client.close(1013, "nothing was read for too long")
    except (WebSocketDisconnect, RuntimeError, OSError):
        return
    code, reason = client.closing or (1011, "")
    with contextlib.suppress(Exception):
        async with asyncio.timeout(1.0):
            await websocket.close(code, reason)
    if code == 1013:
        budget.abort()


async def _send_waiting(websocket: WebSocket, client: Client, budget: Budget) -> None:
    """Everything that may go now."""
    while client.closing is None:
        text = client.next_text()
        if text is not None:
            await websocket.send_text(text)
            continue
        waiting = client.peek_picture()
        if waiting is None or not budget.admits(waiting[1].size):
            return
        watch, picture = waiting
        client.take_picture(watch)
        await websocket.send_bytes(picture.message(watch))


async def _receive(websocket: WebSocket, run: Run, client: Client) -> None:
    malformed = 0
    while client.closing is None:
        message = await websocket.receive()
        if message["type"] != "websocket.receive":
            return
        try:
            command = COMMANDS.validate_json(message.get("text") or "")
        except ValidationError as error:
            malformed += 1
            client.tell(_malformed(error).model_dump_json())
            if malformed > MAX_MALFORMED:
                client.close(1008, "too many messages that are no commands")
            continue
        client.tell(obey(run, client, command).model_dump_json())


def _malformed(error: ValidationError) -> ProblemAnswer:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    field = ".".join(str(part)[:40] for part in first["loc"][:6]) or None
    return ProblemAnswer(code="malformed", message=f"That is no command: {first['msg'][:200]}.", field=field)
