"""Reads a request's body while counting: what is too large or too slow is cut off before any route sees it."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from torchglass.api.problems import problem


class BodyLimit:
    """Pure ASGI. ``limit`` in bytes, ``within`` in seconds."""

    def __init__(self, app: ASGIApp, limit: int, within: float) -> None:
        self.app = app
        self.limit = limit
        self.within = within

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
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


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay
