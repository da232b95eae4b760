"""Reads a request's body while counting: what is too large or too slow is cut off before any route sees it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from torchglass.api.problems import problem
from torchglass.sessions.errors import RefusedError

#: What is still read of a body after its answer: so many seconds, so many bytes.
_PARTING_SECONDS, _PARTING_BYTES = 1.0, 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Streamed:
    """A path whose body goes to its route piece by piece: at most so many bytes, each piece within so many seconds."""

    path: str
    limit: int
    within: float = 30.0
    #: What is said of a larger one.
    words: str = ""


class BodyLimit:
    """Pure ASGI. ``limit`` in bytes, ``within`` in seconds."""

    def __init__(self, app: ASGIApp, limit: int, within: float, streamed: Sequence[Streamed] = ()) -> None:
        self.app = app
        self.limit = limit
        self.within = within
        self.streamed = {one.path: one for one in streamed}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        if (streamed := self.streamed.get(scope["path"])) is not None:
            await self._stream(streamed, scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        too_large = problem(413, "too-large", f"A request may hold at most {self.limit // 1024} kB.")
        if not declared.isdigit() or int(declared[:20]) > self.limit:
            await too_large(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self.within):
                body = await self._read(receive)
        except TimeoutError:
            await problem(408, "too-slow", "The request took too long to arrive.")(scope, receive, send)
            return
        if body is None:
            await too_large(scope, receive, send)
            return
        await self.app(scope, _replay(body, receive), send)

    async def _stream(self, streamed: Streamed, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the pieces on while they are few; what is cut off is told why before its connection ends."""
        more, taken = True, 0

        async def counted() -> Message:
            nonlocal more, taken
            try:
                async with asyncio.timeout(streamed.within):
                    message = await receive()
            except TimeoutError:
                raise RefusedError("too-slow", "The request took too long to arrive.") from None
            taken += len(message.get("body", b""))
            more = bool(message.get("more_body", False))
            if taken > streamed.limit:
                raise RefusedError("too-large", streamed.words)
            return message

        declared = Headers(scope=scope).get("content-length", "0")
        leaving = _parting(send, receive, lambda: more)
        if not declared.isdigit() or int(declared[:20]) > streamed.limit:
            await problem(413, "too-large", streamed.words)(scope, receive, leaving)
            return
        await self.app(scope, counted, leaving)

    async def _read(self, receive: Receive) -> bytes | None:
        """The whole body; None where it is too large."""
        pieces = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return bytes(pieces)
            pieces += message.get("body", b"")
            if len(pieces) > self.limit:
                return None
            if not message.get("more_body", False):
                return bytes(pieces)


def _parting(send: Send, receive: Receive, more: Callable[[], bool]) -> Send:
    """An answer to a request whose body is not through closes the connection; a little of what still comes is read
    and dropped first, or the client would find its connection reset before it has read the answer."""
    closing = False

    async def last(message: Message) -> None:
        nonlocal closing
        if message["type"] == "http.response.start" and more():
            closing = True
            message = {**message, "headers": [*message.get("headers", []), (b"connection", b"close")]}
        if closing and message["type"] == "http.response.body" and not message.get("more_body", False):
            await send({**message, "more_body": True})
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PARTING_SECONDS):
                    await _drop(receive)
            message = {"type": "http.response.body", "body": b"", "more_body": False}
        await send(message)

    return last


async def _drop(receive: Receive) -> None:
    left = _PARTING_BYTES
    while left > 0:
        message = await receive()
        left -= len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay
