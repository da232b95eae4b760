"""A browser's side of the live websocket, for tests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from torchglass.protocol.frames import FrameHeader, unpack_frame

Event = dict[str, Any]


def single_steps(series: dict[str, Any]) -> dict[int, float]:
    """The points of a curve that stand for exactly one step: on a busy machine some are means of a few."""
    steps = [0, *series["steps"]]
    single = zip(steps, steps[1:], series["values"], strict=False)
    return {step: value for before, step, value in single if step == before + 1}


class LiveClient:
    """Reads everything as it comes; keeps the events in order and the newest frame of every watch."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.events: list[Event] = []
        self.frames: list[tuple[FrameHeader, bytes]] = []
        self._arrived = asyncio.Condition()
        self._next = 1
        self._reader = asyncio.create_task(self._read())

    @staticmethod
    @asynccontextmanager
    async def connect(host: str, token: str, run: str, **options: Any) -> AsyncIterator[LiveClient]:
        query = "&".join(f"{key}={value}" for key, value in options.items())
        url = f"ws://{host}/api/runs/{run}/live" + (f"?{query}" if query else "")
        headers = {"authorization": f"Bearer {token}"}
        async with connect(url, additional_headers=headers, max_size=None, compression=None, close_timeout=1) as socket:
            client = LiveClient(socket)
            try:
                yield client
            finally:
                client._reader.cancel()
                await asyncio.gather(client._reader, return_exceptions=True)

    async def _read(self) -> None:
        try:
            async for message in self.socket:
                async with self._arrived:
                    if isinstance(message, bytes):
                        header, body = unpack_frame(message)
                        self.frames.append((header, bytes(body)))
                    else:
                        self.events.append(json.loads(message))
                    self._arrived.notify_all()
        finally:
            async with self._arrived:
                self._arrived.notify_all()

    async def until(self, wanted: Callable[[LiveClient], Any], patience: float = 60.0) -> Any:
        """Wait until ``wanted(self)`` is true, and return it."""
        async with asyncio.timeout(patience), self._arrived:
            while not (found := wanted(self)):
                assert not self._reader.done(), f"closed: {self.socket.close_code}"
                await self._arrived.wait()
            return found

    async def event(self, kind: str, after: int = 0, **fields: Any) -> Event:
        """The first event of that type with those fields, from the ``after``-th event on."""

        def found(client: LiveClient) -> Event | None:
            for event in client.events[after:]:
                if event["type"] == kind and all(event.get(key) == value for key, value in fields.items()):
                    return event
            return None

        result: Event = await self.until(found)
        return result

    async def ask(self, kind: str, **fields: Any) -> Event:
        """Send a command and wait for its answer."""
        number = self._next
        self._next += 1
        await self.socket.send(json.dumps({"type": kind, "id": number, **fields}))
        result: Event = await self.until(
            lambda client: next((event for event in client.events if event.get("id") == number), None)
        )
        return result

    @property
    def steps(self) -> list[int]:
        """Every step of the training loss that arrived, in order."""
        found: list[int] = []
        for event in self.events:
            if event["type"] in ("metrics", "hello"):
                found += event["series"].get("train.loss", {"steps": []})["steps"]
            elif event["type"] == "reset":
                found = [step for step in found if step <= event["step"]]
        return found
