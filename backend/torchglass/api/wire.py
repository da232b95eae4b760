"""Our uvicorn protocols: the library's own, with bounds on what a hostile or broken client can make them do."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State

from torchglass.api.link import Budget

WIRE = "torchglass.wire"
MAX_MESSAGE = 1024 * 1024
#: Seconds in which the headers of a request must arrive.
HEADERS_WITHIN = 15.0
#: Frames of a client: so many at once, and so many a second for good. A page sends 60 a second at most.
BURST, FRAMES_PER_SECOND = 2000, 500
#: Read this much at a time, so that one client holds up the others for a millisecond or two at most.
_PIECE = 16 * 1024
#: Seconds a client has to read why it was sent away.
_PARTING = 3.0
#: Seconds between two pings, and how long nothing may come back or get through before a client counts as gone.
PING_EVERY, SILENCE = 3.0, 8.0
#: How often the second is looked at, in seconds.
_LOOK = 1.0


def server_config(app: ASGIApp, **more: Any) -> uvicorn.Config:
    """How every Torchglass server speaks http and websocket."""
    return uvicorn.Config(
        app,
        http=BoundedHttp,
        ws=LiveProtocol,
        ws_max_size=MAX_MESSAGE,
        ws_per_message_deflate=False,
        ws_ping_interval=PING_EVERY,
        ws_ping_timeout=_LOOK,
        server_header=False,
        proxy_headers=False,
        access_log=False,
        **more,
    )


class BoundedHttp(H11Protocol):
    """Cuts a connection whose request does not arrive."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._deadline = self.loop.call_later(HEADERS_WITHIN, transport.abort)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._disarm()
        elif self._deadline is None and self.conn.trailing_data[0]:
            self._deadline = self.loop.call_later(HEADERS_WITHIN, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class LiveProtocol(WebSocketsSansIOProtocol):
    """The live route needs more than ASGI has words for: how many bytes are still under way, cutting off a client
    that does not read, and sending one framed message to hundreds of clients without copying it (``post``).
    Frames are counted, whatever they are: empty fragments and pings cost as much as commands."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.close_timeout = _PARTING
        self._allowance = float(BURST)
        self._counted = self.loop.time()
        #: Bytes posted, and of these: how many have arrived, and how many will have when the ping has.
        self._posted, self._arrived, self._ping_end = 0, 0, 0
        self._progress = 0.0

    def send_keepalive_ping(self) -> None:
        super().send_keepalive_ping()
        self._progress, self._arrived, self._ping_end = self.loop.time(), self._arrives(), self._posted

    def keepalive_timeout(self) -> None:
        """The ping is not answered yet. On a slow link it stands in a queue of which bytes keep arriving; a client
        that is gone, or that reads nothing, is cut off without waiting for what it will never take."""
        self.pong_timer = None
        if self.close_sent or self.transport.is_closing():
            return
        arrived, now = self._arrives(), self.loop.time()
        if self.read_paused or (arrived > self._arrived and self._arrived < self._ping_end):
            self._progress = now
        self._arrived = arrived
        if now - self._progress > SILENCE:
            Budget(self.transport).abort()
        else:
            self.pong_timer = self.loop.call_later(_LOOK, self.keepalive_timeout)

    def _arrives(self) -> int:
        return self._posted - Budget(self.transport).under_way()

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["state"][WIRE] = self

    def post(self, framed: bytes) -> bool:
        """Send a whole message as ``framed_text`` or ``framed_binary`` made it; False once the connection closes."""
        if self.close_sent or self.conn.state is not State.OPEN or self.transport.is_closing():
            return False
        self.transport.write(framed)
        self._posted += len(framed)
        return True

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), _PIECE):
            super().data_received(data[start : start + _PIECE])
            if self.transport.is_closing():
                return

    def handle_events(self) -> None:
        now = self.loop.time()
        self._allowance = min(BURST, self._allowance + (now - self._counted) * FRAMES_PER_SECOND)
        self._counted = now
        self._allowance -= len(self.conn.events)
        if self._allowance < 0:
            self.conn.events_received()
            self._send_away(1008, "too many messages at once")
            return
        super().handle_events()

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text" and not _is_text(b"".join(self.frames)):
            self.frames = []
            self._send_away(1007, "that is no UTF-8")
            return
        super().send_receive_event_to_app()

    def handle_parser_exception(self) -> None:
        super().handle_parser_exception()
        self.loop.call_later(_PARTING, self.transport.abort)

    def _send_away(self, code: int, reason: str) -> None:
        if self.conn.close_sent is None:
            self.conn.fail(code, reason)
        self.handle_parser_exception()


def framed_binary(message: bytes) -> bytes:
    """A binary message as a server puts it on the wire: unmasked, so the same for everybody."""
    return Frame(Opcode.BINARY, message).serialize(mask=False)


@lru_cache(maxsize=16)
def framed_text(text: str) -> bytes:
    """The same for a text; an event goes to every client of a room in turn, so the last few are kept."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
