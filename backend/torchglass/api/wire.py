"""Our uvicorn websocket protocol: the library's own, with the transport within reach of the route."""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

TRANSPORT = "torchglass.transport"


class LiveProtocol(WebSocketsSansIOProtocol):
    """The route needs the transport for two things that ASGI has no words for: how many bytes are still under
    way, and cutting off a client that does not read."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["state"][TRANSPORT] = self.transport
