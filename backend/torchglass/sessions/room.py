"""The clients on one run: numbers the events, keeps a bounded past for those who come back, fans out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from torchglass.ids import ClientId, StreamId, new_stream_id
from torchglass.protocol.base import Message
from torchglass.protocol.events import Hello, Pulse, Resumed
from torchglass.sessions.client import Client, Picture

RING_EVENTS = 2048
RING_BYTES = 4 * 1024 * 1024
MAX_CLIENTS = 1000

#: Builds the full picture for a client: (stream, seq, client id) -> Hello.
Greeting = Callable[[StreamId, int, ClientId], Hello]


class Room:
    """Fan-out of one run. Nothing here ever waits for a client."""

    def __init__(self, greeting: Greeting) -> None:
        self.stream: StreamId = new_stream_id()
        self.seq = 0
        self.clients: dict[ClientId, Client] = {}
        self._greeting = greeting
        self._ring: deque[tuple[int, str]] = deque()
        self._ring_bytes = 0

    def emit(self, kind: type[Message], **fields: Any) -> None:
        """Number one ordered event and queue it for everybody."""
        self.seq += 1
        text = kind.model_validate({"seq": self.seq, **fields}).model_dump_json()
        self._ring.append((self.seq, text))
        self._ring_bytes += len(text)
        while len(self._ring) > RING_EVENTS or (self._ring_bytes > RING_BYTES and len(self._ring) > 1):
            self._ring_bytes -= len(self._ring.popleft()[1])
        for client in list(self.clients.values()):
            client.tell(text)

    def join(self, client: Client, stream: str | None = None, seq: int | None = None) -> None:
        """Let a client in: what it missed if it names this stream and a number still kept, else everything."""
        if len(self.clients) >= MAX_CLIENTS:
            client.close(1013, f"this run already has {MAX_CLIENTS} viewers")
            return
        missed = self._missed(stream, seq)
        if missed is None:
            client.tell(self._greeting(self.stream, self.seq, client.id).model_dump_json())
        else:
            assert seq is not None
            client.tell(Resumed(stream=self.stream, seq=seq, client=client.id).model_dump_json())
            for text in missed:
                client.tell(text)
        self.clients[client.id] = client

    def _missed(self, stream: str | None, seq: int | None) -> list[str] | None:
        """The events after ``seq``; None where there would be a hole."""
        if stream != self.stream or seq is None or not 0 <= seq <= self.seq:
            return None
        oldest = self._ring[0][0] if self._ring else self.seq + 1
        if seq + 1 < oldest:
            return None
        return [text for number, text in self._ring if number > seq]

    def leave(self, client: Client) -> None:
        self.clients.pop(client.id, None)

    def pulse(self, pulse: Pulse) -> None:
        text = pulse.model_dump_json()
        for client in self.clients.values():
            client.tell_latest("pulse", text)

    def drop_pulse(self) -> None:
        """One that still waits tells of a step before what is told next."""
        for client in self.clients.values():
            client.drop_latest("pulse")

    def show(self, receivers: list[tuple[ClientId, int]], header: dict[str, Any], body: bytes) -> None:
        """Put one picture into the slots of those who watch it."""
        picture = Picture(header, body)
        for client_id, watch in receivers:
            client = self.clients.get(client_id)
            if client is not None:
                client.show(watch, picture)

    def close(self, code: int, reason: str) -> None:
        """Send everybody away."""
        for client in list(self.clients.values()):
            client.close(code, reason)
        self.clients.clear()
