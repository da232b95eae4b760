"""The live websocket of a run: commands in, events and pictures out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Annotated

from fastapi import APIRouter, Query, WebSocket
from pydantic import ValidationError

from torchglass.api.context import context
from torchglass.api.sender import Sender
from torchglass.api.wire import WIRE
from torchglass.protocol import commands
from torchglass.protocol.commands import COMMANDS
from torchglass.protocol.events import Ack, Answer, ProblemAnswer
from torchglass.sessions.client import Client
from torchglass.sessions.commands import obey
from torchglass.sessions.errors import RefusedError
from torchglass.sessions.recalled import NOT_SAVED
from torchglass.sessions.run import Run
from torchglass.store.errors import NotSavedError, StoreError

router = APIRouter()
MAX_MALFORMED = 20
_MOST_FAULTS = 1000
#: Commands whose effect must be on disk before they are acknowledged, and how many of one client may wait for that.
LASTING = (commands.Set, commands.Edit, commands.Assign, commands.Reset, commands.Rewind, commands.Speed)
_MOST_UNSAVED = 64
#: What is acknowledged once it is on disk: a change that was made, or one that the worker has yet to make.
Lasting = Ack | asyncio.Task[Answer]


@router.websocket("/api/runs/{run_id}/live")
async def live(
    websocket: WebSocket,
    run_id: str,
    stream: Annotated[str | None, Query(max_length=64)] = None,
    seq: Annotated[int | None, Query()] = None,
) -> None:
    """``stream`` and ``seq`` name the last event that the client has; without them it gets the full picture."""
    shared = context(websocket)
    await websocket.accept()
    try:
        run = await shared.runs.recall(run_id)
    except (RefusedError, StoreError) as error:
        await websocket.close(1013, str(error)[:100])
        return
    if run is None:
        await websocket.close(4404, "there is no such run")
        return
    client = Client()
    sender = Sender(client, getattr(websocket.state, WIRE), shared.pump, shared.settings.read_within)
    acknowledgements: asyncio.Queue[Lasting] = asyncio.Queue(_MOST_UNSAVED)
    run.join(client, stream, seq)
    tasks = {
        asyncio.create_task(sender.ended.wait()),
        asyncio.create_task(_receive(websocket, run, client, acknowledgements)),
        asyncio.create_task(_acknowledge(run, client, acknowledgements)),
    }
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        run.leave(client)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if client.closing is not None:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(1.0):
                    await websocket.close(*client.closing)
        sender.leave()


async def _receive(websocket: WebSocket, run: Run, client: Client, acknowledgements: asyncio.Queue[Lasting]) -> None:
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
        answer = obey(run, client, command)
        if isinstance(answer, Coroutine):
            await acknowledgements.put(asyncio.create_task(answer))
        elif isinstance(answer, Ack) and isinstance(command, LASTING):
            await acknowledgements.put(answer)
        else:
            client.tell(answer.model_dump_json())


async def _acknowledge(run: Run, client: Client, waiting: asyncio.Queue[Lasting]) -> None:
    """Say that a change is done once it is on disk; what comes meanwhile is acknowledged together with the next."""
    while True:
        done = [await waiting.get()]
        while not waiting.empty():
            done.append(waiting.get_nowait())
        answers = [answer if isinstance(answer, Ack) else await answer for answer in done]
        try:
            await run.committed()
        except NotSavedError as error:
            message = f"The change is in effect but not saved yet: {error}. It is saved as soon as that is over."
            for answer in answers:
                client.tell(ProblemAnswer(id=answer.id, code=NOT_SAVED, message=message).model_dump_json())
            continue
        for answer in answers:
            client.tell(answer.model_dump_json())


def _malformed(error: ValidationError) -> ProblemAnswer:
    if error.error_count() > _MOST_FAULTS:  # telling the first would mean to write all of them out
        return ProblemAnswer(code="malformed", message=f"That is no command: it has {error.error_count():,} faults.")
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    field = ".".join(str(part)[:40] for part in first["loc"][:6]) or None
    return ProblemAnswer(code="malformed", message=f"That is no command: {first['msg'][:200]}.", field=field)
